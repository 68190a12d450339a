// How exact a link is.
#include "accuracy.h"

#include <algorithm>
#include <cmath>

#include "measure/format.h"
#include "measure/statistics.h"
#include "measure/table.h"

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;
using measure::Seconds;

constexpr std::size_t syn_size = 60;  // with the options that Linux sends
constexpr double share_allowed = 0.02;
constexpr double seconds_allowed = 0.0005;

double seconds(Nanoseconds time) { return Seconds(time).count(); }

Nanoseconds time_to_send(std::size_t size, std::uint64_t rate) {
  if (rate == 0) return 0ns;
  return Nanoseconds(static_cast<std::int64_t>(size * 8'000'000'000 / rate));
}

std::uint64_t slowest_rate(const WireOptions& wire) {
  if (wire.up.rate == 0 || wire.down.rate == 0) return std::max(wire.up.rate, wire.down.rate);
  return std::min(wire.up.rate, wire.down.rate);
}

// A packet that is somewhere on the way back.
struct Echo {
  Nanoseconds time;
  std::size_t probe;
};

bool depends_on_time(const LinkOptions& link) {
  return link.rate > 0 || !link.outages.empty() || link.reorder > 0 || link.duplicate > 0 ||
         !link.keeps_order;
}

std::size_t lost_of(const RoundTrips& round_trips) {
  return static_cast<std::size_t>(std::count(round_trips.begin(), round_trips.end(), std::nullopt));
}

void compare_times(const RoundTrips& expected, const RoundTrips& measured, Accuracy& accuracy) {
  std::vector<double> wanted, got, errors;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!expected[i] || !measured[i]) continue;
    wanted.push_back(seconds(*expected[i]));
    got.push_back(seconds(*measured[i]));
    errors.push_back(std::abs(got.back() - wanted.back()));
  }
  if (errors.empty()) return;
  std::sort(errors.begin(), errors.end());
  accuracy.mean_expected = measure::mean(wanted);
  accuracy.mean = measure::mean(got);
  accuracy.error_p50 = measure::sorted_quantile(errors, 0.5);
  accuracy.error_p95 = measure::sorted_quantile(errors, 0.95);
  accuracy.error_worst = errors.back();
}

// Four standard errors of a median on top, where the round trip is random.
double handshake_tolerance(const WireOptions& wire, double tolerance, std::size_t count) {
  const double jitter = std::hypot(seconds(wire.up.jitter), seconds(wire.down.jitter));
  return tolerance + 4 * 1.2533 * jitter / std::sqrt(static_cast<double>(count));
}

std::string mark(bool is_right) { return is_right ? "✓" : "✗"; }
std::string format(double duration) { return measure::format_duration(Seconds(duration)); }

}  // namespace

ProbePlan plan_probes(const WireOptions& wire) {
  ProbePlan plan = {.count = 400, .interval = 10ms, .size = 64};
  plan.interval = std::max(plan.interval, 4 * time_to_send(plan.size, slowest_rate(wire)));
  plan.count = static_cast<std::size_t>(std::clamp<std::int64_t>(5s / plan.interval, 20, 400));
  return plan;
}

Nanoseconds expected_handshake(const WireOptions& wire) {
  return wire.round_trip() + time_to_send(syn_size, wire.up.rate) +
         time_to_send(syn_size, wire.down.rate);
}

Nanoseconds pause_of_handshakes(const WireOptions& wire) {
  return 4 * std::max(wire.up.jitter, wire.down.jitter) +
         4 * time_to_send(syn_size, slowest_rate(wire));
}

RoundTrips expected_round_trips(const WireOptions& wire, const ProbePlan& plan) {
  LinkModel up(wire.up, wire.up_seed());
  LinkModel down(wire.down, wire.down_seed());
  std::vector<Echo> echoes;
  for (std::size_t i = 0; i < plan.count; ++i) {
    const Passage passage = up.pass(plan.interval * static_cast<std::int64_t>(i), plan.size);
    for (std::size_t j = 0; j < passage.arrival_count; ++j) {
      echoes.push_back({passage.arrivals[j], i});
    }
  }
  std::stable_sort(echoes.begin(), echoes.end(),
                   [](const Echo& a, const Echo& b) { return a.time < b.time; });
  RoundTrips round_trips(plan.count);
  for (const Echo& echo : echoes) {
    const Passage passage = down.pass(echo.time, plan.size);
    if (passage.arrival_count == 0) continue;
    const Nanoseconds sent = plan.interval * static_cast<std::int64_t>(echo.probe);
    auto& round_trip = round_trips[echo.probe];
    round_trip = std::min(round_trip.value_or(Nanoseconds::max()), passage.arrivals[0] - sent);
  }
  return round_trips;
}

