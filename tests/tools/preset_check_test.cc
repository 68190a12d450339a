// What an experiment asserts of its figures: how it is written, and whether it holds.
#include "../../tools/duplex/bench/preset_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "../../tools/duplex/bench/check_metric.h"
#include "../../tools/duplex/bench/check_outcome.h"
#include "../../tools/duplex/bench/preset.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::string refusal(std::string_view text) {
  const auto check = parse_check(text);
  return check ? "(read)" : check.error();
}

PresetCheck check_of(std::string_view text) {
  auto check = parse_check(text);
  EXPECT_TRUE(check) << check.error();
  return check ? *std::move(check) : PresetCheck{};
}

TEST(PresetCheck, ComparesAFigureWithANumber) {
  const PresetCheck check = check_of("p50 of echo at nagle,split-writes >= 35ms");
  EXPECT_EQ(check.left.metric, "p50");
  EXPECT_EQ(check.left.arm, "echo");
  EXPECT_EQ(check.left.step, "nagle,split-writes");
  EXPECT_EQ(check.relation, Relation::at_least);
  EXPECT_EQ(check.right.metric, "");
  EXPECT_DOUBLE_EQ(check.right.factor, 0.035);
  EXPECT_EQ(check.text, "p50 of echo at nagle,split-writes >= 35ms");
}

TEST(PresetCheck, ComparesAFigureWithAnother) {
  const PresetCheck check = check_of("bytes  of lp = 9.5 x bytes of ws at 64 within 2.5%");
  EXPECT_EQ(check.left.step, "");
  EXPECT_EQ(check.relation, Relation::equal);
  EXPECT_DOUBLE_EQ(check.right.factor, 9.5);
  EXPECT_EQ(check.right.metric, "bytes");
  EXPECT_EQ(check.right.arm, "ws");
  EXPECT_EQ(check.right.step, "64");
  EXPECT_DOUBLE_EQ(check.tolerance, 0.025);
  EXPECT_DOUBLE_EQ(check_of("mean of lp <= p95 of ws").right.factor, 1);
  EXPECT_EQ(check_of("peak of storm at none >= 3 x peak of storm at half").left.arm, "storm");
}

TEST(PresetCheck, NamesWhatItRefuses) {
  const std::string form =
      "not of the form METRIC of ARM [at VALUE] <=, >= or = [FACTOR x] METRIC of ARM [at VALUE], "
      "or a figure in place of the other metric; behind = stands within PERCENT%";
  for (const std::string_view text :
       {"mean", "mean from ws <= 1s", "mean of ws", "mean of ws <="}) {
    EXPECT_EQ(refusal(text), form) << text;
  }
  EXPECT_EQ(refusal(""), form);
  EXPECT_TRUE(refusal("smoke of ws <= 1").starts_with("'smoke' is not one of mean, p50, "));
  EXPECT_TRUE(refusal("mean of wss <= 1s").starts_with("'wss' is not one of ws, "));
  EXPECT_EQ(refusal("peak of ws <= 1"), "'ws' is not storm, whose peak it is");
  EXPECT_TRUE(refusal("mean of storm <= 1s").starts_with("'storm' is not one of ws, "));
  EXPECT_EQ(refusal("mean of ws == 1s"), "'==' is not one of <=, >=, =");
  EXPECT_EQ(refusal("mean of ws <= 35"), "'35' is not a time, as 35ms");
  for (const std::string number : {"35ms", "-1", "nan", "inf", "1e13", "0x10"}) {
    EXPECT_EQ(refusal("bytes of ws <= " + number),
              "'" + number + "' is not a number from 0 to 1e12");
    EXPECT_EQ(refusal("bytes of ws <= " + number + " x bytes of lp"),
              "'" + number + "' is not a number from 0 to 1e12");
  }
  EXPECT_EQ(refusal("mean of ws <= bytes of ws"), "'bytes' is no time, the other side is one");
  EXPECT_EQ(refusal("bytes of ws <= 2 x mean of ws"), "'mean' is a time, the other side is none");
  EXPECT_EQ(refusal("bytes of ws = 66"), "behind = stands within PERCENT%");
  for (const std::string share : {"0%", "101%", "5", "%", "-5%"}) {
    EXPECT_EQ(refusal("bytes of ws = 66 within " + share),
              "'" + share + "' is not a share above 0% and at most 100%");
  }
  EXPECT_EQ(refusal("bytes of ws <= 66 within 5%"), "'within' is more than a check has");
}

