// The closed forms against a simulation, event by event: all agree within one per cent.
#include "transport_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "measure/age.h"
#include "measure/arrivals.h"
#include "measure/long_poll_variants.h"
#include "measure/model.h"
#include "measure/statistics.h"

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;
using simulated::nanoseconds;

constexpr std::size_t event_count = 60'000;

// The feed begins when the first poll has reached the server long ago. It is stretched a little so
// that its mean rate is exact: what is compared is what the transport adds, not the draw.
std::vector<nanoseconds> draw_events(const Scenario& s, std::uint64_t seed,
                                     std::size_t count = event_count) {
  auto events = draw_schedule({.arrivals = s.arrivals, .rate = s.rate}, Random(seed), count);
  const double drawn = Seconds(events.back() - events.front()).count();
  const double stretch = static_cast<double>(count - 1) / s.rate / drawn;
  for (auto& event : events) event = 1000137us + simulated::in_ns(Seconds(event) * stretch);
  return events;
}

std::vector<double> latencies_of(const simulated::Run& run) {
  std::vector<double> seconds;
  for (const Delivery& d : run.deliveries) {
    seconds.push_back(Seconds(d.received - d.generated).count());
  }
  return seconds;
}

// Within one per cent; of a share, of the whole or the half.
void expect_close(double measured, double predicted, double scale, const char* what) {
  EXPECT_NEAR(measured, predicted, 0.01 * std::max(std::abs(predicted), scale)) << what;
}

