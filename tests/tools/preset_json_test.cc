// What an experiment found, as a file: it keeps to its schema, and is shown again as it was.
#include "../../tools/duplex/bench/preset_json.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/command.h"
#include "child.h"
#include "json_schema.h"
#include "run_fixtures.h"
#include "text_file.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

codec::JsonValue json_of(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto value = codec::parse_json(text);
  EXPECT_TRUE(value) << path;
  return value ? *value : codec::JsonValue();
}

std::string problem_with(const std::string& text) {
  const codec::JsonValue run = json_of("tools/duplex/run.schema.json");
  const codec::JsonValue preset = json_of("tools/duplex/preset.schema.json");
  const auto value = codec::parse_json(text);
  return value ? JsonSchema(preset, &run).problem(*value) : value.error().message;
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Every member has a value of its own.
PresetReport full_report() {
  BenchRun slow = good_run(3);
  slow.options.clients = 500;
  slow.idle = {{.transport = "websocket", .connections = 10, .seconds = 3}};
  slow.storms = {{.clients = 9, .outage = 3, .jitter = "half"}};
  slow.ladder = Ladder{.frames = 7};
  return {.preset = {.name = "late",
                     .question = "How \"late\"?",
                     .expected = "late, as 1 < 2",
                     .arguments = {"--rate", "4/s"},
                     .varied = "--clients",
                     .limit = 20ms,
                     .predicts = false,
                     .shown = {"wire", "age"},
                     .checks = {*parse_check("mean of sp >= 5 x mean of ws"),
                                *parse_check("mean of ws at 8 <= 1ms"),
                                *parse_check("bytes of ws at 9 = 2 within 5%")}},
          .command_line = "duplex bench --preset late --quick",
          .steps = {{"8", make_report(good_run())}, {"500", make_report(slow)}},
          .complete = false,
          .over_limit = true};
}

PresetReport read_back(const PresetReport& report) {
  auto kept = read_kept(render_preset("json", report));
  EXPECT_TRUE(kept) << kept.error();
  return kept ? std::get<PresetReport>(*std::move(kept)) : PresetReport{};
}

TEST(PresetJson, KeepsToItsSchema) {
  EXPECT_EQ(problem_with(render_preset("json", full_report())), "");
  const std::string text = render_preset("json", {.steps = {{"", make_report(good_run())}}});
  EXPECT_EQ(problem_with(text), "");
  EXPECT_EQ(problem_with(with(text, "\"schema_version\": 2", "\"schema_version\": 3")),
            "$.schema_version: another value");
  EXPECT_EQ(problem_with(with(text, "\"verdict\"", "\"judgement\"")),
            "$.steps[0].run: lacks verdict");
}

TEST(PresetJson, IsShownAgainAsItWas) {
  PresetReport usual = full_report();
  usual.preset.limit = 0ns;
  usual.preset.predicts = true;
  usual.complete = true;
  usual.over_limit = false;
  for (const PresetReport& report : {full_report(), usual}) {
    const PresetReport again = read_back(report);
    for (const std::string_view format : {"text", "markdown", "html", "csv", "json", "svg"}) {
      EXPECT_EQ(render_preset(format, again), render_preset(format, report)) << format;
    }
  }
}

TEST(PresetJson, LeavesOutNoisyBlocksOnRequest) {
  BenchRun run = good_run();
  run.blocks[2].flagged = true;
  const std::string text = render_preset("json", {.steps = {{"", make_report(run)}}});
  const auto all = read_kept(text);
  const auto calm = read_kept(text, {.discard_noisy = true});
  ASSERT_TRUE(all && calm);
  EXPECT_EQ(std::get<PresetReport>(*all).steps[0].report.find("lp")->delivery_count, 400U);
  EXPECT_EQ(std::get<PresetReport>(*calm).steps[0].report.find("lp")->delivery_count, 300U);
}

TEST(PresetJson, IsToldFromARun) {
  const auto kept = read_kept(render_json(make_report(good_run())));
  ASSERT_TRUE(kept) << kept.error();
  EXPECT_EQ(std::get<BenchRun>(*kept).blocks.size(), 20U);
}

TEST(PresetJson, NamesThePlaceOfWhatItRefuses) {
  const std::string text = render_preset("json", full_report());
  const auto refusal = [&text](std::string_view from, std::string_view to) {
    const auto kept = read_kept(with(text, from, to));
    return kept ? "(read)" : kept.error();
  };
  EXPECT_EQ(refusal("{", ""), "not JSON: expected the end of the text at byte 19");
  EXPECT_EQ(refusal("\"schema_version\": 2", "\"schema_version\": 9"),
            "an experiment of schema_version 9; this reads 2 alone");
  EXPECT_EQ(refusal("\"schema_version\": 6", "\"schema_version\": 4"),
            "steps[0].run.schema_version: expected 6");
  EXPECT_EQ(refusal("\"judge\": \"nothing\"", "\"judge\": \"me\""),
            "judge: expected prediction or nothing");
  EXPECT_EQ(refusal("\"until_p95\": 0.02", "\"until_p95\": -1"),
            "until_p95: expected seconds from 0 to 9e9");
  EXPECT_EQ(refusal("\"--rate\"", "7"), "arguments: expected strings without control characters");
  EXPECT_EQ(refusal("\"wire\"", "\"smoke\""),
            "show: expected some of wire, requests, empty-polls, "
            "syscalls, spread, client-cpu, age, first-event");
  EXPECT_EQ(refusal("bytes of ws at 9", "bytes at ws of 9"),
            "checks: expected what bench takes, but 'bytes at ws of 9 = 2 within 5%' is " +
                parse_check("mean").error());
  EXPECT_EQ(refusal("\"started\": 0", "\"started\": true"),
            "steps[0].run.started: expected a number");
  EXPECT_EQ(refusal("\"steps\"", "\"stairs\""), "steps: expected an array");
  EXPECT_EQ(read_kept(text.substr(0, text.find("\"steps\"")) + "\"steps\": []}").error(),
            "steps: expected at least one step");
}

TEST(PresetJson, IsWhatReportShows) {
  const TextFile file("found.json", render_preset("json", full_report()));
  const auto ends = new_pipe();
  const Child child([&] {
    dup2(ends[1], 1);
    return report_command(std::vector<std::string_view>{file.path});
  });
  close(ends[1]);
  std::string text;
  for (char c = 0; read(ends[0], &c, 1) == 1;) text += c;
  close(ends[0]);
  EXPECT_EQ(text, render_preset("text", full_report()));
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
}

}  // namespace
}  // namespace duplex::tools
