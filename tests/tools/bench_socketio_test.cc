// Socket.IO beside the transports that carry it, measured in virtual time.
#include <gtest/gtest.h>

#include <string_view>

#include "../../tools/duplex/bench/report.h"
#include "../../tools/duplex/bench/wire_prediction.h"
#include "simulated_bench.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

BenchReport measured(const BenchOptions& options) {
  return make_report(SimulatedBench(options).run());
}

void expect_mean(const BenchReport& report, std::string_view name, double tolerance) {
  const ArmReport& arm = *report.find(name);
  EXPECT_GT(arm.event_count, 300U) << name;
  EXPECT_EQ(arm.delivery_count, arm.event_count * report.run.options.clients) << name;
  EXPECT_EQ(arm.missing + arm.duplicates, 0U) << name;
  EXPECT_NEAR(arm.mean / arm.predicted.mean, 1, tolerance) << name;
}

TEST(BenchSocketIo, MeetsTheoryInVirtualTime) {
  const BenchReport report = measured(options_of({"sio-ws", "sio-up", "sio-lp"}));
  expect_mean(report, "sio-ws", 0.0001);
  expect_mean(report, "sio-up", 0.0001);
  expect_mean(report, "sio-lp", 0.05);
  EXPECT_EQ(report.find("sio-up")->per_delivery.requests, 0);
  EXPECT_NEAR(report.find("sio-lp")->per_delivery.requests,
              report.find("sio-lp")->predicted.requests_per_event, 0.02);
}

// Of heads as they were predicted; a poll's own number has a digit or two.
TEST(BenchSocketIo, CostsTheBytesThatTheoryCounts) {
  BenchOptions options = options_of({"sio-ws", "sio-up", "sio-lp"});
  options.link = "simulated";
  const BenchReport report = measured(options);
  for (const std::string_view name : {"sio-ws", "sio-up", "sio-lp"}) {
    const ArmReport& arm = *report.find(name);
    measure::Scenario scenario = scenario_of(options);
    scenario.headers = poll_heads(arm.arm.transport, options);
    const double predicted =
        measure::predict(arm.arm.transport, scenario).application_bytes_per_event;
    EXPECT_NEAR(arm.per_delivery.bytes / predicted, 1, 0.05) << name;
  }
}

TEST(BenchSocketIo, HearsTheFirstEventWhenTheorySays) {
  BenchOptions options = options_of({"sio-ws", "sio-up", "sio-lp"});
  options.link = "simulated";  // TCP's handshake crosses it
  options.rate = 0.5;
  const BenchReport report = measured(options);
  for (const std::string_view name : {"ws", "sio-ws", "sio-up", "sio-lp"}) {
    const ArmReport& arm = *report.find(name);
    ASSERT_TRUE(arm.first_event) << name;
    EXPECT_NEAR(*arm.first_event, *arm.predicted.first_event, 0.001) << name;
  }
}

TEST(BenchSocketIo, PushedEventsWaitForCompanyToo) {
  BenchOptions options = options_of({"sio-ws"});
  options.coalesce = 50ms;
  expect_mean(measured(options), "sio-ws", 0.03);
}

TEST(BenchSocketIo, SaysThatTheServerDoesNotSpeakIt) {
  for (const char* arm : {"sio-ws", "sio-lp", "sio-up"}) {
    try {
      SimulatedBench(options_of({arm}), {.socketio = false}).run();
      ADD_FAILURE() << arm << " was measured";
    } catch (const BenchFailure& failure) {
      const std::string_view why = failure.what();
      EXPECT_NE(why.find("404"), std::string_view::npos) << why;
      EXPECT_NE(why.find("--socketio"), std::string_view::npos) << why;
    }
  }
}

}  // namespace
}  // namespace duplex::tools
