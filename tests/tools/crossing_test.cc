// Where one transport overtakes another.
#include "../../tools/duplex/bench/crossing.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/bench/charts.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// WebSocket, long polling and the control, four rounds.
PresetStep step_of(std::string value, std::chrono::nanoseconds websocket,
                   std::chrono::nanoseconds long_poll, std::chrono::nanoseconds control) {
  BenchRun run = {.arms = arms_of({"ws", "lp"})};
  for (std::size_t round = 0; round < 4; ++round) {
    run.blocks.push_back(block_of(0, round, websocket));
    run.blocks.push_back(block_of(1, round, long_poll));
    run.blocks.push_back(block_of(2, round, control));
  }
  return {.value = std::move(value), .report = make_report(std::move(run))};
}

PresetReport report_of(std::vector<PresetStep> steps) {
  return {.preset = {.question = "Who is first?", .varied = "--rate", .predicts = false},
          .steps = std::move(steps)};
}

TEST(Crossing, LiesWhereTheOrderChanges) {
  const PresetReport report =
      report_of({step_of("10/s", 10ms, 20ms, 10ms), step_of("20/s", 10ms, 20ms, 10ms),
                 step_of("50/s", 40ms, 20ms, 40ms)});
  const std::vector<Crossing> crossings = crossings_of(report);
  ASSERT_EQ(crossings.size(), 1U);
  EXPECT_EQ(crossings.front().step, 2U);
  EXPECT_EQ(crossings.front().slower, "long-poll");
  EXPECT_EQ(crossings.front().faster, "websocket");
  // From half as much to twice as much: in the middle, where both are 20 ms.
  EXPECT_NEAR(crossings.front().position, 1.5, 0.01);
  EXPECT_NEAR(crossings.front().seconds, 0.02, 0.0003);
  EXPECT_EQ(crossing_lines(report), "From --rate 50/s on long-poll was faster than websocket.\n");
  EXPECT_NE(conclusion(report).find(crossing_lines(report)), std::string::npos);
}

TEST(Crossing, IsNoneWithinTheNoise) {
  // WebSocket differs from itself by a third at the second step, and from long polling by a tenth.
  EXPECT_TRUE(crossings_of(
                  report_of({step_of("10/s", 10ms, 20ms, 10ms), step_of("50/s", 22ms, 20ms, 29ms)}))
                  .empty());
  EXPECT_TRUE(crossings_of(report_of({})).empty());
}

// A server that is nearly busy is late by chance: WebSocket differs from itself in the step
// between.
TEST(Crossing, MayLieBesideAStepThatIsNotClear) {
  const PresetReport report =
      report_of({step_of("10/s", 10ms, 20ms, 10ms), step_of("50/s", 25ms, 20ms, 80ms),
                 step_of("99/s", 80ms, 20ms, 80ms)});
  const std::vector<Crossing> crossings = crossings_of(report);
  ASSERT_EQ(crossings.size(), 1U);
  EXPECT_EQ(crossings.front().step, 2U);
  EXPECT_GT(crossings.front().position, 0.5);
  EXPECT_LT(crossings.front().position, 1.0);
  EXPECT_NEAR(crossings.front().seconds, 0.02, 0.001);
  EXPECT_EQ(crossing_lines(report), "From --rate 99/s on long-poll was faster than websocket.\n");
}

// On average the second step is the other way round, but not in most rounds.
TEST(Crossing, IsNoneWhereTheRoundsDisagree) {
  BenchRun run = {.arms = arms_of({"ws", "lp"})};
  const std::vector<std::chrono::nanoseconds> polls = {22ms, 22ms, 22ms, 1ms, 1ms};
  for (std::size_t round = 0; round < polls.size(); ++round) {
    run.blocks.push_back(block_of(0, round, 20ms));
    run.blocks.push_back(block_of(1, round, polls[round]));
    run.blocks.push_back(block_of(2, round, 20ms));
  }
  EXPECT_TRUE(crossings_of(report_of({step_of("10/s", 10ms, 20ms, 10ms),
                                      {.value = "50/s", .report = make_report(std::move(run))}}))
                  .empty());
}

TEST(Crossing, IsDrawn) {
  const PresetReport crossed =
      report_of({step_of("10/s", 10ms, 20ms, 10ms), step_of("50/s", 40ms, 20ms, 40ms)});
  const PresetReport parallel =
      report_of({step_of("10/s", 10ms, 20ms, 10ms), step_of("50/s", 10ms, 20ms, 10ms)});
  EXPECT_NE(steps_chart(crossed).find("hollow crossing"), std::string::npos);
  EXPECT_NE(steps_chart(crossed).find("one overtakes another"), std::string::npos);
  EXPECT_EQ(steps_chart(parallel).find("crossing"), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools
