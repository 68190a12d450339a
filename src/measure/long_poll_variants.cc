// Two variants of the long poll: a queue, and a pair of requests. src/measure/README.md derives.
#include "measure/long_poll_variants.h"

#include <cmath>
#include <limits>

namespace duplex::measure {
namespace {

// Simpson's rule over [0, 1], fine enough for the steepest step that matters.
template <class Function>
double integral(Function function) {
  constexpr int steps = 2000;
  double sum = function(0.0) + function(1.0);
  for (int i = 1; i < steps; ++i) sum += (i % 2 == 1 ? 4 : 2) * function(i / double{steps});
  return sum / (3 * steps);
}

// Chance that the gap between two responses is at most `share` of a round trip.
double short_gap(double x, double share) {
  const double quiet = std::exp(-x * share);
  return (1 - quiet) / (std::exp(x * (1 - 2 * share)) + 1 - quiet);
}

}  // namespace

Seconds one_event_long_poll_mean(const Scenario& scenario) noexcept {
  const double x = scenario.per_round_trip();
  if (x >= 1) return Seconds(std::numeric_limits<double>::infinity());
  return scenario.one_way_delay + x / (2 * (1 - x)) * scenario.round_trip();
}

TwoParkedPolls two_parked_long_polls(const Scenario& scenario) noexcept {
  const double x = scenario.per_round_trip();
  // In round trips: the mean gap, and the mean square of how long both requests are under way.
  const double gap_times_x =
      x * integral([&](double u) { return 1 - short_gap(x, u); }) + std::exp(-x);
  const double blind_squared = integral([&](double u) { return 2 * (1 - u) * short_gap(x, u); });
  const double wait = x * blind_squared / (2 * gap_times_x);
  return {.mean = scenario.one_way_delay + wait * scenario.round_trip(),
          .requests_per_event = 1 / gap_times_x};
}

}  // namespace duplex::measure
