// What a bench found, what it says about it, and in which formats.
#include "../../tools/duplex/bench/report.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/bench/progress.h"
#include "../../tools/duplex/bench/render.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::vector<ArmSpec> arms_of(const std::vector<std::string>& names) {
  std::string unknown;
  return *make_arms(names, unknown);
}

// A block whose deliveries took about `mean` each, a little more in later rounds.
Block block_of(std::size_t arm, std::size_t round, std::chrono::nanoseconds mean,
               std::size_t count = 100) {
  Block block = {.arm = arm, .round = round, .length = 1s, .event_count = count};
  block.latency.assign(count, mean + round * 10us);
  block.lateness.assign(count, 40us);
  block.costs = {.bytes = 200.0 * static_cast<double>(count),
                 .requests = 1.0 * static_cast<double>(count),
                 .system_calls = 3.0 * static_cast<double>(count),
                 .cpu_seconds = 20e-6 * static_cast<double>(count)};
  return block;
}

BenchOptions options_of() {
  BenchOptions options;
  options.delay = 20ms;
  return options;
}

// Four rounds of ws, sse, lp, sp and the control, as theory has it.
std::vector<Block> good_blocks(std::size_t rounds = 4) {
  std::vector<Block> blocks;
  for (std::size_t round = 0; round < rounds; ++round) {
    blocks.push_back(block_of(0, round, 20400us));
    blocks.push_back(block_of(1, round, 20450us));
    blocks.push_back(block_of(2, round, 28ms));
    blocks.push_back(block_of(3, round, 166ms));
    blocks.push_back(block_of(4, round, round % 2 == 0 ? 20500us : 20300us));
  }
  return blocks;
}

BenchReport good_report(std::size_t rounds = 4) {
  return make_report(options_of(), arms_of({"ws", "sse", "lp", "sp"}), good_blocks(rounds));
}

TEST(Report, PutsTheMeanBesideThePrediction) {
  const BenchReport report = good_report();
  const ArmReport& lp = *report.find("lp");
  EXPECT_EQ(lp.event_count, 400U);
  EXPECT_EQ(lp.delivery_count, 400U);
  EXPECT_NEAR(lp.mean, 0.028015, 1e-6);
  EXPECT_NEAR(lp.predicted_mean, 0.02747, 1e-5);
  EXPECT_TRUE(lp.as_predicted());
  EXPECT_NEAR(report.find("sp")->predicted_mean, 0.165, 1e-6);
  EXPECT_NEAR(lp.per_delivery.bytes, 200, 1e-9);
  EXPECT_NEAR(lp.per_delivery.system_calls, 3, 1e-9);
  EXPECT_EQ(report.rounds, 4U);
  EXPECT_NEAR(report.max_lateness, 40e-6, 1e-12);
  EXPECT_EQ(report.find("tcp"), nullptr);
}

TEST(Report, RefusesQuantilesOfSmallSamples) {
  const BenchReport report = good_report();
  EXPECT_TRUE(report.arms[0].p50);
  EXPECT_TRUE(report.arms[0].p95);
  EXPECT_FALSE(report.arms[0].p99);
  EXPECT_TRUE(good_report(10).arms[0].p99);
}

TEST(Report, TellsADifferenceFromNoise) {
  const BenchReport report = good_report();
  EXPECT_GT(report.noise_floor, 1.0);
  EXPECT_LT(report.noise_floor, 1.02);
  EXPECT_FALSE(report.find("sse")->distinguishable);
  EXPECT_TRUE(report.find("lp")->distinguishable);
  EXPECT_NEAR(report.find("sp")->ratio.estimate, 8.13, 0.02);
}

TEST(Report, ComparesOnlyRoundsThatBothHave) {
  auto blocks = good_blocks(2);
  blocks.push_back(block_of(0, 2, 50ms));
  const BenchReport report = make_report(options_of(), arms_of({"ws", "sse", "lp", "sp"}), blocks);
  EXPECT_EQ(report.rounds, 3U);
  EXPECT_NEAR(report.find("lp")->ratio.estimate, 28.0 / 20.4, 0.01);
}

TEST(Report, SaysWhatItFound) {
  const std::string text = verdict(good_report());
  EXPECT_TRUE(
      text.starts_with("WebSocket delivered an event after 20.4 ms on average; long "
                       "polling 1.37× and short polling 8.13× of that time."))
      << text;
  EXPECT_NE(text.find("Not distinguishable from WebSocket: Server-Sent Events (A/A band ±"),
            std::string::npos);
  EXPECT_NE(text.find("Every mean is within 15 % + 2 ms"), std::string::npos);
  EXPECT_EQ(text.find("as a hint"), std::string::npos);
  EXPECT_NE(verdict(good_report(2)).find("Fewer than three rounds"), std::string::npos);
}

TEST(Report, SaysWhatMissedItsPrediction) {
  auto blocks = good_blocks();
  for (Block& block : blocks) {
    if (block.arm == 2) block.latency.assign(100, 90ms);
  }
  const BenchReport report = make_report(options_of(), arms_of({"ws", "sse", "lp", "sp"}), blocks);
  EXPECT_NE(verdict(report).find("long polling (predicted 27.5 ms, measured 90.0 ms)"),
            std::string::npos)
      << verdict(report);
  EXPECT_EQ(missed_expectation(report),
            "the mean of long-poll is not within 15 % + 2 ms of the prediction");
}

TEST(Report, ExpectsPushBeforePull) {
  EXPECT_EQ(missed_expectation(good_report()), std::nullopt);
  auto blocks = good_blocks();
  for (Block& block : blocks) {
    if (block.arm == 2) block.latency.assign(100, 10ms);
  }
  EXPECT_EQ(
      missed_expectation(make_report(options_of(), arms_of({"ws", "sse", "lp", "sp"}), blocks)),
      "websocket was not faster than long-poll");
}

