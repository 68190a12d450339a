// Experiments: their files, their steps, their report.
#include "../../tools/duplex/bench/preset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "../../tools/duplex/bench/bench_arguments.h"
#include "../../tools/duplex/bench/check_outcome.h"
#include "../../tools/duplex/bench/placement.h"
#include "../../tools/duplex/bench/preset_fit.h"
#include "../../tools/duplex/bench/preset_report.h"
#include "duplex/codec/json.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view good =
    "# a comment\n"
    "question = How late\n"
    "  is it?\n"
    "\n"
    "expected = late\n"
    "bench = --rate 4/s  --arms ws,lp\n"
    "vary = --delay 20ms 50ms 90ms\n"
    "quick = --duration 6s\n"
    "quick-vary = 20ms 90ms\n";

std::string refusal(std::string_view text) {
  const auto preset = parse_preset("a.conf", text);
  return preset ? "(read)" : preset.error();
}

std::string with(std::string_view line) { return std::string(good) + std::string(line) + "\n"; }

TEST(Preset, IsReadFromItsFile) {
  const auto preset = parse_preset("some/where/late.conf", good);
  ASSERT_TRUE(preset) << preset.error();
  EXPECT_EQ(preset->name, "late");
  EXPECT_EQ(preset->question, "How late is it?");
  EXPECT_EQ(preset->expected, "late");
  EXPECT_EQ(preset->varied, "--delay");
  EXPECT_TRUE(preset->predicts);
  EXPECT_EQ(preset->step_count(false), 3U);
  EXPECT_EQ(preset->step(1, false), (Words{"--rate", "4/s", "--arms", "ws,lp", "--delay", "50ms"}));
  EXPECT_EQ(preset->step_count(true), 2U);
  EXPECT_EQ(preset->step(1, true),
            (Words{"--rate", "4/s", "--arms", "ws,lp", "--duration", "6s", "--delay", "90ms"}));
}

TEST(Preset, MayHaveOneStep) {
  const auto preset =
      parse_preset("a", "question = a\nexpected = b\nbench = --rate 4/s\njudge = nothing\n");
  ASSERT_TRUE(preset);
  EXPECT_EQ(preset->step_count(true), 1U);
  EXPECT_EQ(preset->step(0, true), (Words{"--rate", "4/s"}));
  EXPECT_FALSE(preset->predicts);
  EXPECT_EQ(preset->limit.count(), 0);
}

TEST(Preset, MayEndBeforeItsLastStep) {
  const auto preset = parse_preset("a", with("until = p95 500ms"));
  ASSERT_TRUE(preset);
  EXPECT_EQ(preset->limit, std::chrono::milliseconds(500));
}

TEST(Preset, MayNameMoreColumns) {
  const auto preset = parse_preset("a", with("show = wire  first-event"));
  ASSERT_TRUE(preset) << preset.error();
  EXPECT_TRUE(preset->shows("wire"));
  EXPECT_TRUE(preset->shows("first-event"));
  EXPECT_FALSE(preset->shows("age"));
}

TEST(Preset, NamesWhatItRefuses) {
  EXPECT_EQ(refusal(with("vari = 1")),
            "a.conf:10: 'vari' is not one of question, expected, bench, vary, quick, quick-vary, "
            "judge, until, show, check");
  EXPECT_EQ(refusal(with("until = p99 1s")),
            "a.conf:10: until: 'p99 1s' is not p95 and a time above 0");
  EXPECT_EQ(refusal(with("until = p95 0")),
            "a.conf:10: until: 'p95 0' is not p95 and a time above 0");
  EXPECT_EQ(refusal("question = a\nexpected = b\nbench = c\nuntil = p95 1s\n"),
            "a.conf: has until without vary");
  const std::string columns =
      "some of wire, requests, empty-polls, syscalls, spread, client-cpu, age, first-event";
  EXPECT_EQ(refusal(with("show = wire smoke")), "a.conf:10: show: 'wire smoke' is not " + columns);
  EXPECT_EQ(refusal(with("show =")), "a.conf:10: show: '' is not " + columns);
  EXPECT_EQ(refusal(with("quick = 1")), "a.conf:10: 'quick' stands there already");
  EXPECT_EQ(refusal(with("hello")), "a.conf:10: 'hello' is not of the form NAME = VALUE");
  EXPECT_EQ(refusal(with("judge = me")), "a.conf:10: judge: 'me' is not prediction or nothing");
  EXPECT_EQ(refusal("vary = 20ms 50ms\n"),
            "a.conf:1: vary: '20ms 50ms' is not an option and its values");
  EXPECT_EQ(refusal("question = a\n"), "a.conf: does not say what is expected");
  EXPECT_EQ(refusal("question = a\nexpected = b\n"), "a.conf: has no line bench = ARGUMENTS");
  EXPECT_EQ(refusal(""), "a.conf: has no question");
  EXPECT_EQ(refusal("question = a\nexpected = b\nbench = c\nquick-vary = d\n"),
            "a.conf: has quick-vary without vary");
}

