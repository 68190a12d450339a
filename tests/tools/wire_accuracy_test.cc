// The self-test's reckoning: what probes should meet, and what is said of what they met.
#include <gtest/gtest.h>

#include <algorithm>

#include "../../tools/duplex/wire/accuracy.h"

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;

WireOptions wire_of(std::string_view text) {
  WireOptions wire;
  EXPECT_EQ(set_wire(wire, text), "");
  return wire;
}

RoundTrips expected_of(const WireOptions& wire) {
  return expected_round_trips(wire, plan_probes(wire));
}

TEST(WireAccuracy, ProbesOfASlowLinkAreFewAndFarApart) {
  EXPECT_EQ(plan_probes(wire_of("home")).count, 400U);
  EXPECT_EQ(plan_probes(wire_of("home")).interval, 10ms);
  const ProbePlan slow = plan_probes(wire_of("up.rate=8kbit,down.rate=1mbit"));
  EXPECT_EQ(slow.interval, 256ms);  // 64 bytes take 64 ms
  EXPECT_EQ(slow.count, 20U);
  EXPECT_EQ(plan_probes(wire_of("down.rate=8kbit")).interval, 256ms);
}

TEST(WireAccuracy, ExpectsTheRoundTripOfBothDirections) {
  for (const auto& round_trip : expected_of(wire_of("up.delay=20ms,down.delay=5ms"))) {
    EXPECT_EQ(round_trip, 25ms);
  }
  EXPECT_EQ(expected_of(wire_of("delay=1ms,rate=64kbit")).front(), 2ms + 2 * 8ms);
  EXPECT_EQ(expected_handshake(wire_of("delay=1ms,rate=48kbit")), 2ms + 2 * 10ms);
}

TEST(WireAccuracy, ExpectsLossesInEitherDirection) {
  const auto lost = [](const char* text) {
    const RoundTrips expected = expected_of(wire_of(text));
    return std::count(expected.begin(), expected.end(), std::nullopt);
  };
  EXPECT_EQ(lost("lan"), 0);
  EXPECT_EQ(lost("down.loss=100%"), 400);
  EXPECT_GT(lost("up.loss=5%"), 0);
  EXPECT_GT(lost("loss=5%"), lost("up.loss=5%"));
}

TEST(WireAccuracy, TakesTheFirstOfDoubledAndReorderedEchoes) {
  for (const auto& round_trip : expected_of(wire_of("delay=2ms,duplicate=100%"))) {
    EXPECT_EQ(round_trip, 4ms);
  }
  const RoundTrips late = expected_of(wire_of("delay=2ms,up.reorder=100%,reorder-by=30ms"));
  EXPECT_EQ(late.front(), 34ms);
}

TEST(WireAccuracy, IsContentWithWhatWasExpected) {
  const WireOptions wire = wire_of("mobile");
  const RoundTrips expected = expected_of(wire);
  const Accuracy accuracy = compare(wire, expected, expected, {0.121, 0.118, 0.125});
  EXPECT_EQ(verdict_of(accuracy), ExitCode::ok);
  EXPECT_EQ(accuracy.lost, accuracy.lost_expected);
  EXPECT_EQ(accuracy.error_worst, 0);
  EXPECT_DOUBLE_EQ(accuracy.handshake, 0.121);
  EXPECT_NE(verdict_text(accuracy).find("does what was asked"), std::string::npos);
}

TEST(WireAccuracy, LatenessBeyondTheToleranceIsTheMachines) {
  const WireOptions wire = wire_of("delay=20ms");
  const RoundTrips expected = expected_of(wire);
  RoundTrips measured = expected;
  for (auto& round_trip : measured) *round_trip += 1299us;  // 2 % and 0.5 ms are allowed
  EXPECT_EQ(verdict_of(compare(wire, expected, measured, {0.04})), ExitCode::ok);
  for (auto& round_trip : measured) *round_trip += 2us;
  const Accuracy accuracy = compare(wire, expected, measured, {0.04});
  EXPECT_EQ(verdict_of(accuracy), ExitCode::inconclusive);
  EXPECT_NEAR(accuracy.error_p95, 0.001301, 1e-9);
  EXPECT_NE(verdict_text(accuracy).find("too noisy"), std::string::npos);
}

TEST(WireAccuracy, ALateHandshakeIsTheMachinesToo) {
  const WireOptions wire = wire_of("delay=20ms");
  const RoundTrips expected = expected_of(wire);
  EXPECT_EQ(verdict_of(compare(wire, expected, expected, {0.0412})), ExitCode::ok);
  EXPECT_EQ(verdict_of(compare(wire, expected, expected, {0.0414})), ExitCode::inconclusive);
}

// Probes of UDP may pass where TCP is dead.
TEST(WireAccuracy, NoHandshakeWhereNothingIsLostIsAFault) {
  const WireOptions wire = wire_of("delay=20ms");
  const RoundTrips expected = expected_of(wire);
  const Accuracy accuracy = compare(wire, expected, expected, {});
  EXPECT_FALSE(accuracy.handshake_is_right());
  EXPECT_EQ(verdict_of(accuracy), ExitCode::threshold_missed);
  EXPECT_EQ(verdict_text(accuracy),
            "The link made no connection of TCP, though nothing should have been lost.");
  EXPECT_NE(table_of(accuracy).find("none was made"), std::string::npos) << table_of(accuracy);
}

TEST(WireAccuracy, NoHandshakeWherePacketsAreLostIsNotJudged) {
  for (const std::string_view text : {"delay=20ms,loss=30%", "delay=20ms,outage=1s@1h"}) {
    const WireOptions wire = wire_of(text);
    const RoundTrips expected = expected_of(wire);
    const Accuracy accuracy = compare(wire, expected, expected, {});
    EXPECT_TRUE(accuracy.handshake_is_right()) << text;
    EXPECT_EQ(verdict_of(accuracy), ExitCode::ok) << text;
    EXPECT_NE(verdict_text(accuracy).find("those are not judged"), std::string::npos) << text;
    EXPECT_EQ(table_of(accuracy).find("handshake"), std::string::npos) << text;
  }
}

TEST(WireAccuracy, LosingOneMoreIsAFault) {
  const WireOptions wire = wire_of("mobile");
  const RoundTrips expected = expected_of(wire);
  RoundTrips measured = expected;
  std::find_if(measured.begin(), measured.end(), [](const auto& each) { return each; })->reset();
  const Accuracy accuracy = compare(wire, expected, measured, {});
  EXPECT_EQ(verdict_of(accuracy), ExitCode::threshold_missed);
  EXPECT_NE(table_of(accuracy).find("✗"), std::string::npos);
  // Where the course of time has a say, ten of 400 may differ.
  const WireOptions timely = wire_of("mobile,outage=1s@1h");
  EXPECT_EQ(verdict_of(compare(timely, expected, measured, {})), ExitCode::ok);
}

TEST(WireAccuracy, SaysNothingOfNoProbes) {
  const WireOptions wire = wire_of("loss=100%");
  const RoundTrips expected = expected_of(wire);
  const Accuracy accuracy = compare(wire, expected, expected, {});
  EXPECT_EQ(verdict_of(accuracy), ExitCode::inconclusive);
  EXPECT_NE(verdict_text(accuracy).find("No probe came back"), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools::wire
