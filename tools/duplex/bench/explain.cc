// What a bench would do with its arguments, and what theory expects of it.
#include "explain.h"

#include <algorithm>
#include <chrono>

#include "../units.h"
#include "cells.h"
#include "measure/format.h"
#include "measure/statistics.h"
#include "measure/table.h"
#include "warm_up.h"
#include "wire_prediction.h"

namespace duplex::tools {
namespace {

using measure::Seconds;

std::string duration(Seconds time) { return measure::format_duration(time); }

bool has(const std::vector<ArmSpec>& arms, measure::Transport transport) {
  return std::ranges::any_of(arms, [=](const ArmSpec& arm) { return arm.transport == transport; });
}

// A title, and its text in lines below it.
std::string part(std::string_view title, std::string_view text) {
  constexpr std::size_t columns = 96;
  std::string out(title);
  std::size_t column = columns;  // the title's line is full
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::size_t width = measure::display_width(text.substr(0, end));
    if (column + 1 + width > columns) {
      out += "\n ";
      column = 1;
    }
    out.append(" ").append(text.substr(0, end));
    column += 1 + width;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n\n";
}

std::string open_loop(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  std::string text =
      "The feed is an open loop: " + measure::format_rate(options.rate) +
      (options.poisson ? " at random instants (Poisson)" : " at equal gaps") +
      ", drawn beforehand (seed " + std::to_string(options.seed) +
      ") and kept whatever server, link and clients do. A latency begins at the instant at which "
      "an event was meant to be, not when somebody got round to it: what is late counts, and "
      "nothing is corrected afterwards. Polls wait for their answers, but events do not wait for "
      "polls, and what is measured is events, never requests.";
  if (has(arms, measure::Transport::echo)) text += " The echo sends on a schedule like that, too.";
  if (has(arms, measure::Transport::closed_echo)) {
    text +=
        " echo-closed is a closed loop, on purpose: while an answer is late it asks for "
        "nothing, and so hides what it would have waited (coordinated omission).";
  }
  return part("Open loop", text);
}

std::string clock(const BenchOptions& options, const std::string& cost) {
  std::string text =
      "CLOCK_MONOTONIC at both ends, read when an event is complete at its client. "
      "A look at it costs " +
      cost + " here; every latency has one in it. ";
  if (options.server.empty()) {
    text += "Server and clients are processes of this machine, so it is one clock.";
  } else {
    text += "That of " + options.server +
            " is compared with ours before the first block. If it is another one, so again every " +
            spell_duration(ServerClock::interval) +
            ", a time one way is known to half of the quickest round trip, and smaller ones are "
            "not shown; the echo's, there and back, are by our clock alone.";
  }
  return part("Clock", text);
}

std::string rounds(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  measure::Random random(options.seed);
  const auto blocks = plan_blocks(options, arms, random);
  const auto shorter = [](const PlannedBlock& a, const PlannedBlock& b) {
    return a.length < b.length;
  };
  const auto [shortest, longest] = std::ranges::minmax_element(blocks, shorter);
  std::string lengths = duration(shortest->length);
  if (longest->length > shortest->length) {
    lengths += ", those of long polls " + duration(longest->length) +
               ", as all of their clients wait for the same answers";
  }
  const std::string order =
      options.order == "sequential"
          ? "Each arm has all of its rounds at once: what the machine does meanwhile looks like a "
            "difference. "
          : "In each round every arm has one block, in random order, so that what the machine does "
            "meanwhile meets all of them. ";
  return part("Rounds", std::to_string(arms.size()) + " arms, WebSocket twice, " +
                            std::to_string(options.rounds) + " rounds, " +
                            std::to_string(blocks.size()) + " blocks of " + lengths + ": " +
                            duration(options.duration) + " of measuring. " + order +
                            "An arm has no connections between its blocks.");
}

std::string warm_up(const BenchOptions& options) {
  if (options.warm_up.count() == 0) return part("Warm-up", "None (--warmup 0).");
  return part("Warm-up",
              "WebSocket runs unmeasured until 2 s and 1000 deliveries have passed and "
              "the medians of two half-seconds in a row are within 5 %; " +
                  duration(options.warm_up) + " at most.");
}

// How many events an arm may hope for, beside those that a percentile needs.
std::string percentile(double share, double events) {
  const std::int64_t needed = measure::minimum_sample_size(share);
  return "p" + measure::fixed(100 * share, 0) + " needs " + std::to_string(needed) + " (" +
         (events < static_cast<double>(needed) ? "not reached" : "reached") + ")";
}

std::string intervals(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  double weights = 0;
  for (const ArmSpec& arm : arms) weights += arm.weight;
  const double events = options.rate * Seconds(options.duration).count() / weights;
  std::string text =
      "A block is one witness, however many events it has. The mean is that of all deliveries; "
      "p50 and the median round are medians over blocks, the ratio to WebSocket is the median of "
      "the ratios within each round, each with a "
      "95 % interval by bootstrap (10,000 draws). Percentiles lie between order statistics, and "
      "are shown once ten events lie beyond: of about " +
      measure::significant(events) + " events of an arm" +
      (weights > static_cast<double>(arms.size()) ? " (twice as many of long polls), " : ", ") +
      percentile(0.95, events) + ", " + percentile(0.99, events) +
      ". WebSocket against itself (A/A) gives the noise: what differs by less is not "
      "distinguishable.";
  const std::string doubt = doubt_of(options.rounds);
  return part("Intervals", doubt.empty() ? text : text + " " + doubt);
}

std::string flags(const ReportOptions& report) {
  return part("Flagged",
              "Beside the clients a thread sleeps 1 ms again and again. A block in which it woke "
              "later than five times the block's median latency, and than 1 ms, is flagged: the "
              "machine stood still for longer than what is measured. Flagged blocks are counted, "
              "and " +
                  std::string(report.discard_noisy ? "left out, as --discard-noisy says."
                                                   : "stay in, unless --discard-noisy is given."));
}

measure::Table predictions(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  measure::Table table({{.heading = "predicted", .align = measure::Align::left},
                        {.heading = "mean"},
                        {.heading = "p50"},
                        {.heading = "p95"},
                        {.heading = "max"},
                        {.heading = "age"},
                        {.heading = "first event"},
                        {.heading = "req/ev"},
                        {.heading = "empty polls"},
                        {.heading = "on the wire"}});
  const auto optional_cell = [](const std::optional<double>& value, std::string (*spell)(double)) {
    return value ? spell(*value) : std::string(no_figure);
  };
  const auto time = [](double seconds) { return duration(Seconds(seconds)); };
  for (const ArmSpec& arm : arms) {
    if (arm.control) continue;
    const ArmPrediction each = prediction_of(arm, options);
    const auto quantile = [&each](double share) {
      return each.latency ? duration(each.latency->quantile(share)) : std::string(no_figure);
    };
    table.add_row({label_of(arm), time(each.mean), quantile(0.5), quantile(0.95), quantile(1),
                   optional_cell(each.mean_age, +time), optional_cell(each.first_event, +time),
                   measure::significant(each.requests_per_event),
                   measure::format_share(each.empty_share),
                   optional_cell(predicted_wire_bytes(arm, options), measure::format_bytes)});
  }
  return table;
}

}  // namespace

std::string explanation(const BenchOptions& options, const std::vector<ArmSpec>& arms,
                        const ReportOptions& report, const std::string& clock_cost) {
  return "What `duplex bench` would do with these arguments; nothing is measured.\n\n" +
         open_loop(options, arms) + clock(options, clock_cost) + warm_up(options) +
         rounds(options, arms) + intervals(options, arms) + flags(report) +
         predictions(options, arms).text() +
         "\nThat is the way and the waiting; what machine and programs take comes on top.\n";
}

}  // namespace duplex::tools
