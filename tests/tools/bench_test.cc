// The whole bench in virtual time: server, clients and a link with a delay in one simulated world,
// where nothing but the transports and the path costs time. There theory has to hold closely.
#include <gtest/gtest.h>

#include <cmath>

#include "../../tools/duplex/bench/report.h"
#include "simulated_bench.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

BenchReport measured(const BenchOptions& options) {
  return make_report(SimulatedBench(options).run());
}

void expect_mean(const BenchReport& report, std::string_view name, double tolerance) {
  const ArmReport* const arm = report.find(name);
  ASSERT_NE(arm, nullptr) << name;
  EXPECT_GT(arm->event_count, 300U) << name;
  EXPECT_EQ(arm->delivery_count, arm->event_count * report.run.options.clients) << name;
  EXPECT_EQ(arm->missing, 0U) << name;
  EXPECT_EQ(arm->duplicates, 0U) << name;
  EXPECT_NEAR(arm->mean / arm->predicted.mean, 1, tolerance) << name;
}

TEST(Bench, MeetsTheoryInVirtualTime) {
  const BenchReport report = measured(options_of({"ws", "sse", "lp", "sp", "echo"}));
  expect_mean(report, "ws", 0.0001);
  expect_mean(report, "aa", 0.0001);
  expect_mean(report, "sse", 0.0001);
  expect_mean(report, "echo", 0.0001);
  expect_mean(report, "lp", 0.05);
  expect_mean(report, "sp", 0.03);
  EXPECT_EQ(missed_expectation(report), std::nullopt);
}

TEST(Bench, LongPollingDoublesTheLatencyOfABusyFeed) {
  BenchOptions options = options_of({"lp"});
  options.rate = 100;
  options.duration = 100s;
  expect_mean(measured(options), "lp", 0.05);
}

TEST(Bench, APeriodicFeedSlowerThanTheRoundTripNeverMeetsABlindLongPoll) {
  BenchOptions options = options_of({"lp"});
  options.poisson = false;
  expect_mean(measured(options), "lp", 0.0001);
}

TEST(Bench, PushedEventsWaitForCompanyAsLongAsTheorySays) {
  BenchOptions options = options_of({"sse", "lp", "echo"});
  options.coalesce = 50ms;
  const BenchReport report = measured(options);
  expect_mean(report, "ws", 0.03);
  expect_mean(report, "sse", 0.03);
  expect_mean(report, "lp", 0.05);
  expect_mean(report, "echo", 0.0001);
  options = options_of({"sse"});
  options.poisson = false;
  options.coalesce = 250ms;
  expect_mean(measured(options), "sse", 0.02);
}

TEST(Bench, WhoWaitsForTheAnswerAsksLessOften) {
  const BenchReport report = measured(options_of({"echo", "echo-closed"}));
  expect_mean(report, "echo-closed", 0.0001);
  // Every 100 ms beside every 100 ms and a round trip.
  const double share = static_cast<double>(report.find("echo-closed")->event_count) /
                       static_cast<double>(report.find("echo")->event_count);
  EXPECT_NEAR(share, 100.0 / 140, 0.05);
}

// Out of step, in 4 of 7 and in all of the cycles: a share of the events is overwritten.
TEST(Bench, WhoAsksForTheNewestEventMissesWhatTheorySays) {
  for (const bool poisson : {false, true}) {
    BenchOptions options = options_of({"latest", "latest-304"});
    options.poisson = poisson;
    options.clients = 10;
    options.poll_interval = 233ms;
    const BenchReport report = measured(options);
    for (const std::string_view name : {"latest", "latest-304"}) {
      const ArmReport* const arm = report.find(name);
      const auto missed = static_cast<double>(arm->missing) /
                          static_cast<double>(arm->missing + arm->delivery_count);
      EXPECT_NEAR(missed, arm->predicted.missed_share, 0.02) << name << poisson;
      EXPECT_NEAR(arm->mean / arm->predicted.mean, 1, 0.04) << name << poisson;
    }
    EXPECT_EQ(report.find("latest-304")->duplicates, 0U);
  }
}

TEST(Bench, WhoAsksTooOftenGetsTheSameEventTwice) {
  BenchOptions options = options_of({"latest", "latest-304"});
  options.poll_interval = 10ms;
  const BenchReport report = measured(options);
  const ArmReport* const arm = report.find("latest");
  // 50 ms from poll to poll, 100 ms from event to event.
  EXPECT_NEAR(static_cast<double>(arm->duplicates) / static_cast<double>(arm->delivery_count), 1.5,
              0.2);
  EXPECT_EQ(report.find("latest-304")->duplicates, 0U);
  EXPECT_LT(report.find("latest-304")->per_delivery.bytes, arm->per_delivery.bytes);
}

