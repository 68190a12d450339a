// The table of an experiment: which columns it has, and where.
#include <gtest/gtest.h>

#include "../../tools/duplex/bench/preset_report.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

// One step, with a figure for each column.
PresetReport one_step(std::vector<std::string> shown = {}) {
  BenchRun run = good_run();
  for (Block& block : run.blocks) {
    block.freshness = {.mean_age = 0.25, .peak_age = 0.5, .fresh_share = 0.75};
    block.first_event = 0.041;
    block.client_deviation = 0.003;
    block.client_cpu_seconds = 0.002;
    block.empty_answers = block.arm == 3 ? 50 : 0;
  }
  return {.preset = {.name = "late", .varied = "--delay", .shown = std::move(shown)},
          .steps = {{"20ms", make_report(std::move(run))}}};
}

std::string heading(const PresetReport& report, Width width) {
  const std::string csv = steps_table(report, width).csv();
  return csv.substr(0, csv.find("\r\n"));
}

TEST(StepsTable, OfATerminalHasWhatEveryExperimentNeeds) {
  EXPECT_EQ(heading(one_step(), Width::narrow),
            "--delay,transport,mean,predicted,median round [95 %],p95,max,vs WebSocket,A/A band,"
            "bytes/ev,around/ev,CPU/ev,fresh,n");
}

TEST(StepsTable, OfATerminalHasWhatTheExperimentIsAbout) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"wire", ",around/ev,on the wire (predicted),CPU/ev,"},
      {"requests", ",around/ev,req/ev (predicted),CPU/ev,"},
      {"empty-polls", ",around/ev,empty polls/ev,CPU/ev,"},
      {"syscalls", ",around/ev,syscalls/ev,CPU/ev,"},
      {"spread", ",max,spread of a client (predicted),spread of all (predicted),vs WebSocket,"},
      {"client-cpu", ",CPU/ev,client CPU/ev,fresh,"},
      {"age", ",CPU/ev,age (predicted),fresh,"},
      {"first-event", ",fresh,first event (predicted),n"}};
  EXPECT_EQ(names.size(), more_columns.size());
  for (const auto& [name, place] : names) {
    EXPECT_NE(heading(one_step({name}), Width::narrow).find(place), std::string::npos) << name;
  }
}

TEST(StepsTable, OfAPageHasAll) {
  EXPECT_EQ(heading(one_step(), Width::wide),
            "--delay,transport,mean,predicted,median round [95 %],p95 [95 %],max,"
            "spread of a client (predicted),spread of all (predicted),vs WebSocket,A/A "
            "band,bytes/ev,around/ev,on the wire (predicted),req/ev (predicted),"
            "empty polls/ev,syscalls/ev,CPU/ev,client CPU/ev,age (predicted),fresh,"
            "first event (predicted),n");
  const std::string csv = steps_table(one_step(), Width::wide).csv();
  const std::string row = csv.substr(csv.find("20ms,short-poll,"));
  EXPECT_NE(row.find(",200,136,1502 (225),1.00 (0.345),0.500,3.00,20.0 µs,20.0 µs,"),
            std::string::npos)
      << row;
  EXPECT_NE(row.find("250 ms (265 ms),75.0 %,41.0 ms (40.0 ms),"), std::string::npos) << row;
}

TEST(StepsTable, PutsThePredictionBesideWhatWasCounted) {
  const std::string csv = steps_table(one_step({"wire", "requests"}), Width::narrow).csv();
  EXPECT_NE(csv.find(",202 (198),"), std::string::npos) << csv;  // a push
  EXPECT_NE(csv.find(",1.00,"), std::string::npos) << csv;       // of which no request is expected
}

// The same as in a single run: WebSocket's 20 ms may be none, polling's 166 ms are.
TEST(StepsTable, ShowsNoTimeThatTwoClocksCannotTell) {
  PresetReport report = one_step();
  report.preset.predicts = true;
  BenchRun run = report.steps[0].report.run;
  run.clock = {.ahead = 3600, .error = 0.025, .comparisons = 2};
  report.steps[0].report = make_report(run);
  const std::string csv = steps_table(report, Width::narrow).csv();
  EXPECT_NE(csv.find("20ms,websocket,–,20.0 ms,–,–,–,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("20ms,short-poll,166 ms,"), std::string::npos) << csv;
  const std::string said = conclusion(report);
  EXPECT_NE(said.find("a time one way is off by up to ±25.0 ms"), std::string::npos) << said;
  EXPECT_NE(said.find("Not judged: --delay 20ms: websocket was too quick to be told"),
            std::string::npos)
      << said;
}

TEST(StepsTable, HasTheSpreadOfAClientBesideThatOfAll) {
  PresetReport report = one_step({"spread"});
  const std::string csv = steps_table(report, Width::narrow).csv();
  EXPECT_NE(csv.find(",3.00 ms (0 s),"), std::string::npos) << csv;      // a push
  EXPECT_NE(csv.find(",3.00 ms (83.7 ms),"), std::string::npos) << csv;  // polls
  EXPECT_NE(csv.find(",13.6 µs (12.0 ms),"), std::string::npos) << csv;  // all of them
  report.steps[0].report.arms[3].predicted.client_deviation.reset();
  const std::string silent = steps_table(report, Width::narrow).csv();
  EXPECT_NE(silent.find(",3.00 ms,"), std::string::npos) << silent;
}

TEST(StepsTable, GivesRatiosTheirIntervals) {
  const PresetReport report = one_step();
  const ArmReport& polls = *report.steps[0].report.find("sp");
  const std::string ratio = ratio_cell(*polls.ratio);
  EXPECT_NE(ratio.find("× ["), std::string::npos) << ratio;
  for (const std::string format : {"text", "html", "markdown"}) {
    const std::string text = render_preset(format, report);
    EXPECT_NE(text.find(ratio), std::string::npos) << text;
    EXPECT_NE(text.find("(in noise)"), std::string::npos) << text;  // sse
  }
}

TEST(StepsTable, GivesIntervalsToThePercentilesOfAPage) {
  const PresetReport report = one_step();
  EXPECT_NE(render_preset("html", report).find("p95 [95 %]</th>"), std::string::npos);
  EXPECT_NE(render_preset("markdown", report).find("| p95 [95 %] |"), std::string::npos);
  EXPECT_EQ(render_preset("text", report).find("p95 [95 %]"), std::string::npos);
}

TEST(StepsTable, SaysWhoHasCountedTheWire) {
  const std::string note = "bytes on the wire: AF_PACKET on lo, as Ethernet frames";
  EXPECT_NE(render_preset("markdown", one_step()).find(note), std::string::npos);
  EXPECT_NE(render_preset("text", one_step({"wire"})).find(note), std::string::npos);
  EXPECT_EQ(render_preset("text", one_step()).find(note), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools
