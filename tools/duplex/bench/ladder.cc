// Where the microseconds of a frame go.
#include "ladder.h"

#include <algorithm>

#include "measure/format.h"
#include "measure/statistics.h"

namespace duplex::tools {
namespace {

using std::chrono::nanoseconds;
using Samples = std::array<std::vector<double>, ladder_step_count>;

constexpr auto sent_step = static_cast<std::size_t>(LadderStep::sent);
constexpr auto last_step = static_cast<std::size_t>(LadderStep::acknowledged);

// A read that ends with the same byte has brought this piece, and nothing behind it.
void add_reading(SentPiece& piece, const std::vector<ReadPiece>& reads) {
  const auto found =
      std::lower_bound(reads.begin(), reads.end(), piece.end,
                       [](const ReadPiece& read, std::uint64_t end) { return read.end < end; });
  if (found == reads.end() || found->end != piece.end) return;
  piece.stamp(LadderStep::received, found->received);
  piece.stamp(LadderStep::delivered, found->delivered);
}

bool is_complete(const SentPiece& piece) {
  return std::all_of(piece.steps.begin(), piece.steps.end(),
                     [](const auto& step) { return step.has_value(); });
}

double seconds(nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

void add_sample(const SentPiece& piece, Samples& at, Samples& took) {
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    const nanoseconds before = i == 0           ? piece.called
                               : i == last_step ? *piece.steps[sent_step]
                                                : *piece.steps[i - 1];
    at[i].push_back(seconds(*piece.steps[i] - piece.called));
    took[i].push_back(seconds(*piece.steps[i] - before));
  }
}

double quantile(std::vector<double>& sample, double share) {
  std::sort(sample.begin(), sample.end());
  return measure::sorted_quantile(sample, share);
}

}  // namespace

Ladder make_ladder(const SentPieces& sent, const ReadPieces& read) {
  Ladder ladder;
  Samples at;
  Samples took;
  for (const auto& [port, pieces] : sent) {
    const auto reads = read.find(port);
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      SentPiece piece = pieces[i];
      if (reads != read.end()) add_reading(piece, reads->second);
      if (!is_complete(piece)) {
        ++ladder.dropped;
        continue;
      }
      ++ladder.frames;
      add_sample(piece, at, took);
    }
  }
  if (ladder.frames == 0) return ladder;
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    ladder.rows[i] = {.at_p50 = quantile(at[i], 0.5),
                      .at_p99 = quantile(at[i], 0.99),
                      .took_p50 = quantile(took[i], 0.5)};
  }
  return ladder;
}

std::string ladder_note(const std::optional<Ladder>& ladder) {
  if (!ladder) return {};
  if (ladder->frames == 0) return "ladder: the kernel stamps no packets here\n";
  return "ladder: " + std::to_string(ladder->frames) +
         " WebSocket frames over loopback by SO_TIMESTAMPING; " + std::to_string(ladder->dropped) +
         " could not be followed\n";
}

measure::Table ladder_table(const Ladder& ladder) {
  measure::Table table({{.heading = "frame since send()", .align = measure::Align::left},
                        {.heading = "p50"},
                        {.heading = "p99"},
                        {.heading = "step p50"}});
  if (ladder.frames == 0) return table;
  const auto cell = [](double time) { return measure::format_duration(measure::Seconds(time)); };
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    const LadderRow& row = ladder.rows[i];
    table.add_row({std::string(ladder_step_names[i]), cell(row.at_p50), cell(row.at_p99),
                   cell(row.took_p50)});
  }
  return table;
}

}  // namespace duplex::tools