void check_latency(const simulated::Run& run, const LatencyModel& latency) {
  const std::vector<double> measured = latencies_of(run);
  ASSERT_EQ(measured.size(), event_count);
  expect_close(mean(measured), latency.mean().count(), 0, "mean");
  for (const double part : {-0.01, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
    // Two nanoseconds for the rounding of instants.
    const Seconds limit = latency.minimum + part * latency.longest_wait;
    const auto is_within = [&](double value) { return value <= limit.count() + 2e-9; };
    const auto within = std::count_if(measured.begin(), measured.end(), is_within);
    expect_close(static_cast<double>(within) / event_count, latency.share_within(limit), 1,
                 "share within");
  }
}

void check_cost(const simulated::Run& run, const Prediction& predicted) {
  const auto requests = static_cast<double>(run.requests);
  expect_close(requests / event_count, predicted.requests_per_event, 0, "requests per event");
  expect_close(requests / Seconds(run.end).count(), predicted.requests_per_second, 0, "requests/s");
  if (run.requests == 0) return;
  expect_close(event_count / requests, predicted.events_per_response, 0, "events per response");
  const double empty = static_cast<double>(run.empty) / requests;
  expect_close(empty, predicted.empty_share, 0.5, "empty share");
  // Of each answer that carries events the last one is seen when only the latest is sent.
  expect_close((event_count - (requests - static_cast<double>(run.empty))) / requests,
               predicted.missed_per_response, 0.5, "missed per response");
}

// The square of a random gap varies so much that the age at the source is measured, too, and only
// what the transport adds is compared.
void check_freshness(const simulated::Run& run, std::span<const nanoseconds> events,
                     const Scenario& s, const Prediction& predicted) {
  const Window window{.begin = events.front(), .end = events.back()};
  const auto age = [&](const simulated::Run& of) {
    return age_of_information(of.deliveries, window).mean.count();
  };
  const double at_source = s.arrivals == Arrivals::poisson ? 1 / s.rate : 0.5 / s.rate;
  const double added = age(run) - age(simulated::push(events, 0ns));
  expect_close(at_source + added, predicted.mean_age.count(), 0, "mean age");
  expect_close(binary_freshness(run.deliveries, events, window), predicted.fresh_share, 1,
               "fresh share");
}

void check(Transport transport, const Scenario& s, std::uint64_t seed) {
  SCOPED_TRACE(std::string(name_of(transport)) + " rate " + std::to_string(s.rate) + " delay " +
               format_duration(s.one_way_delay) + " interval " + format_duration(s.poll_interval));
  const auto events = draw_events(s, seed);
  const auto run = simulated::simulate(transport, s, events, 11ms);
  const Prediction predicted = predict(transport, s);
  check_latency(run, predicted.latency);
  check_cost(run, predicted);
  check_freshness(run, events, s, predicted);
}

constexpr double rates[] = {0.7, 4, 13, 60};
constexpr Seconds round_trips[] = {4ms, 41.3ms, 303.7ms};
// Out of step with every rate and round trip, so that a periodic feed meets each phase.
constexpr Seconds intervals[] = {53.1ms, 251.7ms, 1003.3ms};

// Twelve points, and with both kinds of arrivals twenty-four.
void check_grid(Transport transport, PollPacing pacing = PollPacing::fixed_delay,
                bool handshake_is_local = false) {
  std::uint64_t seed = 0;
  for (const Arrivals arrivals : {Arrivals::poisson, Arrivals::periodic}) {
    for (const double rate : rates) {
      for (const Seconds round_trip : round_trips) {
        ++seed;
        check(transport,
              {.one_way_delay = round_trip / 2,
               .rate = rate,
               .arrivals = arrivals,
               .poll_interval = intervals[seed % std::size(intervals)],
               .pacing = pacing,
               .handshake_is_local = handshake_is_local},
              seed);
      }
    }
  }
}

TEST(Simulation, WebSocket) { check_grid(Transport::websocket); }
TEST(Simulation, WebSocketWithCompression) { check_grid(Transport::websocket_deflate); }
TEST(Simulation, ServerSentEvents) { check_grid(Transport::sse); }
TEST(Simulation, BareTcp) { check_grid(Transport::tcp); }
TEST(Simulation, Echo) { check_grid(Transport::echo); }
TEST(Simulation, LongPoll) { check_grid(Transport::long_poll); }
TEST(Simulation, ShortPollWithFixedDelay) { check_grid(Transport::short_poll); }
TEST(Simulation, ShortPollWithFixedRate) {
  check_grid(Transport::short_poll, PollPacing::fixed_rate);
}
TEST(Simulation, ShortPollWithNewConnections) { check_grid(Transport::short_poll_new_connection); }
TEST(Simulation, ShortPollWithNewConnectionsAndLocalHandshake) {
  check_grid(Transport::short_poll_new_connection, PollPacing::fixed_delay, true);
}

TEST(Simulation, LongPollThatAnswersOneEventAtATime) {
  for (const double load : {0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5}) {
    const Scenario s{.one_way_delay = 50ms, .rate = load / 0.1};
    const auto run = simulated::one_event_long_poll(draw_events(s, 5, 200'000), 50ms);
    expect_close(mean(latencies_of(run)), one_event_long_poll_mean(s).count(), 0, "mean");
  }
}

TEST(Simulation, TwoParkedLongPolls) {
  for (const double load : {0.05, 0.1, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 20.0}) {
    const Scenario s{.one_way_delay = 50ms, .rate = load / 0.1};
    const auto run = simulated::two_parked_long_polls(draw_events(s, 6, 200'000), 50ms);
    const TwoParkedPolls predicted = two_parked_long_polls(s);
    expect_close(mean(latencies_of(run)), predicted.mean.count(), 0, "mean");
    expect_close(static_cast<double>(run.requests) / 200'000, predicted.requests_per_event, 0,
                 "requests per event");
  }
}

TEST(Simulation, PollsInStepWithTheFeedSpreadAsTheModelSays) {
  for (const Seconds interval : {125ms, 250ms, 500ms, 750ms}) {
    const Scenario s{.one_way_delay = 20ms,
                     .rate = 4,
                     .arrivals = Arrivals::periodic,
                     .poll_interval = interval,
                     .pacing = PollPacing::fixed_rate};
    const auto events = draw_events(s, 1);
    const auto latencies =
        latencies_of(simulated::simulate(Transport::short_poll, s, events, 100ms));
    EXPECT_NEAR(stddev(latencies), client_deviation(Transport::short_poll, s)->count(), 1e-3)
        << format_duration(interval);
  }
}

TEST(Simulation, PollsInStepWithTheFeedShowTheirPhaseAndNothingElse) {
  const Scenario s{.one_way_delay = 20ms,
                   .rate = 4,
                   .arrivals = Arrivals::periodic,
                   .poll_interval = 250ms,
                   .pacing = PollPacing::fixed_rate};
  ASSERT_TRUE(keeps_step(Transport::short_poll, s));
  const auto events = draw_events(s, 1);
  for (const nanoseconds phase : {0ms, 100ms, 200ms}) {
    const auto latencies =
        latencies_of(simulated::simulate(Transport::short_poll, s, events, phase));
    EXPECT_NEAR(latencies.back() - latencies.front(), 0, 1e-6);
    EXPECT_GE(latencies.front(), 0.02);
    EXPECT_LE(latencies.back(), 0.27);
  }
}

}  // namespace
}  // namespace duplex::measure