std::string problem_with(const Words& words) {
  BenchArguments typed;
  OptionParser parser = bench_parser(typed);
  const std::vector<std::string_view> views(words.begin(), words.end());
  const ParseOutcome outcome = parser.parse(views);
  std::vector<ArmSpec> arms;
  return outcome.kind == ParseOutcome::Kind::run ? finish(parser, typed, arms) : outcome.message;
}

// Over a relay TCP's handshake takes no time.
TEST(BenchArguments, PollsOnlyAsFastAsAnswersCome) {
  const auto refusal = [](const std::string& answer) {
    return "--poll-clock rate: an answer takes " + answer +
           ", and --poll has to be longer than that";
  };
  EXPECT_EQ(problem_with({"--poll-clock", "rate", "--delay", "20ms", "--poll", "41ms"}), "");
  EXPECT_EQ(problem_with({"--poll-clock", "rate", "--delay", "20ms", "--poll", "40ms"}),
            refusal("40ms"));
  EXPECT_EQ(problem_with({"--poll-clock", "delay", "--delay", "20ms", "--poll", "40ms"}), "");
  const std::string arms = "sp,sp-new";
  EXPECT_EQ(
      problem_with({"--poll-clock", "rate", "--delay", "20ms", "--poll", "41ms", "--arms", arms}),
      "");
  EXPECT_EQ(problem_with(
                {"--poll-clock", "rate", "--wire", "delay=20ms", "--poll", "41ms", "--arms", arms}),
            refusal("80ms"));
}

TEST(BenchArguments, NamesWhatDoesNotGoTogether) {
  EXPECT_EQ(problem_with({"--idle", "100", "--decompose", "--wire-bytes", "tcp-info"}), "");
  EXPECT_EQ(problem_with({"--idle", "100", "--server", "a:1"}),
            "--idle needs the bench's own server; leave out --server");
  EXPECT_EQ(problem_with({"--storm", "100", "--server", "a:1"}),
            "--storm needs the bench's own server; leave out --server");
  EXPECT_EQ(problem_with({"--storm", "100", "--outage", "61s"}), "--outage: at most 1m");
  EXPECT_EQ(problem_with({"--duration", "0s"}), "--duration: must be above 0");
  EXPECT_EQ(problem_with({"--size", "48"}), "");
  EXPECT_EQ(problem_with({"--size", "47"}),
            "--size: 47 bytes; an event takes 48 at least, for its number and its two times");
  EXPECT_EQ(problem_with({"--outage", "1s"}), "--outage needs --storm");
  EXPECT_EQ(problem_with({"--idle-time", "0s"}), "--idle-time: must be above 0");
  EXPECT_EQ(problem_with({"--idle-time", "11m"}), "--idle-time: at most 10m");
  EXPECT_EQ(problem_with({"--coalesce", "5ms", "--arms", "sio-ws,sio-up"}), "");
  EXPECT_EQ(problem_with({"--coalesce", "5ms", "--arms", "sio-lp"}),
            "--coalesce: the events of sio-lp would wait twice, and theory is silent; leave one "
            "out");
  EXPECT_EQ(problem_with({"--decompose", "--wire", "mobile"}),
            "--decompose follows frames over loopback; leave out --wire");
}

// What --wait spin and --place split ask for.
bool has_two_processors() { return allowed_processors().size() >= 2; }