TEST(Bench, FillsTheHeadsOfPollsUp) {
  BenchOptions options = options_of({"sp"});
  options.heads = 871;
  const BenchReport report = measured(options);
  const Costs& costs = report.find("sp")->per_delivery;
  // An event is 64 bytes and the end of its line.
  EXPECT_NEAR((costs.bytes - 65) / costs.requests, 871, 3);
}

TEST(Bench, PollsCostTheRequestsThatTheoryCounts) {
  const BenchReport report = measured(options_of({"lp", "sp"}));
  // 10 events per second over a round trip of 40 ms, and over a cycle of 290 ms.
  EXPECT_NEAR(report.find("lp")->per_delivery.requests, 1 / (0.4 + std::exp(-0.4)), 0.02);
  EXPECT_NEAR(report.find("sp")->per_delivery.requests, 1 / 2.9, 0.02);
  EXPECT_EQ(report.find("ws")->per_delivery.requests, 0);
}

// Standard, of what lies evenly within so many seconds.
double deviation_of(double length) { return length / std::sqrt(12.0); }

// Period and interval are the same: who keeps time with the events waits equally long for each.
TEST(Bench, PollsThatKeepTimeWithTheEventsHoldEachClientAtOneLatency) {
  for (const bool poisson : {false, true}) {
    BenchOptions options = options_of({"sp", "latest"});
    options.poisson = poisson;
    options.poll_interval = 100ms;
    options.poll_clock = "rate";
    options.clients = 10;
    const BenchReport report = measured(options);
    expect_mean(report, "sp", 0.03);
    const ArmReport& sp = *report.find("sp");
    ASSERT_TRUE(sp.client_deviation);
    EXPECT_NEAR(sp.deviation, deviation_of(0.1), 0.002) << poisson;
    EXPECT_NEAR(*sp.client_deviation, poisson ? deviation_of(0.1) : 0, 0.001) << poisson;
    EXPECT_NEAR(*sp.client_deviation, *sp.predicted.client_deviation, 0.001) << poisson;
    EXPECT_NEAR(sp.per_delivery.requests, 1, 0.02) << poisson;
    EXPECT_NEAR(*report.find("ws")->client_deviation, 0, 1e-4) << poisson;
    EXPECT_EQ(report.find("latest")->missing == 0, !poisson);
  }
}

// An answer takes 140 ms then, so that each second instant finds it missing.
TEST(Bench, AnInstantAtWhichTheAnswerIsMissingGoesBy) {
  BenchOptions options = options_of({"sp"});
  options.poll_interval = 100ms;
  options.poll_clock = "rate";
  const BenchReport report = make_report(SimulatedBench(options).slow("sp", 70ms).run());
  const ArmReport& sp = *report.find("sp");
  EXPECT_NEAR(sp.per_delivery.requests, 0.5, 0.02);
  EXPECT_NEAR(sp.mean, 0.07 + 0.1, 0.005);
}

// As `duplex bench` runs when it is told no times, and with the events of the preset wind-4hz.
TEST(Bench, TakesByItselfTheTimeThatP95Needs) {
  for (const bool poisson : {true, false}) {
    BenchOptions options = options_of({"ws", "sse", "lp", "sp"});
    options.rate = poisson ? 10 : 4;
    options.poisson = poisson;
    options.duration = 0s;
    options.rounds = 0;
    std::string unknown;
    const std::vector<ArmSpec> arms = *make_arms(options.arms, unknown);
    options.duration = duration_for(options, arms);
    options.rounds = rounds_for(options, arms);
    const BenchReport report = measured(options);
    for (const ArmReport& arm : report.arms) EXPECT_TRUE(arm.p95) << label_of(arm.arm) << poisson;
  }
}

double bytes_of(const BenchReport& report, std::string_view name) {
  return report.find(name)->per_delivery.bytes;
}

// The numbers that it reads before and after a block grow, and so do the answers that hold them.
TEST(Bench, DoesNotCountItsOwnQuestions) {
  BenchOptions options = options_of({"ws"});
  options.clients = 1;
  options.poisson = false;
  options.duration = 8s;
  for (const Block& block : SimulatedBench(options).run().blocks) {
    EXPECT_EQ(block.costs.bytes, 66.0 * static_cast<double>(block.delivery_count));
  }
}