TEST(Report, IsInconclusiveInNoiseOrWithoutData) {
  EXPECT_FALSE(is_inconclusive(good_report()));
  auto blocks = good_blocks();
  for (Block& block : blocks) {
    if (block.arm == 4) block.latency.assign(100, block.round % 2 == 0 ? 14ms : 30ms);
  }
  const auto arms = arms_of({"ws", "sse", "lp", "sp"});
  EXPECT_TRUE(is_inconclusive(make_report(options_of(), arms, blocks)));
  EXPECT_TRUE(is_inconclusive(make_report(options_of(), arms, {block_of(0, 0, 20ms)})));
  EXPECT_EQ(verdict(make_report(options_of(), arms, {})),
            "WebSocket delivered no event: there is nothing to compare with.");
}

// As after an early Ctrl-C: every arm but the control.
TEST(Report, CallsNothingADifferenceWithoutTheControl) {
  std::vector<Block> blocks = good_blocks(1);
  blocks.pop_back();
  const BenchReport report = make_report(options_of(), arms_of({"ws", "sse", "lp", "sp"}), blocks);
  EXPECT_FALSE(report.has_control);
  for (const ArmReport& arm : report.arms) EXPECT_FALSE(arm.distinguishable);
  EXPECT_TRUE(is_inconclusive(report));
  EXPECT_TRUE(
      verdict(report).starts_with("WebSocket delivered an event after 20.4 ms on average. "
                                  "It did not run against itself"))
      << verdict(report);
  const std::string text = render_text(report);
  EXPECT_NE(text.find("A/A band unknown"), std::string::npos) << text;
  EXPECT_EQ(text.find("in noise"), std::string::npos) << text;
  EXPECT_NE(render_json(report, {}).find("\"noise_floor\": null"), std::string::npos);
  EXPECT_TRUE(good_report(1).has_control);
}

TEST(Render, ShowsATableWithUnits) {
  const std::string text = render_text(good_report());
  EXPECT_NE(text.find("feed 10.0/s Poisson, 64 B each"), std::string::npos) << text;
  EXPECT_NE(text.find("20ms each way"), std::string::npos);
  EXPECT_NE(text.find("handshake stays local"), std::string::npos);
  EXPECT_NE(text.find("27.5 ms ✓"), std::string::npos);
  EXPECT_NE(text.find("lost 0, doubled 0"), std::string::npos);
  EXPECT_NE(text.find("–: fewer deliveries"), std::string::npos);
}

TEST(Render, LeavesEmptyArmsEmpty) {
  BenchOptions options;
  options.coalesce = 5ms;
  options.poisson = false;
  const std::string text =
      render_text(make_report(options, arms_of({"ws", "lp"}), {block_of(0, 0, 1ms, 1000)}));
  EXPECT_NE(text.find("pushed events wait 5ms for company"), std::string::npos);
  EXPECT_NE(text.find("path: loopback"), std::string::npos);
  EXPECT_NE(text.find("periodic"), std::string::npos);
  EXPECT_NE(text.find("long-poll"), std::string::npos);
}

TEST(Render, WritesOneLineOfCsvPerArm) {
  const std::string csv = render_csv(good_report());
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
  EXPECT_TRUE(csv.starts_with("transport,events,deliveries,"));
}

TEST(Render, WritesJsonWithOptionsAndRawBlocks) {
  const std::string json = render_json(good_report(), {{"kernel", "Linux \"x\""}});
  EXPECT_NE(json.find("\"schema_version\": 1"), std::string::npos) << json;
  EXPECT_NE(json.find("\"kernel\": \"Linux \\\"x\\\"\""), std::string::npos);
  EXPECT_NE(json.find("\"p99\": null"), std::string::npos);
  EXPECT_NE(json.find("\"block_means\": ["), std::string::npos);
}

TEST(Render, ListsPercentilesPerArm) {
  const std::string text = render_hgrm(good_report());
  EXPECT_TRUE(text.starts_with("#[Transport = websocket, unit = ms]\n"));
  EXPECT_NE(text.find("#[Transport = short-poll, unit = ms]\n"), std::string::npos);
}

TEST(Render, ChoosesTheFormatByNameAndByEnding) {
  const BenchReport report = good_report();
  EXPECT_EQ(render("csv", report, {}), render_csv(report));
  EXPECT_EQ(render("hgrm", report, {}), render_hgrm(report));
  EXPECT_EQ(render("json", report, {}), render_json(report, {}));
  EXPECT_EQ(render("text", report, {}), render_text(report));
  EXPECT_EQ(format_for("a/b.json"), "json");
  EXPECT_EQ(format_for("b.csv"), "csv");
  EXPECT_EQ(format_for("b.hgrm"), "hgrm");
  EXPECT_EQ(format_for("json"), "text");
}

TEST(Progress, DrawsABarAndTheTimeLeft) {
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 80),
            "round 1/4 · sse  [############------------]  14 s left");
  EXPECT_EQ(progress_line("x", 2, 0s, 80), "x  [########################]  0 s left");
  EXPECT_EQ(progress_line("x", -1, 0s, 80), "x  [------------------------]  0 s left");
}

TEST(Progress, FitsOnANarrowTerminal) {
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 54),
            "round 1/4 · sse  [############------------]  14 s left");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 40),
            "round 1/4 · sse  [#####-----]  14 s left");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 33), "round 1/4 · sse  14 s left");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 11), "round 1/4 ·");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 0), "");
}

}  // namespace
}  // namespace duplex::tools