TEST(BenchArguments, PlacesAndSpinsOnlyWhereThatMeansSomething) {
  if (!has_two_processors()) GTEST_SKIP() << "one processor";
  EXPECT_EQ(problem_with({"--place", "split", "--decompose", "--arms", "ws,tcp"}), "");
  EXPECT_EQ(problem_with({"--wait", "spin", "--place", "split"}), "");
  EXPECT_EQ(problem_with({"--wait", "sleep", "--place", "free", "--server", "a:1"}), "");
  const std::string foreign = " needs the bench's own server; leave out --server";
  EXPECT_EQ(problem_with({"--wait", "spin", "--server", "a:1"}), "--wait spin" + foreign);
  EXPECT_EQ(problem_with({"--place", "same", "--server", "a:1"}), "--place" + foreign);
  EXPECT_EQ(problem_with({"--wait", "spin", "--idle", "9"}),
            "--wait spin leaves nothing idle; leave out --idle");
  EXPECT_EQ(problem_with({"--wait", "spin", "--decompose"}),
            "--wait spin: the frames of --decompose wake who sleeps");
  EXPECT_EQ(problem_with({"--wait", "spin", "--arms", "ws,tcp"}), "");
}

std::string fit_of(Preset& preset, const std::vector<std::string_view>& arguments) {
  return fit(preset, arguments);
}

TEST(PresetFit, OneStepTakesThePlaceOfAllWhenTheUserGivesTheValue) {
  for (const auto& arguments : {std::vector<std::string_view>{"--poll=70ms"},
                                {"--quick", "--poll", "20ms", "--poll", "70ms"}}) {
    Preset preset = {.name = "a", .varied = "--poll", .values = {"1s", "2s"}};
    preset.quick_values = {"1s"};
    EXPECT_EQ(fit_of(preset, arguments), "");
    for (const bool quick : {false, true}) EXPECT_EQ(preset.values_of(quick), Words{"70ms"});
  }
  Preset clients = {.name = "a", .varied = "--clients", .values = {"1", "10"}};
  EXPECT_EQ(fit_of(clients, {"-c5", "--poll", "1s"}), "");
  EXPECT_EQ(clients.values, Words{"5"});
}

TEST(PresetFit, LeavesTheStepsAloneOtherwise) {
  Preset preset = *parse_preset("a", good);
  EXPECT_EQ(fit_of(preset, {"--rate", "9/s", "--preset", "a"}), "");
  EXPECT_EQ(preset.values, (Words{"20ms", "50ms", "90ms"}));
  EXPECT_EQ(preset.arguments, (Words{"--rate", "4/s", "--arms", "ws,lp"}));
}

TEST(PresetFit, TheUsersLinkTakesThePlaceOfAnother) {
  const Words before = {"--rate", "4/s", "--delay", "5ms", "--clients", "3"};
  Preset preset = {.name = "a", .arguments = before, .quick = {"--delay", "1ms"}};
  EXPECT_EQ(fit_of(preset, {"--wire", "mobile"}), "");
  EXPECT_EQ(preset.step(0, true), (Words{"--rate", "4/s", "--clients", "3"}));
  preset = {.name = "a", .arguments = {"--wire", "home"}};
  EXPECT_EQ(fit_of(preset, {"--delay", "5ms"}), "");
  EXPECT_EQ(preset.step(0, false), Words{});
}

TEST(PresetFit, RefusesWhatNoStepCanBearTheNameOf) {
  Preset preset = *parse_preset("late.conf", good);
  EXPECT_EQ(fit_of(preset, {"--wire", "mobile"}),
            "--wire: the preset late varies --delay (20ms, 50ms, 90ms), which excludes it; give a "
            "--delay instead");
  EXPECT_EQ(fit_of(preset, {"--check"}), "");
  preset.predicts = false;
  EXPECT_EQ(
      fit_of(preset, {"--check"}),
      "--check: the preset late judges nothing (judge = nothing), for theory is silent there; "
      "leave out --check");
  preset.checks = {*parse_check("mean of ws <= 1s")};
  EXPECT_EQ(fit_of(preset, {"--check"}), "");
  preset = {.name = "big", .varied = "--size", .values = {"1", "2"}};
  EXPECT_EQ(fit_of(preset, {"--server", "a:1"}),
            "--server: the preset big varies --size (1, 2), but a server that runs already has its "
            "own; leave out --server");
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> paths_of_presets() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tools/experiments")) {
    if (entry.path().extension() == ".conf") paths.push_back(entry.path());
  }
  return paths;
}

