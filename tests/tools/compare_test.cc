// Runs of the bench merged, and held against each other.
#include "../../tools/duplex/report/compare.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/bench/render.h"
#include "duplex/codec/json.h"
#include "run_fixtures.h"
#include "simulated_bench.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

const ArmComparison& arm_of(const RunComparison& comparison, std::string_view name) {
  for (const ArmComparison& each : comparison.arms) {
    if (each.arm.name == name) return each;
  }
  ADD_FAILURE() << name;
  return comparison.arms.front();
}

// 20 ms may be none where clocks are 25 ms apart; 166 ms are.
TEST(Compare, LeavesOutTimesThatTwoClocksCannotTell) {
  BenchRun after = good_run();
  after.clock = {.ahead = 3600, .error = 0.025, .comparisons = 2};
  const RunComparison comparison = compare_runs({"before", good_run()}, {"after", after});
  ASSERT_EQ(comparison.arms.size(), 2U);
  EXPECT_EQ(comparison.arms[0].arm.name, "lp");
  EXPECT_EQ(comparison.arms[1].arm.name, "sp");
}

// --- In virtual time: two whole benches ---

BenchOptions bench_options(std::uint64_t seed) {
  BenchOptions options = options_of({"ws", "sse", "lp", "sp"});
  options.rounds = 20;
  options.seed = seed;
  return options;
}

TEST(Compare, TwoRunsOfTheSameProgramAreNotDistinguishable) {
  const BenchRun before = SimulatedBench(bench_options(1)).run();
  const BenchRun after = SimulatedBench(bench_options(2)).run();
  const RunComparison comparison = compare_runs({"before", before}, {"after", after});
  EXPECT_EQ(comparison.arms.size(), 5U);
  EXPECT_TRUE(comparison.has_control);
  EXPECT_TRUE(comparison.differences.empty());
  for (const ArmComparison& arm : comparison.arms) {
    EXPECT_EQ(judgement(arm), "not distinguishable") << arm.arm.name;
    EXPECT_NEAR(arm.ratio.estimate, 1, 0.1) << arm.arm.name;
  }
}

TEST(Compare, AnArmThatIsAFifthSlowerIsFound) {
  const BenchRun before = SimulatedBench(bench_options(1)).run();
  const BenchRun after = SimulatedBench(bench_options(2)).slow("sse", 24ms).run();
  const RunComparison comparison = compare_runs({"before", before}, {"after", after});
  const ArmComparison& sse = arm_of(comparison, "sse");
  EXPECT_EQ(judgement(sse), "slower");
  EXPECT_NEAR(sse.ratio.estimate, 1.2, 0.001);
  for (const ArmComparison& arm : comparison.arms) {
    if (arm.arm.name == "sse") continue;
    EXPECT_EQ(judgement(arm), "not distinguishable") << arm.arm.name;
  }
  const RunComparison reversed = compare_runs({"after", after}, {"before", before});
  EXPECT_EQ(judgement(arm_of(reversed, "sse")), "faster");
}

// --- With made-up runs ---

BenchRun slower_run() {
  BenchRun run = good_run(8);
  for (Block& block : run.blocks) {
    if (block.arm == 2) set_all(block, 34ms + block.round * 10us);
  }
  return run;
}

TEST(Compare, CallsNothingADifferenceWithoutAControl) {
  BenchRun run = slower_run();
  std::erase_if(run.blocks, [](const Block& block) { return block.arm == 4; });
  const RunComparison comparison = compare_runs({"a", good_run(8)}, {"b", run});
  EXPECT_FALSE(comparison.has_control);
  EXPECT_EQ(comparison.arms.size(), 4U);
  EXPECT_EQ(judgement(arm_of(comparison, "lp")), "not distinguishable");
  EXPECT_NE(render_comparison("text", comparison).find("lacks its A/A control"), std::string::npos);
  EXPECT_NE(render_comparison("json", comparison).find("\"noise_floor\": null"), std::string::npos);
}