Accuracy compare(const WireOptions& wire, const RoundTrips& expected, const RoundTrips& measured,
                 const std::vector<double>& handshakes) {
  Accuracy accuracy = {
      .probes = expected.size(), .lost_expected = lost_of(expected), .lost = lost_of(measured)};
  if (depends_on_time(wire.up) || depends_on_time(wire.down)) {
    accuracy.lost_tolerance = 2 + expected.size() / 50;
  }
  compare_times(expected, measured, accuracy);
  accuracy.tolerance = share_allowed * accuracy.mean_expected + seconds_allowed;
  accuracy.handshake_expected = seconds(expected_handshake(wire));
  accuracy.handshake_is_due =
      accuracy.lost_expected == 0 && wire.up.outages.empty() && wire.down.outages.empty();
  if (handshakes.empty()) return accuracy;
  accuracy.handshake = measure::median(handshakes);
  accuracy.handshake_tolerance = handshake_tolerance(
      wire, share_allowed * accuracy.handshake_expected + seconds_allowed, handshakes.size());
  return accuracy;
}

bool Accuracy::loses_right() const noexcept {
  return std::max(lost, lost_expected) - std::min(lost, lost_expected) <= lost_tolerance;
}

bool Accuracy::mean_is_right() const noexcept {
  return std::abs(mean - mean_expected) <= tolerance;
}

bool Accuracy::handshake_is_right() const noexcept {
  if (handshake == 0) return !handshake_is_due;
  return std::abs(handshake - handshake_expected) <= handshake_tolerance;
}

bool Accuracy::lacks_handshake() const noexcept { return handshake == 0 && handshake_is_due; }

ExitCode verdict_of(const Accuracy& accuracy) noexcept {
  if (!accuracy.loses_right() || accuracy.lacks_handshake()) return ExitCode::threshold_missed;
  const bool in_time = accuracy.mean_is_right() && accuracy.handshake_is_right();
  return in_time && accuracy.mean > 0 ? ExitCode::ok : ExitCode::inconclusive;
}

std::string verdict_text(const Accuracy& accuracy) {
  const ExitCode verdict = verdict_of(accuracy);
  if (!accuracy.loses_right()) {
    return "The link did not lose the packets that it should have lost.";
  }
  if (accuracy.lacks_handshake()) {
    return "The link made no connection of TCP, though nothing should have been lost.";
  }
  if (accuracy.mean == 0) return "No probe came back: nothing can be said.";
  if (verdict == ExitCode::inconclusive) {
    return "The machine is too noisy: packets were later than the tolerance allows.";
  }
  return "The link does what was asked: half of the round trips are off by less than " +
         format(accuracy.error_p50) + ", 95 % by less than " + format(accuracy.error_p95) + "." +
         (accuracy.handshake > 0 ? "" : " No handshake of TCP was made: those are not judged.");
}

std::string table_of(const Accuracy& accuracy) {
  measure::Table table({{.heading = "", .align = measure::Align::left},
                        {.heading = "asked"},
                        {.heading = "measured"},
                        {.heading = "tolerance"},
                        {.heading = ""}});
  table.add_row({"round trip of UDP, mean", format(accuracy.mean_expected), format(accuracy.mean),
                 "± " + format(accuracy.tolerance), mark(accuracy.mean_is_right())});
  if (accuracy.handshake > 0) {
    table.add_row({"handshake of TCP, median", format(accuracy.handshake_expected),
                   format(accuracy.handshake), "± " + format(accuracy.handshake_tolerance),
                   mark(accuracy.handshake_is_right())});
  } else if (accuracy.handshake_is_due) {
    table.add_row({"handshake of TCP, median", format(accuracy.handshake_expected), "none was made",
                   "", mark(false)});
  }
  table.add_row({"lost of " + std::to_string(accuracy.probes) + " probes, there or back",
                 std::to_string(accuracy.lost_expected), std::to_string(accuracy.lost),
                 "± " + std::to_string(accuracy.lost_tolerance), mark(accuracy.loses_right())});
  table.add_row({"error of one round trip, median", "0 s", format(accuracy.error_p50), "", ""});
  table.add_row({"error of one round trip, 95 %", "0 s", format(accuracy.error_p95), "", ""});
  table.add_row({"error of one round trip, worst", "0 s", format(accuracy.error_worst), "", ""});
  return table.text();
}

}  // namespace duplex::tools::wire
