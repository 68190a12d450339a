// The closed forms against the library itself: the real server and real clients in virtual time,
// where nothing but the transport and the path costs any. Every prediction has to hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../support/simulated.h"
#include "measure/arrivals.h"
#include "measure/model.h"
#include "measure/statistics.h"
#include "model_feed.h"
#include "model_subscribers.h"

namespace duplex::conformance {
namespace {

using measure::Arrivals;

struct Point {
  Arrivals arrivals;
  double rate;           // events per second
  double delay;          // milliseconds, one way
  double poll_interval;  // milliseconds
};

// From a fiftieth of an event in a round trip to seven. What is periodic is out of step with round
// trips and polls, so that it meets each phase.
constexpr Point points[] = {
    {Arrivals::poisson, 2, 5, 1003.3},      {Arrivals::poisson, 4, 20.7, 251.7},
    {Arrivals::poisson, 10, 20, 250},       {Arrivals::poisson, 13, 41.3, 251.7},
    {Arrivals::poisson, 25, 50, 103.1},     {Arrivals::poisson, 60, 20.65, 53.1},
    {Arrivals::poisson, 100, 30, 53.1},     {Arrivals::periodic, 3, 10, 503.3},
    {Arrivals::periodic, 7, 31.7, 251.7},   {Arrivals::periodic, 11, 40, 131.1},
    {Arrivals::periodic, 13, 62.23, 251.7}, {Arrivals::periodic, 40, 45.43, 53.1},
    {Arrivals::periodic, 90, 25.17, 103.1}, {Arrivals::periodic, 20, 165.4, 253.3},
};

struct Plan {
  Transport transport = Transport::websocket;
  Scenario scenario = {};
  std::size_t event_count = 0;
  std::size_t client_count = 1;
  std::uint64_t seed = 1;
};

bool is_push(Transport t) { return t == Transport::websocket || t == Transport::sse; }
bool is_short_poll(Transport t) { return !is_push(t) && t != Transport::long_poll; }

// Enough for one per cent. The clients of one feed tell more only where they poll at phases of
// their own: long polls that are answered together stay together.
Plan plan_of(Transport transport, const Point& point, std::uint64_t seed) {
  Plan plan{.transport = transport,
            .scenario = {.one_way_delay = Seconds(point.delay / 1000),
                         .rate = point.rate,
                         .arrivals = point.arrivals,
                         .poll_interval = Seconds(point.poll_interval / 1000),
                         .payload_size = event_size,
                         .headers = {.poll_event = line_size - event_size}},
            .event_count = 300,
            .client_count = 3,
            .seed = seed};
  if (transport == Transport::long_poll) {
    plan.event_count = point.arrivals == Arrivals::poisson ? 20'000 : 3'000;
    plan.client_count = 1;
  } else if (is_short_poll(transport)) {
    const double events_per_poll =
        point.rate * measure::poll_cycle(transport, plan.scenario).count();
    plan.event_count = static_cast<std::size_t>(std::max(300.0, 200 * events_per_poll));
    plan.client_count = 16;
  }
  return plan;
}

// Stretched a little so that the mean rate is exact: what is compared is what the transport adds,
// not the draw.
Instants draw_events(const Plan& plan, net::Clock::time_point begin) {
  const Scenario& s = plan.scenario;
  const auto drawn = measure::draw_schedule({.arrivals = s.arrivals, .rate = s.rate},
                                            measure::Random(plan.seed), plan.event_count);
  const double stretch = static_cast<double>(plan.event_count - 1) / s.rate /
                         Seconds(drawn.back() - drawn.front()).count();
  Instants events;
  for (const auto event : drawn) {
    events.push_back(begin + in_ns(Seconds(event - drawn.front()) * stretch));
  }
  return events;
}

class Trial {
 public:
  explicit Trial(const Plan& plan)
      : plan_(plan),
        world_(plan.seed, {}, {.delay = in_ns(plan.scenario.one_way_delay)}),
        begin_(world_.world.now() + 2 * longest_cycle() + std::chrono::microseconds(10'137)),
        end_(begin_ + in_ns(Seconds(static_cast<double>(plan.event_count) / plan.scenario.rate))),
        events_(draw_events(plan, begin_)),
        feed_(*world_.server, events_) {
    add_subscribers();
  }

  Outcome run() {
    world_.runner.run_until(begin_ - nanoseconds(1));
    const std::uint64_t before = world_.server->stats().bytes_sent;
    world_.runner.run_until(end_ + 2 * longest_cycle());
    if (is_push(plan_.transport)) outcome_.bytes = world_.server->stats().bytes_sent - before;
    outcome_.connections = world_.server->stats().accepted;
    outcome_.requests = world_.server->stats().requests;
    for (const auto& subscriber : subscribers_) EXPECT_EQ(subscriber->seen(), plan_.event_count);
    return std::move(outcome_);
  }

 private:
  // In which each client has opened its connection, asked, and been answered.
  nanoseconds longest_cycle() const {
    return in_ns(plan_.scenario.poll_interval + 2 * plan_.scenario.round_trip());
  }

  // The clients' phases divide a poll's cycle evenly, beginning anywhere: that leaves less to
  // chance than as many random ones.
  void add_subscribers() {
    const double first = measure::Random(plan_.seed).uniform();
    const auto count = static_cast<double>(plan_.client_count);
    const auto delay = in_ns(plan_.scenario.one_way_delay);
    const Subscriber::Setting setting{world_.client_side.loop,      events_,        plan_.transport,
                                      plan_.scenario.poll_interval, begin_ + delay, end_ + delay};
    for (std::size_t i = 0; i < plan_.client_count; ++i) {
      subscribers_.push_back(make_subscriber(setting, outcome_));
      const Seconds phase = (static_cast<double>(i) + first) / count *
                            measure::poll_cycle(plan_.transport, plan_.scenario);
      setting.loop.run_after(in_ns(phase),
                             [subscriber = subscribers_.back().get()] { subscriber->start(); });
    }
  }

  const Plan plan_;
  support::SimulatedServer world_;
  const net::Clock::time_point begin_;
  const net::Clock::time_point end_;
  const Instants events_;
  Feed feed_;
  Outcome outcome_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

class Model : public testing::TestWithParam<std::tuple<Transport, std::size_t>> {};

void expect_within(double measured, double predicted, double part, const char* what) {
  EXPECT_NEAR(measured, predicted, part * predicted) << what;
}

void check_latency(const Outcome& outcome, const measure::LatencyModel& predicted) {
  expect_within(measure::mean(outcome.latencies), predicted.mean().count(), 0.01, "mean");
  const auto [least, most] = std::ranges::minmax(outcome.latencies);
  // For the rounding of instants.
  EXPECT_GE(least, predicted.minimum.count() - 5e-9);
  EXPECT_LE(most, predicted.maximum().count() + 5e-9);
  for (const double part : {0.0, 0.25, 0.5, 0.75}) {
    const Seconds limit = predicted.minimum + part * predicted.longest_wait;
    const auto within = std::ranges::count_if(
        outcome.latencies, [&](double latency) { return latency <= limit.count() + 5e-9; });
    EXPECT_NEAR(static_cast<double>(within) / static_cast<double>(outcome.latencies.size()),
                predicted.share_within(limit), 0.02)
        << "share within " << limit.count();
  }
}

// Each poll on a connection of its own, or each client on a single one.
void check_connections(const Plan& plan, const Outcome& outcome) {
  if (plan.transport == Transport::short_poll_new_connection) {
    EXPECT_GE(outcome.connections, outcome.requests);
    EXPECT_LE(outcome.connections, outcome.requests + plan.client_count);
  } else {
    EXPECT_EQ(outcome.connections, plan.client_count);
  }
}

TEST_P(Model, HoldsForTheLibrary) {
  const auto [transport, index] = GetParam();
  Plan plan = plan_of(transport, points[index], index + 1);
  ASSERT_FALSE(keeps_step(transport, plan.scenario));
  const Outcome outcome = Trial(plan).run();
  const auto deliveries = static_cast<double>(plan.event_count * plan.client_count);
  ASSERT_EQ(static_cast<double>(outcome.latencies.size()), deliveries);

  plan.scenario.headers.poll_request = outcome.heads.poll_request;
  plan.scenario.headers.poll_response = outcome.heads.poll_response;
  plan.scenario.headers.poll_empty_response = outcome.heads.poll_empty_response;
  const measure::Prediction predicted = predict(transport, plan.scenario);
  check_latency(outcome, predicted.latency);
  check_connections(plan, outcome);
  expect_within(static_cast<double>(outcome.answers) / deliveries, predicted.requests_per_event,
                0.01, "requests per event");
  // Short polls answer the events of the last half cycle, of 200, only after the end.
  expect_within(static_cast<double>(outcome.bytes) / deliveries,
                predicted.application_bytes_per_event, 0.01, "bytes per event");
}

std::string test_name(const testing::TestParamInfo<Model::ParamType>& info) {
  const auto [transport, index] = info.param;
  std::string name(name_of(transport));
  std::ranges::replace(name, '-', '_');
  const bool is_poisson = points[index].arrivals == Arrivals::poisson;
  return name + (is_poisson ? "_poisson_" : "_periodic_") + std::to_string(index);
}

INSTANTIATE_TEST_SUITE_P(
    Transports, Model,
    testing::Combine(testing::Values(Transport::websocket, Transport::sse, Transport::long_poll,
                                     Transport::short_poll, Transport::short_poll_new_connection),
                     testing::Range<std::size_t>(0, std::size(points))),
    test_name);

}  // namespace
}  // namespace duplex::conformance