// Each round of the same schedule moves by 20 µs beside rounds that lie milliseconds apart.
TEST(Compare, PairsTheRoundsOfTheSameSchedule) {
  const auto run_with = [](std::uint64_t seed, std::chrono::nanoseconds more) {
    BenchRun run = good_run(8);
    run.options.seed = seed;
    for (Block& block : run.blocks) {
      if (block.arm == 2) set_all(block, 28ms + more + block.round * 2ms);
    }
    return run;
  };
  const auto width = [](const RunComparison& comparison) {
    const measure::Interval ratio = arm_of(comparison, "lp").ratio;
    return ratio.high - ratio.low;
  };
  const NamedRun before = {"a", run_with(1, 0ns)};
  EXPECT_LT(width(compare_runs(before, {"b", run_with(1, 20us)})), 0.001);
  EXPECT_GT(width(compare_runs(before, {"b", run_with(2, 20us)})), 0.01);
}

// Machines drift from one run to the next by what is in neither's A/A band.
TEST(Compare, IsSilentBelowThreePercent) {
  const auto judged = [](double factor) {
    BenchRun run = good_run(8);
    for (Block& block : run.blocks) {
      const auto at = block.arm == 3 ? nanoseconds(166ms) * factor : nanoseconds(0);
      if (block.arm == 3) set_all(block, std::chrono::duration_cast<nanoseconds>(at));
    }
    return judgement(arm_of(compare_runs({"a", good_run(8)}, {"b", run}), "sp"));
  };
  EXPECT_EQ(judged(1.02), "not distinguishable");
  EXPECT_EQ(judged(1.04), "slower");
  EXPECT_EQ(judged(0.95), "faster");
}

TEST(Compare, SaysWhatElseDiffers) {
  BenchRun run = slower_run();
  run.options.delay = 21ms;
  run.environment = {{"kernel", "Linux 7"}, {"load_average", "9"}};
  const RunComparison comparison = compare_runs({"a.json", good_run(8)}, {"b.json", run});
  EXPECT_EQ(comparison.differences,
            (std::vector<std::string>{"--delay: 20ms in a.json, 21ms in b.json",
                                      "kernel: nothing in a.json, Linux 7 in b.json"}));
}

TEST(Compare, IsShownInFourFormats) {
  const RunComparison comparison = compare_runs({"a", good_run(8)}, {"b", slower_run()});
  const std::string text = render_comparison("text", comparison);
  EXPECT_TRUE(text.starts_with("before: a\nafter: b\n\ntransport")) << text;
  EXPECT_NE(text.find("1.21× [1.21, 1.21]  slower"), std::string::npos) << text;
  EXPECT_NE(text.find("noise floor ±"), std::string::npos);
  const std::string csv = render_comparison("csv", comparison);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
  const std::string markdown = render_comparison("markdown", comparison);
  EXPECT_NE(markdown.find("| long-poll | 28.0 ms [28.0, 28.1] | 34.0 ms [34.0, 34.1] |"),
            std::string::npos)
      << markdown;
  const auto json = codec::parse_json(render_comparison("json", comparison));
  ASSERT_TRUE(json);
  EXPECT_TRUE(*json->find("arms")->array()->at(2).find("distinguishable")->flag());
}

TEST(Compare, LeavesOutWhatOnlyOneMeasured) {
  BenchRun run = good_run(8);
  run.arms[1].name = "tcp";
  const RunComparison comparison = compare_runs({"a", good_run(8)}, {"b", run});
  EXPECT_EQ(comparison.arms.size(), 4U);
  EXPECT_EQ(comparison.differences.front(), "--arms: ws,sse,lp,sp,aa in a, ws,tcp,lp,sp,aa in b");
}

// So many rounds of another schedule.
BenchRun later_run(std::size_t rounds) {
  BenchRun run = good_run(rounds);
  run.started = 100;
  run.options.seed = 2;
  return run;
}

TEST(Merge, AddsUpTheRounds) {
  BenchRun later = later_run(3);
  later.blocks[0].start = 1;
  const auto merged = merge_runs({{"a", good_run(2)}, {"b", later}});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->blocks.size(), 25U);
  EXPECT_EQ(merged->blocks[10].round, 2U);
  EXPECT_EQ(merged->blocks[10].order, 10U);
  EXPECT_EQ(merged->blocks[10].start, 101);
  EXPECT_EQ(merged->options.rounds, 8U);
  const BenchReport report = make_report(*merged);
  EXPECT_EQ(report.rounds, 5U);
  EXPECT_EQ(report.find("lp")->delivery_count, 500U);
}