constexpr std::string_view good =
    "question = How late?\n"
    "expected = late\n"
    "bench = --arms ws,lp\n"
    "vary = --delay 20ms 50ms\n"
    "quick-vary = 20ms 90ms\n";

std::string conf_with(std::string_view line) {
  return std::string(good) + std::string(line) + "\n";
}

std::string file_refusal(std::string_view text) {
  const auto preset = parse_preset("a.conf", text);
  return preset ? "(read)" : preset.error();
}

TEST(PresetCheck, IsALineOfAnExperiment) {
  const auto preset = parse_preset("a", conf_with("check = mean of lp at 20ms\n  <= 1s\n"
                                                  "check = mean of lp <= 2 x mean of ws at 50ms"));
  ASSERT_TRUE(preset) << preset.error();
  ASSERT_EQ(preset->checks.size(), 2U);
  EXPECT_EQ(preset->checks[0].text, "mean of lp at 20ms <= 1s");
  EXPECT_EQ(preset->checks[1].right.step, "50ms");
}

TEST(PresetCheck, IsRefusedWithItsLine) {
  EXPECT_EQ(file_refusal(conf_with("check = mean of lp == 1s")),
            "a.conf:6: check: 'mean of lp == 1s': '==' is not one of <=, >=, =");
  const std::string values = "'40ms' is not one of 20ms, 50ms, 90ms";
  EXPECT_EQ(file_refusal(conf_with("check = mean of lp at 40ms <= 1s")),
            "a.conf:6: check: 'mean of lp at 40ms <= 1s': " + values);
  EXPECT_EQ(file_refusal(conf_with("show = wire\ncheck = mean of lp <= mean of ws at 40ms")),
            "a.conf:7: check: 'mean of lp <= mean of ws at 40ms': " + values);
  EXPECT_EQ(file_refusal("question = a\nexpected = b\nbench = c\ncheck = mean of lp at 1 <= 1s\n"),
            "a.conf:4: check: 'mean of lp at 1 <= 1s': 'at' without vary");
  std::string many(good);
  for (std::size_t i = 0; i < max_checks; ++i) many += "check = mean of lp <= 1s\n";
  EXPECT_EQ(file_refusal(many), "(read)");
  EXPECT_EQ(file_refusal(many + "check = mean of lp <= 1s\n"),
            "a.conf:38: check: 'mean of lp <= 1s': an experiment has at most 32");
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The word behind --arms.
std::string arms_in(const Preset& preset) {
  const auto found = std::ranges::find(preset.arguments, "--arms");
  return found == preset.arguments.end() ? "ws,sse,lp,sp" : *std::next(found);
}

// Otherwise it would say "not measured" for ever.
TEST(PresetCheck, IsOfArmsThatTheExperimentMeasures) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tools/experiments")) {
    if (entry.path().extension() != ".conf") continue;
    const auto preset = parse_preset(entry.path().string(), text_of(entry.path()));
    ASSERT_TRUE(preset) << preset.error();
    for (const PresetCheck& check : preset->checks) {
      ++count;
      for (const CheckTerm& term : {check.left, check.right}) {
        if (term.metric.empty() || term.arm == storm_subject) continue;
        const std::string arms = "," + arms_in(*preset) + ",";
        EXPECT_NE(arms.find("," + term.arm + ","), std::string::npos) << check.text;
      }
    }
  }
  EXPECT_GE(count, 20U);
}

// Two steps of WebSocket at 20.4 ms, short polls at 166 ms; the second one half as late.
PresetReport two_steps(const std::vector<std::string>& checks) {
  PresetReport report = {.preset = {.varied = "--rate", .predicts = false}};
  for (const std::string& each : checks) report.preset.checks.push_back(check_of(each));
  std::vector<Block> early = good_blocks();
  for (Block& block : early) set_all(block, block.arm == 3 ? 83ms : 10ms);
  report.steps.push_back({"4/s", make_report(good_run())});
  report.steps.push_back({"8/s", make_report(run_of(std::move(early)))});
  return report;
}

std::vector<std::string> sentences(const PresetReport& report) {
  std::vector<std::string> all;
  for (const CheckOutcome& outcome : outcomes_of(report)) all.push_back(sentence_of(outcome));
  return all;
}