TEST(Preset, AllThatAreThereStandOnTheirPage) {
  const std::string page = text_of("tools/experiments/README.md");
  for (const auto& path : paths_of_presets()) {
    const std::string name = path.stem();
    const bool named = page.find("--preset " + name + "`") != std::string::npos ||
                       page.find("`" + name + "`") != std::string::npos;
    EXPECT_TRUE(named) << name;
  }
  for (const std::string_view column : more_columns) {
    EXPECT_NE(page.find("| `" + std::string(column) + "` |"), std::string::npos) << column;
  }
}

TEST(Preset, AllThatAreThereCanBeRun) {
  if (!has_two_processors()) GTEST_SKIP() << "one processor";
  std::size_t count = 0;
  for (const auto& path : paths_of_presets()) {
    const auto preset = parse_preset(path.string(), text_of(path));
    ASSERT_TRUE(preset) << preset.error();
    for (const bool quick : {false, true}) {
      std::set<Words> different;
      for (std::size_t i = 0; i < preset->step_count(quick); ++i) {
        const Words step = preset->step(i, quick);
        EXPECT_EQ(problem_with(step), "") << preset->name;
        different.insert(step);
      }
      EXPECT_EQ(different.size(), preset->step_count(quick)) << preset->name;
    }
    ++count;
  }
  EXPECT_GE(count, 10U);
}

// Two steps, of which one misses.
PresetReport two_steps() {
  BenchRun late = good_run();
  late.options.delay = std::chrono::milliseconds(10);
  return {.preset = *parse_preset("late", good),
          .command_line = "duplex bench --preset late",
          .steps = {{"20ms", make_report(good_run())}, {"10ms", make_report(late)}}};
}

TEST(PresetReport, SaysWhatIsNotAsPredicted) {
  PresetReport report = two_steps();
  const auto missed = missed_predictions(report);
  ASSERT_FALSE(missed.empty());
  EXPECT_TRUE(missed.front().starts_with("--delay 10ms: websocket was 20.4 ms, predicted 10.0 ms"))
      << missed.front();
  EXPECT_TRUE(std::all_of(missed.begin(), missed.end(), [](const std::string& each) {
    return each.starts_with("--delay 10ms");
  }));
  report.preset.predicts = false;
  EXPECT_TRUE(missed_predictions(report).empty());
}

TEST(PresetReport, JudgesNothingThatWasNotDelivered) {
  BenchRun silent = run_of({block_of(0, 0, std::chrono::milliseconds(20))});
  PresetReport report = {.preset = *parse_preset("late", good),
                         .steps = {{"20ms", make_report(std::move(silent))}}};
  EXPECT_TRUE(missed_predictions(report).empty());
  const auto untold = untold_predictions(report);
  ASSERT_FALSE(untold.empty());
  EXPECT_EQ(untold.front(), "--delay 20ms: sse delivered nothing");
  EXPECT_EQ(judge(report), Judgement::unknown);
  report.preset.varied.clear();
  EXPECT_EQ(untold_predictions(report).front(), "sse delivered nothing");
}

TEST(PresetReport, IsShownInFourFormats) {
  const PresetReport report = two_steps();
  const std::string text = render_preset("text", report);
  EXPECT_TRUE(text.starts_with("late: How late is it?\nexpected: late\n")) << text;
  EXPECT_NE(text.find("\nas asked for: duplex bench --preset late\n"), std::string::npos) << text;
  EXPECT_NE(text.find("mean  predicted  median round [95 %]"), std::string::npos) << text;
  EXPECT_NE(text.find("20.0 ms ✓"), std::string::npos) << text;
  EXPECT_NE(text.find("10.0 ms ✗"), std::string::npos) << text;
  EXPECT_NE(text.find("Not as predicted: --delay 10ms: websocket"), std::string::npos) << text;
  EXPECT_EQ(text.find("websocket (A/A)"), std::string::npos) << text;
  EXPECT_NE(text.find("  A/A band  "), std::string::npos) << text;
  EXPECT_NE(text.find("  ±0"), std::string::npos) << text;
  EXPECT_TRUE(render_preset("csv", report).starts_with("value,transport,"));
  EXPECT_NE(render_preset("csv", report).find("\n10ms,long-poll,"), std::string::npos);
  EXPECT_TRUE(render_preset("markdown", report).starts_with("## late\n"));
  const auto json = codec::parse_json(render_preset("json", report));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->find("steps")->array()->size(), 2U);
  EXPECT_EQ(*json->find("steps")->array()->at(1).find("value")->text(), "10ms");
}