// A poll that waits when its block ends is not answered in the next one.
TEST(Bench, ChargesNoArmWithTheClientsOfTheOneBefore) {
  for (const auto delay : {0ms, 20ms}) {
    BenchOptions options = options_of({"lp"});
    options.delay = delay;
    options.rate = 4;
    options.poisson = false;
    options.duration = 80s;
    options.rounds = 8;
    for (const Block& block : SimulatedBench(options).run().blocks) {
      if (block.arm == 1) continue;
      EXPECT_EQ(block.costs.bytes, 66.0 * static_cast<double>(block.delivery_count));
    }
  }
}

// A sixth is what the alphabet of random text leaves.
TEST(Bench, CompressesWhatIsLongEnoughForThoseWhoOfferIt) {
  BenchOptions options = options_of({"ws-deflate"});
  options.content = "json";
  options.duration = 100s;
  options.event_size = 127;  // a byte too few
  BenchReport report = measured(options);
  EXPECT_NEAR(bytes_of(report, "ws-deflate"), 127 + 4, 1);
  EXPECT_NEAR(bytes_of(report, "ws"), 127 + 4, 1);
  options.event_size = 4096;
  report = measured(options);
  expect_mean(report, "ws-deflate", 0.0001);
  EXPECT_NEAR(bytes_of(report, "ws"), 4096 + 4, 40);
  EXPECT_LT(bytes_of(report, "ws-deflate"), 0.4 * bytes_of(report, "ws"));
  options.content = "random";
  report = measured(options);
  EXPECT_GT(bytes_of(report, "ws-deflate"), 0.75 * bytes_of(report, "ws"));
}

// Counts a second after each block.
class LateWatch final : public WireWatch {
 public:
  void observe(const SimulatedBench& bench) { bench_ = &bench; }
  void begin_block() override {}
  void end_block() override { ended_ = bench_->now(); }
  bool has_counted() override { return bench_->now() - ended_ > 1s; }
  std::optional<WireBytes> block() override {
    if (!has_counted()) return std::nullopt;
    return WireBytes{.content = 1000};
  }

 private:
  const SimulatedBench* bench_ = nullptr;
  net::Clock::time_point ended_ = {};
};

TEST(Bench, WaitsForWhoCountsThePacketsOutsideOfTheBlocks) {
  BenchOptions options = options_of({"sse"});
  options.duration = 12s;
  SimulatedBench bench(options);
  LateWatch watch;
  watch.observe(bench);
  const BenchRun run = bench.watch(watch).run();
  ASSERT_EQ(run.blocks.size(), 12U);
  for (const Block& block : run.blocks) {
    ASSERT_TRUE(block.wire);
    EXPECT_EQ(block.wire->content, 1000);
    // A second as planned, and the way to the server and back.
    EXPECT_NEAR(std::chrono::duration<double>(block.length).count(), 1.04, 0.001);
    EXPECT_EQ(block.missing, 0U);
  }
}

// An echo carries its event there and back, whether it waits for its answer or not.
TEST(Bench, CountsThePayloadOfAnEchoBothWays) {
  BenchOptions options = options_of({"sse", "echo", "echo-closed"});
  options.duration = 10s;
  SimulatedBench bench(options);
  LateWatch watch;
  watch.observe(bench);
  for (const Block& block : bench.watch(watch).run().blocks) {
    const double ways = block.arm == 2 || block.arm == 3 ? 2 : 1;
    const auto deliveries = static_cast<double>(block.wire_deliveries);
    const auto size = static_cast<double>(options.event_size);
    EXPECT_NEAR(block.wire_payload, ways * size * deliveries, deliveries) << block.arm;
  }
}

TEST(Bench, SaysThatTheServerDoesNotCompress) {
  try {
    SimulatedBench(options_of({"ws-deflate"}), {.deflate = false}).run();
    FAIL() << "it measured";
  } catch (const BenchFailure& failure) {
    EXPECT_NE(std::string_view(failure.what()).find("permessage-deflate"), std::string_view::npos)
        << failure.what();
  }
}

TEST(Bench, SaysThatTheServerIsNotThere) {
  BenchOptions options = options_of({"ws"});
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  std::string unknown;
  const std::vector<ArmSpec> arms = *make_arms(options.arms, unknown);
  EXPECT_THROW(BenchRunner(loop, options, arms, {.direct = "127.0.0.1", .http = "127.0.0.1"}),
               BenchFailure);
}

}  // namespace
}  // namespace duplex::tools