using Sentences = std::vector<std::string>;

TEST(CheckOutcome, IsASentenceWithTheFigure) {
  EXPECT_EQ(sentences(two_steps({"mean of sp at 4/s >= 160ms", "mean of sp at 8/s >= 160ms",
                                 "bytes of ws at 4/s = 210 within 5%",
                                 "bytes of ws at 4/s = 211 within 5%"})),
            (Sentences{"✓ mean of sp at 4/s was 166 ms, expected at least 160 ms",
                       "✗ mean of sp at 8/s was 83.0 ms, expected at least 160 ms",
                       "✓ bytes of ws at 4/s was 200 B, expected 210 B within 5 %",
                       "✗ bytes of ws at 4/s was 200 B, expected 211 B within 5 %"}));
}

TEST(CheckOutcome, HasTheUnitOfItsFigure) {
  PresetReport report = two_steps({"idle-bytes of ws at 4/s <= 20", "peak of storm at 4/s >= 1000",
                                   "requests of sp at 4/s <= 2"});
  BenchRun& run = report.steps[0].report.run;
  run.idle = {{.transport = "websocket", .connections = 10, .wire_bytes_per_second = 120}};
  run.storms = {{.measured = {.peak_rate = 900}}};
  EXPECT_EQ(sentences(report),
            (Sentences{"✓ idle-bytes of ws at 4/s was 12.0 B/s, expected at most 20.0 B/s",
                       "✗ peak of storm at 4/s was 900/s, expected at least 1000/s",
                       "✓ requests of sp at 4/s was 1.00, expected at most 2.00"}));
}

TEST(CheckOutcome, IsOfEachStepUnlessItNamesOne) {
  EXPECT_EQ(sentences(two_steps({"mean of sp <= 8.2 x mean of ws"})),
            (Sentences{"✓ mean of sp at 4/s was 166 ms, expected at most 167 ms, 8.2 x mean of ws "
                       "at 4/s",
                       "✗ mean of sp at 8/s was 83.0 ms, expected at most 82.0 ms, 8.2 x mean of "
                       "ws at 8/s"}));
  EXPECT_EQ(sentences(two_steps({"mean of sp at 8/s <= mean of sp at 4/s"})),
            (Sentences{"✓ mean of sp at 8/s was 83.0 ms, expected at most 166 ms, mean of sp at "
                       "4/s"}));
}

TEST(CheckOutcome, SaysWhatWasNotMeasured) {
  EXPECT_EQ(sentences(two_steps({"mean of ws at 9/s <= 1s", "mean of tcp at 4/s <= 1s",
                                 "p99 of ws at 4/s <= 1s", "mean of ws at 4/s <= mean of tcp",
                                 "peak of storm at 4/s <= 1", "idle-bytes of ws at 4/s <= 1"})),
            (Sentences{"– mean of ws at 9/s: it was not measured",
                       "– mean of tcp at 4/s: it was not measured",
                       "– p99 of ws at 4/s: it was not measured",
                       "– mean of ws at 4/s: mean of tcp at 4/s was not measured",
                       "– peak of storm at 4/s: it was not measured",
                       "– idle-bytes of ws at 4/s: it was not measured"}));
}

TEST(CheckOutcome, StandsBelowTheTable) {
  const PresetReport report = two_steps({"mean of sp at 4/s >= 160ms"});
  const std::string sentence = "✓ mean of sp at 4/s was 166 ms, expected at least 160 ms";
  for (const std::string_view format : {"text", "markdown", "html", "json"}) {
    EXPECT_NE(render_preset(format, report).find(sentence), std::string::npos) << format;
  }
}

TEST(CheckOutcome, DecidesWhatCheckSays) {
  EXPECT_EQ(judge(two_steps({"mean of ws at 4/s <= 1s"})), Judgement::as_expected);
  EXPECT_EQ(judge(two_steps({"mean of ws at 4/s <= 1s", "mean of ws at 9/s <= 1s"})),
            Judgement::as_expected);
  EXPECT_EQ(judge(two_steps({"mean of ws at 4/s <= 1s", "mean of ws at 4/s <= 1ms"})),
            Judgement::missed);
  EXPECT_EQ(judge(two_steps({"mean of ws at 9/s <= 1s"})), Judgement::unknown);
  EXPECT_EQ(judge(two_steps({})), Judgement::unknown);
  PresetReport predicted = two_steps({});
  predicted.steps.pop_back();
  predicted.preset.predicts = true;
  EXPECT_EQ(judge(predicted), Judgement::as_expected);
  predicted.preset.checks = {check_of("mean of ws <= 1ms")};
  EXPECT_EQ(judge(predicted), Judgement::missed);
}