TEST(PresetReport, SaysWhereItWasMeasured) {
  PresetReport report = two_steps();
  report.steps[0].report.run.environment = {{"kernel", "Linux 6.1"},
                                            {"commit", "0123456"},
                                            {"command_line", "duplex bench --delay 20ms"}};
  const std::string facts = "machine: Linux 6.1\nprogram: commit 0123456\n";
  const std::string text = render_preset("text", report);
  EXPECT_TRUE(text.ends_with("\n\n" + facts + "seed: 1\n")) << text;
  const std::string markdown = render_preset("markdown", report);
  EXPECT_TRUE(markdown.ends_with("\n\n" + facts + "command: duplex bench --preset late\nseed: 1\n"))
      << markdown;
}

TEST(PresetReport, ShowsWhatIdleConnectionsCost) {
  PresetReport report = two_steps();
  EXPECT_EQ(render_preset("text", report).find("wake-ups"), std::string::npos);
  for (const std::uint64_t connections : {100U, 2000U}) {
    report.steps[connections / 2000].report.run.idle = {
        {.transport = "websocket", .connections = connections, .seconds = 30}};
  }
  const std::string text = render_preset("text", report);
  EXPECT_NE(text.find("websocket          100"), std::string::npos) << text;
  EXPECT_NE(text.find("websocket         2000"), std::string::npos) << text;
  EXPECT_NE(text.find("idle: no event for 30.0 s"), std::string::npos) << text;
  const std::string markdown = render_preset("markdown", report);
  EXPECT_NE(markdown.find("\n| websocket | 2000 |"), std::string::npos) << markdown;
  EXPECT_NE(markdown.find("|\n\nidle: no event for 30.0 s"), std::string::npos) << markdown;
}

TEST(PresetReport, ShowsTheStorms) {
  PresetReport report = two_steps();
  for (const std::size_t step : {0U, 1U}) {
    report.steps[step].report.run.storms = {
        {.clients = 1000, .outage = 3, .jitter = step == 0 ? "none" : "half"}};
  }
  const std::string text = render_preset("text", report);
  EXPECT_NE(text.find("1000 clients, jitter none"), std::string::npos) << text;
  EXPECT_NE(text.find("1000 clients, jitter half"), std::string::npos) << text;
  EXPECT_NE(text.find("storm: the server was killed"), std::string::npos) << text;
  EXPECT_NE(render_preset("html", report).find("jitter half"), std::string::npos);
  const std::string markdown = render_preset("markdown", report);
  EXPECT_NE(markdown.find("\n| 1000 clients, jitter half"), std::string::npos) << markdown;
}

TEST(PresetReport, ShowsTheLadderOfEachStep) {
  PresetReport report = two_steps();
  report.steps[1].report.run.ladder = Ladder{.frames = 7};
  const std::string text = render_preset("text", report);
  EXPECT_NE(text.find("--delay 10ms\n\nframe since send()"), std::string::npos) << text;
  EXPECT_EQ(text.find("--delay 20ms\n\nframe since send()"), std::string::npos) << text;
  EXPECT_NE(text.find("ladder: 7 WebSocket frames"), std::string::npos) << text;
  const std::string page = render_preset("html", report);
  EXPECT_NE(page.find("<h3>Where the microseconds go</h3>"), std::string::npos);
  const std::string markdown = render_preset("markdown", report);
  EXPECT_NE(markdown.find("\n\n| frame since send() |"), std::string::npos) << markdown;
}

TEST(PresetReport, SaysWhenStepsAreMissing) {
  PresetReport report = two_steps();
  report.complete = false;
  EXPECT_NE(render_preset("text", report).find("Interrupted: steps are missing.\n"),
            std::string::npos);
}

}  // namespace
}  // namespace duplex::tools