// Their lengths in nanoseconds would not fit.
TEST(Merge, AddsUpRunsThatSayTheyTookCenturies) {
  BenchRun first = good_run(2);
  first.options.duration = std::chrono::seconds(8'999'999'999);
  BenchRun later = first;
  later.started = 100;
  later.options.seed = 2;
  const auto merged = merge_runs({{"a", first}, {"b", later}});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->options.duration, std::chrono::nanoseconds::max());
}

TEST(Merge, RefusesToCountTheSameRunTwice) {
  const BenchRun later = later_run(3);
  EXPECT_EQ(merge_runs({{"a", good_run(2)}, {"b", later}, {"c", later}}).error(),
            "b and c hold the same blocks, which would count twice");
  // Also as a part of what was merged before.
  const auto merged = merge_runs({{"a", good_run(2)}, {"b", later}});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merge_runs({{"both", *merged}, {"b", later}}).error(),
            "both and b hold the same blocks, which would count twice");
}

TEST(Merge, RefusesTheSameScheduleTwice) {
  BenchRun again = good_run(3);
  again.started = 100;
  EXPECT_EQ(
      merge_runs({{"a", good_run(2)}, {"b", again}}).error(),
      "a and b have the same schedule (seed 1), so that the rounds of the second tell nothing "
      "new; measure with another --seed");
}

TEST(Merge, RefusesOtherMachinesAndPrograms) {
  BenchRun other = good_run(2);
  other.environment = {{"commit", "1234567"}, {"load_average", "9"}};
  const auto merged = merge_runs({{"a", good_run(2)}, {"b", other}});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error(),
            "runs of different machines or programs are not merged (commit: nothing in a, 1234567 "
            "in b); --compare holds them against each other");
  for (std::string BenchRun::*const each : {&BenchRun::scheduling, &BenchRun::wire_source}) {
    BenchRun elsewhere = later_run(2);
    elsewhere.*each = "otherwise";
    EXPECT_FALSE(merge_runs({{"a", good_run(2)}, {"b", elsewhere}}));
  }
}

TEST(Merge, RefusesWhatRoundsDoNotAddUpTo) {
  BenchRun later = later_run(3);
  later.idle.emplace_back();
  EXPECT_EQ(merge_runs({{"a", good_run(2)}, {"b", later}}).error(),
            "b: what --idle has measured is not merged; report it by itself");
  BenchRun ladder = good_run(3);
  ladder.ladder.emplace();
  EXPECT_EQ(merge_runs({{"a", ladder}, {"b", later_run(2)}}).error(),
            "a: what --decompose has measured is not merged; report it by itself");
  BenchRun storm = good_run(3);
  storm.storms.emplace_back();
  EXPECT_EQ(merge_runs({{"a", later_run(2)}, {"b", storm}}).error(),
            "b: what --storm has measured is not merged; report it by itself");
}

TEST(Merge, RefusesOtherConditions) {
  BenchRun other = good_run(2);
  other.options.rate = 4;
  const auto merged = merge_runs({{"a", good_run(2)}, {"b", other}});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error(),
            "runs of different conditions are not merged (--rate: 10.000000 in a, 4.000000 in b); "
            "--compare holds them against each other");
  for (std::string BenchOptions::*const each : {&BenchOptions::wait, &BenchOptions::place}) {
    BenchRun placed = later_run(2);
    placed.options.*each = "otherwise";
    EXPECT_FALSE(merge_runs({{"a", good_run(2)}, {"b", placed}}));
  }
  // Another seed and length are what merging is for.
  BenchRun longer = good_run(5);
  longer.options.seed = 9;
  longer.options.duration = 1min;
  longer.started = 100;
  EXPECT_TRUE(merge_runs({{"a", good_run(2)}, {"b", longer}}));
}

}  // namespace
}  // namespace duplex::tools
