// Percentiles of a run: which ones its events carry, and how they are shown.
#include <gtest/gtest.h>

#include <cmath>

#include "../../tools/duplex/bench/preset_report.h"
#include "../../tools/duplex/bench/render.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// Of WebSocket alone: each event came to so many clients, over up to 16 ms.
BenchReport report_of(std::uint64_t events, std::uint64_t clients) {
  std::vector<std::chrono::nanoseconds> latencies;
  const auto count = static_cast<std::int64_t>(events * clients);
  for (std::int64_t i = 1; i <= count; ++i) latencies.emplace_back(16'000'000 * i / count);
  Block block = block_of(0, 0, 20ms, events);
  block.set_latencies(latencies);
  return make_report({.arms = arms_of({"ws"}), .blocks = {block}});
}

TEST(Quantiles, NeedTenEventsBeyondThem) {
  EXPECT_FALSE(report_of(199, 1).arms[0].p95);
  EXPECT_TRUE(report_of(200, 1).arms[0].p95);
  EXPECT_FALSE(report_of(999, 1).arms[0].p99);
  EXPECT_TRUE(report_of(1000, 1).arms[0].p99);
  EXPECT_GT(report_of(1, 1).arms[0].p50.estimate, 0);
}

// A stall of the server makes eight deliveries late, and is one.
TEST(Quantiles, ClientsOfTheSameEventAreOneWitness) {
  const BenchReport few = report_of(125, 8);
  EXPECT_EQ(few.arms[0].delivery_count, 1000U);
  EXPECT_EQ(few.arms[0].witnesses(), 125);
  EXPECT_FALSE(few.arms[0].p95);
  EXPECT_FALSE(few.arms[0].p99);
  EXPECT_TRUE(report_of(200, 8).arms[0].p95);
  EXPECT_FALSE(report_of(999, 8).arms[0].p99);
  EXPECT_TRUE(report_of(1000, 8).arms[0].p99);
  const std::string text = render_text(few);
  EXPECT_NE(text.find("–: too few events for that percentile: p95 needs 200 of each transport, p99 "
                      "1000\n"),
            std::string::npos)
      << text;
}

// What is told to take is enough: with a fifth to spare, for events that come at random.
TEST(Quantiles, SayHowLongTheyTakeToMeasure) {
  const auto hint_of = [](std::size_t events_of_a_block) {
    BenchRun run = good_run(10);
    for (Block& block : run.blocks) {
      block.event_count = events_of_a_block;
      set_all(block, block.arm == 3 ? 166ms : 20ms);
    }
    run.options.duration = 60s;
    run.options.rounds = 20;  // of which ten are there
    const std::string text = render_text(make_report(std::move(run)));
    const std::size_t at = text.find("–: too few");
    return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  const std::string needs =
      "–: too few events for that percentile: p95 needs 200 of each transport, p99 1000";
  EXPECT_EQ(hint_of(10), needs + " (200: --duration 72s)");
  EXPECT_EQ(hint_of(50), needs + " (1000: --duration 72s)");
  EXPECT_EQ(hint_of(100), "");
}

// Eight clients who got the same event are one witness.
TEST(Quantiles, HaveAWiderIntervalWhereFewEventsCarryThem) {
  const measure::Interval alone = *report_of(1600, 1).arms[0].p95;
  const measure::Interval shared = *report_of(200, 8).arms[0].p95;
  EXPECT_NEAR(alone.estimate, 0.0152, 2e-5);
  EXPECT_EQ(shared.estimate, alone.estimate);
  EXPECT_NEAR((shared.high - shared.low) / (alone.high - alone.low), std::sqrt(8), 0.4);
}

TEST(Quantiles, HaveTheirIntervalsOnAPage) {
  const BenchReport report = report_of(1000, 8);
  const std::string p99 = quantile_cell(report.arms[0].p99, Width::wide);
  EXPECT_TRUE(p99.starts_with("15.8 ms [15.7, 16.0]")) << p99;
  EXPECT_EQ(quantile_cell(report.arms[0].p99, Width::narrow), "15.8 ms");
  EXPECT_EQ(quantile_cell(std::nullopt, Width::wide), "–");
  const std::string markdown = render_markdown(report);
  EXPECT_NE(markdown.find("| p95 [95 %] | p99 [95 %] |"), std::string::npos) << markdown;
  EXPECT_NE(markdown.find(" | " + p99 + " | "), std::string::npos) << markdown;
  const std::string page = render("html", report);
  EXPECT_NE(page.find("p99 [95 %]</th>"), std::string::npos);
  EXPECT_NE(page.find(">" + p99 + "</td>"), std::string::npos);
  EXPECT_EQ(render_text(report).find("p99 [95 %]"), std::string::npos);
}

PresetReport ladder_of(const BenchReport& step, std::chrono::nanoseconds limit) {
  return {.preset = {.name = "ladder", .varied = "--clients", .limit = limit, .predicts = false},
          .steps = {{"8", step}}};
}

TEST(Quantiles, OfAnExperimentMayBeMissing) {
  const auto says_why = [](const BenchReport& step) {
    const std::string text = render_preset("text", ladder_of(step, 0ms));
    return text.find("p95 takes 200, p99 1000.") != std::string::npos;
  };
  EXPECT_TRUE(says_why(report_of(125, 8)));
  EXPECT_FALSE(says_why(report_of(1000, 8)));
}

// It is seen in the deliveries, however few events there were.
TEST(Quantiles, LadderEndsWithOneDeliveryInTwenty) {
  EXPECT_FALSE(goes_beyond_limit(ladder_of(report_of(10, 100), 0ms)));
  EXPECT_FALSE(goes_beyond_limit(ladder_of(report_of(10, 100), 16ms)));
  EXPECT_FALSE(goes_beyond_limit(ladder_of(report_of(0, 0), 1ms)));
  EXPECT_FALSE(goes_beyond_limit({.preset = {.limit = 1ms}}));
  PresetReport report = ladder_of(report_of(10, 100), 15ms);
  EXPECT_TRUE(goes_beyond_limit(report));
  report.over_limit = true;
  EXPECT_TRUE(
      conclusion(report).starts_with("One delivery in twenty over WebSocket took longer "
                                     "than 15ms with --clients 8: the last step.\n"))
      << conclusion(report);
}

}  // namespace
}  // namespace duplex::tools
