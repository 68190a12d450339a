// Figures of a reconnect storm; see storm.h.
#include "storm.h"

#include <algorithm>
#include <cmath>

#include "measure/format.h"

namespace duplex::tools {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds window = std::chrono::milliseconds(100);
constexpr double most = 0.99;  // of the clients

double in_seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// The most that lie within a window, of instants in order.
std::size_t densest(const std::vector<nanoseconds>& instants) {
  std::size_t densest = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < instants.size(); ++i) {
    while (instants[i] - instants[first] >= window) ++first;
    densest = std::max(densest, i - first + 1);
  }
  return densest;
}

std::string duration(double seconds) { return measure::format_duration(measure::Seconds(seconds)); }

}  // namespace

socketio::BackoffOptions backoff_of(const StormOptions& options) {
  socketio::BackoffOptions backoff;
  backoff.jitter = options.jitter == "none" ? 0 : options.jitter == "half" ? 0.5 : 1;
  return backoff;
}

StormFigures figures_of(StormRecord record, std::uint64_t clients, nanoseconds returned) {
  std::ranges::sort(record.attempts);
  std::ranges::sort(record.returns);
  const auto count = static_cast<double>(clients);
  const auto rank = static_cast<std::size_t>(std::ceil(most * count));
  return {.attempts = static_cast<double>(record.attempts.size()) / count,
          .peak_rate = static_cast<double>(densest(record.attempts)) / in_seconds(window),
          .back = in_seconds(record.returns.at(rank - 1) - returned)};
}

StormRecord draw_storm(const StormOptions& options, nanoseconds returned, measure::Random random) {
  StormRecord record;
  for (std::uint64_t client = 0; client < options.clients; ++client) {
    socketio::Backoff backoff(backoff_of(options));
    nanoseconds at(0);
    do {
      at += backoff.next(random.uniform());
      record.attempts.push_back(at);
    } while (at < returned);
    record.returns.push_back(at);
  }
  return record;
}

measure::Table storm_table(const std::vector<Storm>& storms) {
  measure::Table table({{.heading = "storm", .align = measure::Align::left},
                        {.heading = "away for"},
                        {.heading = "attempts/client"},
                        {.heading = "predicted"},
                        {.heading = "peak SYN/s"},
                        {.heading = "predicted"},
                        {.heading = "99 % back after"},
                        {.heading = "predicted"}});
  for (const Storm& storm : storms) {
    const StormFigures& measured = storm.measured;
    const StormFigures& predicted = storm.predicted;
    table.add_row(
        {std::to_string(storm.clients) + " clients, jitter " + storm.jitter, duration(storm.outage),
         measure::significant(measured.attempts), measure::significant(predicted.attempts),
         measure::significant(measured.peak_rate), measure::significant(predicted.peak_rate),
         duration(measured.back), duration(predicted.back)});
  }
  return table;
}

std::string storm_note(const std::vector<Storm>& storms) {
  if (storms.empty()) return {};
  return "storm: the server was killed, and clients of Socket.IO came back by their back-off of "
         "1 s, 2 s, 4 s, 5 s...; the peak is that of the worst 100 ms; predicted by drawing each "
         "delay, for a server that takes all at once\n";
}

}  // namespace duplex::tools