// Every metric is taken from where it belongs.
TEST(CheckMetric, IsOfAnArmOrOfWhatWasBesideThem) {
  BenchRun run = good_run(12);
  for (Block& block : run.blocks) {
    block.client_deviation = 0.25;
    block.first_event = 0.5;
    block.missing = 25;
  }
  run.idle = {{.transport = "websocket", .connections = 10, .wire_bytes_per_second = 120}};
  run.storms = {{.measured = {.peak_rate = 900}}};
  const BenchReport report = make_report(run);
  const auto figure = [&report](std::string_view name, std::string_view arm = "sp") {
    return figure_of(*find_metric(name), arm, report);
  };
  const ArmReport& sp = *report.find("sp");
  EXPECT_EQ(figure("mean"), sp.mean);
  EXPECT_EQ(figure("p50"), sp.p50.estimate);
  EXPECT_EQ(figure("p95"), sp.p95->estimate);
  EXPECT_EQ(figure("p99"), sp.p99->estimate);
  EXPECT_NEAR(*figure("max"), 0.166, 0.001);
  EXPECT_EQ(figure("spread"), 0.25);
  EXPECT_EQ(figure("spread-of-all"), sp.deviation);
  EXPECT_NEAR(*figure("cpu"), 20e-6, 1e-12);
  EXPECT_EQ(figure("first-event"), 0.5);
  EXPECT_EQ(figure("bytes"), 200);
  EXPECT_EQ(figure("around"), 136);
  EXPECT_EQ(figure("heads"), 136);
  EXPECT_EQ(figure("wire"), 1502);
  EXPECT_EQ(figure("requests"), 1);
  EXPECT_EQ(figure("syscalls"), 3);
  EXPECT_EQ(figure("missed"), 0.2);
  EXPECT_EQ(figure("idle-bytes", "ws"), 12);
  EXPECT_EQ(figure("idle-bytes"), std::nullopt);
  EXPECT_EQ(figure("peak", "storm"), 900);
  EXPECT_EQ(check_metrics().size(), 18U);
  EXPECT_EQ(find_metric("smoke"), nullptr);
}

TEST(CheckMetric, IsNoTimeThatTwoClocksCannotTell) {
  BenchRun run = good_run();
  run.clock = {.ahead = 3600, .error = 0.025, .comparisons = 2};
  const BenchReport report = make_report(run);
  for (const std::string_view name : {"mean", "p50", "p95", "p99", "max"}) {
    EXPECT_EQ(figure_of(*find_metric(name), "ws", report), std::nullopt) << name;
  }
  EXPECT_TRUE(figure_of(*find_metric("mean"), "sp", report));
  EXPECT_TRUE(figure_of(*find_metric("cpu"), "ws", report));
}

// Rounds of 10 and of 38 ms, where 20 ms were predicted.
TEST(PresetPrediction, IsNotJudgedByRoundsOnBothSidesOfIt) {
  std::vector<Block> blocks;
  for (std::size_t round = 0; round < 4; ++round) {
    blocks.push_back(block_of(0, round, round % 2 == 0 ? 10ms : 38ms));
    blocks.push_back(block_of(1, round, 20ms));
    blocks.push_back(block_of(2, round, 28ms));
    blocks.push_back(block_of(3, round, 166ms));
  }
  const PresetReport report = {.preset = {.name = "few", .predicts = true},
                               .steps = {{"", make_report(run_of(std::move(blocks)))}}};
  EXPECT_TRUE(missed_predictions(report).empty());
  ASSERT_EQ(untold_predictions(report).size(), 1U);
  EXPECT_EQ(untold_predictions(report).front(),
            "websocket was 24.0 ms [10.0, 38.0], which has the predicted 20.0 ms in it: too few "
            "rounds to tell");
  EXPECT_EQ(judge(report), Judgement::unknown);
}

}  // namespace
}  // namespace duplex::tools
