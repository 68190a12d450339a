// Runs the blocks of a bench.
#include "runner.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "../serve/server_metrics.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto open_limit = 10s;  // beyond what the round trips take
constexpr auto scrape_limit = 5s;
constexpr auto drain_limit = 2s;    // beyond what the slowest transport takes
constexpr auto settle_time = 50ms;  // beyond a round trip: until polls are parked

}  // namespace

BenchRunner::BenchRunner(EventLoop& loop, const BenchOptions& options,
                         const std::vector<ArmSpec>& arms, const Endpoints& endpoints)
    : loop_(loop),
      options_(options),
      arms_(arms),
      endpoints_(endpoints),
      metrics_client_(loop),
      random_(options.seed) {
  calibrate();
}

void BenchRunner::fail(const std::string& why) {
  if (failure_.empty()) failure_ = why;
}

// False when the time was up before `done`.
template <class Done>
bool BenchRunner::turn_until(Done done, std::chrono::nanoseconds limit) {
  net::Kernel& clock = loop_.kernel();
  const auto deadline = clock.now() + limit;
  while (!done()) {
    if (!failure_.empty()) throw BenchFailure(failure_);
    const auto left = deadline - clock.now();
    if (left.count() <= 0) return false;
    loop_.turn(std::min<std::chrono::nanoseconds>(left, 100ms));
    if (on_tick_) on_tick_();
  }
  return true;
}

void BenchRunner::wait(std::chrono::nanoseconds time) {
  turn_until([] { return false; }, time);
}

BenchRunner::Samples BenchRunner::scrape() {
  Samples samples;
  bool done = false;
  const RequestId id = metrics_client_.request(
      {.url = "http://" + endpoints_.direct + "/metrics"},
      {.on_done =
           [&](int, std::string_view body) {
             samples = parse_prometheus(body);
             done = true;
           },
       .on_failure = [this](const HttpFailure& failure) { fail(failure.message); }});
  if (!turn_until([&done] { return done; }, scrape_limit)) {
    metrics_client_.cancel(id);
    throw BenchFailure("no answer from http://" + endpoints_.direct + "/metrics");
  }
  if (!samples.contains("duplex_feed_events_total")) {
    throw BenchFailure("http://" + endpoints_.direct +
                       "/metrics does not speak of a feed; is it `duplex serve`?");
  }
  return samples;
}

void BenchRunner::calibrate() {
  scrape();  // connects
  const Costs before = costs_of(scrape());
  scrape_cost_ = costs_of(scrape());
  scrape_cost_ -= before;
}

ArmSettings BenchRunner::arm_settings() const {
  return {.http = endpoints_.http,
          .tcp = endpoints_.tcp,
          .client_count = options_.clients,
          .poll_interval = options_.poll_interval,
          .poll_cycle = options_.poll_interval + options_.round_trip(),
          .schedule = {.arrivals = options_.poisson ? measure::Arrivals::poisson
                                                    : measure::Arrivals::periodic,
                       .rate = options_.rate},
          .event_size = options_.event_size};
}

Block BenchRunner::run(const PlannedBlock& planned) {
  const auto round_trip = options_.round_trip();
  const auto slowest = options_.poll_interval + 4 * round_trip + options_.coalesce;
  BlockRecorder recorder(options_.clients);
  const std::unique_ptr<Arm> arm =
      make_arm(arms_[planned.arm].transport, loop_, arm_settings(),
               {.deliver =
                    [&recorder](std::size_t client, std::string_view lines, auto received) {
                      recorder.deliver(client, lines, received.time_since_epoch());
                    },
                .fail = [this](const std::string& why) { fail(why); }},
               measure::Random(random_()));
  if (!turn_until([&] { return arm->ready_count() == options_.clients; }, open_limit + slowest)) {
    throw BenchFailure("the clients of " + label_of(arms_[planned.arm]) + " were not answered");
  }
  wait(round_trip + settle_time);

  Block block = {.arm = planned.arm, .round = planned.round, .length = planned.length};
  const auto newest = [&arm](const Samples& samples) {
    const auto feed = static_cast<std::uint64_t>(samples.at("duplex_feed_events_total"));
    return arm->newest_event().value_or(feed);
  };
  const Samples before = scrape();
  const std::uint64_t first = newest(before);
  wait(planned.length);
  const Samples after = scrape();
  const std::uint64_t last = newest(after);
  arm->stop_sending();
  // What does not come now never will; it is counted as missing.
  turn_until([&] { return recorder.all_have(last); }, drain_limit + slowest);
  recorder.finish(first, last, block);
  block.costs = costs_of(after);
  block.costs -= costs_of(before);
  block.costs -= scrape_cost_;
  return block;
}

}  // namespace duplex::tools
