// Drawings and pages.
#include <gtest/gtest.h>

#include <algorithm>

#include "../../tools/duplex/bench/charts.h"
#include "../../tools/duplex/bench/page.h"
#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/chart/axis.h"
#include "../../tools/duplex/chart/svg.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

// Whether each element that is opened is closed again, in order. Void elements close themselves.
std::string unbalanced(std::string_view text) {
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string_view::npos; ++at) {
    const std::string_view tag = text.substr(at + 1, text.find('>', at) - at - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" \n/", 1)));
    if (tag.front() == '!' || tag.back() == '/' || name == "meta" || name == "br") continue;
    if (tag.front() != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != tag) {
      return std::string(tag);
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

BenchReport marked_report() {
  BenchRun run = good_run();
  run.environment = {{"kernel", "<script>alert(1)</script>"},
                     {"command_line", "duplex bench \"&\""}};
  return make_report(std::move(run));
}

TEST(LogAxis, EndsAtRoundValues) {
  const LogAxis axis(0.0203, 0.31, 100, 0);
  EXPECT_DOUBLE_EQ(axis.low(), 0.02);
  EXPECT_DOUBLE_EQ(axis.high(), 0.5);
  EXPECT_DOUBLE_EQ(axis.pixel(0.02), 100);
  EXPECT_DOUBLE_EQ(axis.pixel(0.5), 0);
  EXPECT_DOUBLE_EQ(axis.pixel(0.1), 50);
  EXPECT_DOUBLE_EQ(axis.pixel(7), 0);
  EXPECT_DOUBLE_EQ(axis.pixel(0), 100);
  const std::vector<double> marks = axis.marks();
  ASSERT_EQ(marks.size(), 5U);
  EXPECT_NEAR(marks[1], 0.05, 1e-12);
}

TEST(LogAxis, HasDecadesWhenItIsLong) {
  const std::vector<double> marks = LogAxis(1e-5, 1, 0, 100).marks();
  ASSERT_EQ(marks.size(), 6U);
  EXPECT_NEAR(marks[5], 1, 1e-12);
}

TEST(LogAxis, OfOneValueIsAStep) {
  const LogAxis axis(0.05, 0.05, 0, 100);
  EXPECT_GT(axis.high(), axis.low());
  EXPECT_GE(axis.marks().size(), 2U);
}

TEST(Svg, IsAnElement) {
  Svg svg(20, 10, "a < b");
  svg.line({0, 0}, {1.26, 2}, "grid");
  svg.text({1, 2}, "\"x\" & y", Anchor::middle);
  svg.rect({1, 1}, 2, 3, "f0", "tip");
  const std::string text = svg.finish(".grid {}");
  EXPECT_EQ(unbalanced(text), "") << text;
  EXPECT_NE(text.find("viewBox=\"0 0 20.0 10.0\""), std::string::npos);
  EXPECT_NE(text.find("<title>a &lt; b</title>"), std::string::npos);
  EXPECT_NE(text.find("x2=\"1.3\""), std::string::npos) << text;
  EXPECT_NE(text.find("&quot;x&quot; &amp; y"), std::string::npos);
  EXPECT_NE(text.find("<style>"), std::string::npos);
  EXPECT_EQ(svg.finish().find("<style>"), std::string::npos);
}

TEST(Charts, DrawEachArm) {
  const BenchReport report = make_report(good_run());
  const std::string percentiles = percentile_chart(report);
  EXPECT_EQ(count_of(percentiles, "<polyline"), 5U);
  EXPECT_EQ(count_of(percentiles, "websocket (A/A)"), 1U);
  EXPECT_GT(count_of(percentiles, "class=\"hollow s3\""), 10U);
  EXPECT_EQ(count_of(percentiles, "class=\"hollow s4\""), 0U);  // of the control
  EXPECT_EQ(count_of(ridgeline_chart(report), "<polygon"), 5U);
  EXPECT_EQ(count_of(rounds_chart(report), "<circle"), 25U);  // with the names' marks
  EXPECT_EQ(count_of(rounds_chart(report), ">websocket (A/A)<"), 1U);
}

TEST(Charts, PredictNoShapeThatTheModelDoesNotKnow) {
  BenchRun run = good_run();
  run.options.coalesce = 5ms;
  const std::string chart = percentile_chart(make_report(run));
  EXPECT_EQ(count_of(chart, "class=\"hollow s0\""), 0U);
  EXPECT_GT(count_of(chart, "class=\"hollow s3\""), 10U);  // short polls do not wait
  run = good_run();
  run.arms[3].transport = measure::Transport::latest_poll;
  run.options.poisson = false;
  EXPECT_GT(count_of(percentile_chart(make_report(run)), "class=\"hollow s3\""), 10U);
  run.options.poisson = true;
  EXPECT_EQ(count_of(percentile_chart(make_report(run)), "class=\"hollow s3\""), 0U);
}

// Where the last line of the percentile chart ends: that of the only arm.
std::string end_of_line(std::size_t events, std::size_t clients = 1) {
  Block block = block_of(0, 0, 20ms, events);
  block.set_latencies(std::vector<std::chrono::nanoseconds>(events * clients, 20ms));
  const std::string chart = percentile_chart(make_report(run_of({block})));
  const std::size_t end = chart.find('"', chart.find("points=\"") + 8);
  const std::string before = chart.substr(0, end);
  return before.substr(before.rfind(' ') + 1, before.rfind(',') - before.rfind(' ') - 1);
}

TEST(Charts, EndALineWhereTheEventsCarryNoMore) {
  EXPECT_EQ(end_of_line(1000), "600.0");  // 99 %
  EXPECT_EQ(end_of_line(125, 8), end_of_line(125));
  EXPECT_NE(end_of_line(999), "600.0");
  EXPECT_EQ(end_of_line(19), end_of_line(24));  // 50 %
}

PresetReport steps_of(const Preset& preset, const std::vector<std::string>& values) {
  PresetReport report = {.preset = preset};
  for (const std::string& value : values) {
    report.steps.push_back({.value = value, .report = make_report(good_run())});
  }
  return report;
}

TEST(Charts, ShowAnExperimentOfOneStep) {
  const PresetReport report = steps_of({.name = "one"}, {""});
  const std::string chart = steps_chart(report);
  EXPECT_EQ(count_of(chart, "<circle cx=\"160.0\""), 8U) << chart;  // measured, predicted
  EXPECT_EQ(count_of(chart, ">mean latency; ○ predicted<"), 1U) << chart;
  EXPECT_EQ(count_of(render_preset("html", report), "<h2>The run</h2>"), 1U);
}

// Of a file that says so: it has no place on an axis of powers.
TEST(Charts, LeaveOutAMeanOfNothing) {
  BenchRun run = good_run();
  for (Block& block : run.blocks) {
    if (block.arm == 0) set_all(block, 0ns);
  }
  const PresetReport report = {.preset = {.name = "zero"},
                               .steps = {{"", make_report(std::move(run))}}};
  EXPECT_EQ(steps_chart(report).find(">websocket<"), std::string::npos);
  EXPECT_NE(steps_chart(report).find(">sse<"), std::string::npos);
}

TEST(Charts, ShowAPredictionFarBelowWhatWasMeasured) {
  PresetReport report = steps_of({.name = "two", .varied = "--rate"}, {"1/s", "2/s"});
  for (ArmReport& arm : report.steps.back().report.arms) arm.predicted.mean = 0.0005;
  EXPECT_EQ(count_of(steps_chart(report), ">500 µs<"), 1U);
  EXPECT_EQ(count_of(steps_chart(report), "class=\"hollow s0\""), 2U);
}

TEST(Charts, StackTheBytesOfAnEventOnTheWire) {
  const std::string chart = bytes_chart(make_report(good_run()));
  // Four parts of each push, five of the long poll, six of the short one; six in the legend.
  EXPECT_EQ(count_of(chart, "class=\"part "), 4U + 4 + 5 + 6 + 4 + 6);
  EXPECT_EQ(count_of(chart, "<title>TCP/IP/Ethernet: 66 B</title>"), 5U);
  EXPECT_EQ(count_of(chart, "<title>empty polls: 900 B</title>"), 1U);
  EXPECT_EQ(count_of(chart, ">empty polls<"), 1U);
  EXPECT_EQ(count_of(chart, "sent again"), 0U);
  EXPECT_EQ(count_of(chart, ">1.47 KiB<"), 1U) << chart;
}

TEST(Charts, ShowBytesAtTheSocketsWhereNobodyWatchedTheWire) {
  BenchRun run = good_run();
  for (Block& block : run.blocks) block.wire.reset();
  const std::string chart = bytes_chart(make_report(run));
  EXPECT_EQ(count_of(chart, "<rect"), 10U);
  EXPECT_NE(chart.find("TCP/IP and Ethernet come on top"), std::string::npos);
}

TEST(Charts, DrawTheSawtoothOfTheFirstRound) {
  BenchRun run = good_run();
  run.options.rate = 10;
  run.blocks[0].length = std::chrono::seconds(1);
  run.blocks[0].sawtooth = {{.at = measure::Seconds(0), .age = measure::Seconds(0.5)},
                            {.at = measure::Seconds(0.5), .age = measure::Seconds(0.25)}};
  run.blocks[0].freshness = {.mean_age = 0.5};
  EXPECT_EQ(count_of(render_page(make_report(run)), "<h2>Age</h2>"), 1U);
  EXPECT_EQ(count_of(render_page(make_report(good_run())), "<h2>Age</h2>"), 0U);
  const std::string chart = sawtooth_chart(make_report(run));
  // The highest tooth is 1 s, and 56 pixels: it begins at a half, drops to a quarter, and ends at
  // three quarters.
  EXPECT_NE(chart.find("points=\"130.0,46.0 410.0,18.0 410.0,60.0 690.0,32.0\""), std::string::npos)
      << chart;
  EXPECT_NE(chart.find(">mean 500 ms<"), std::string::npos) << chart;
  EXPECT_NE(chart.find("1.00 s from left to right; a row is 1.00 s high"), std::string::npos)
      << chart;
  EXPECT_EQ(count_of(chart, "<polyline"), 1U);
}

TEST(Charts, BearARunWithoutDeliveries) {
  const BenchReport report = make_report(run_of({}));
  EXPECT_EQ(count_of(percentile_chart(report), "<polyline"), 0U);
  EXPECT_EQ(unbalanced(render_page(report)), "");
  EXPECT_EQ(unbalanced(render_page(PresetReport{})), "");
}

TEST(Page, IsWholeAndNeedsNothing) {
  const std::string page = render("html", marked_report());
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_EQ(count_of(page, "<svg"), 4U);
  EXPECT_EQ(count_of(page, "<table>"), 4U);
  // A row for each block, and one of headings.
  const std::size_t blocks = page.find("<details><summary>Every block, as it was measured");
  ASSERT_NE(blocks, std::string::npos);
  EXPECT_EQ(count_of(page.substr(blocks), "<tr>"), marked_report().run.blocks.size() + 1);
  EXPECT_NE(page.find("<pre>duplex bench &quot;&amp;&quot;</pre>"), std::string::npos);
  for (const std::string_view outside : {"<script", "src=", "href=", "url(", "@import"}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
}

TEST(Page, ShowsAnExperiment) {
  const PresetReport report = {
      .preset = {.name = "late",
                 .question = "How <late>?",
                 .expected = "late",
                 .varied = "--delay"},
      .command_line = "duplex bench --preset late",
      .steps = {{"20ms", make_report(good_run())}, {"30ms", make_report(good_run())}}};
  const std::string page = render_preset("html", report);
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_NE(page.find("<p>How &lt;late&gt;?</p>"), std::string::npos);
  EXPECT_NE(page.find("<h2>--delay 30ms</h2>"), std::string::npos);
  EXPECT_NE(page.find("<pre>duplex bench --preset late</pre>"), std::string::npos);
  EXPECT_EQ(count_of(page, "<svg"), 1U + 2 * 4);
  EXPECT_EQ(count_of(steps_chart(report), "<polyline"), 4U);
  EXPECT_TRUE(render_preset("svg", report).starts_with("<svg xmlns="));
  EXPECT_TRUE(render("svg", marked_report()).starts_with("<svg xmlns="));
  EXPECT_EQ(format_for("a.html"), "html");
  EXPECT_EQ(format_for("a.svg"), "svg");
}

// As the page of a run has it.
TEST(Page, ShowsOfEachStepOfAnExperimentAllThatARunHas) {
  BenchRun run = good_run();
  run.blocks[0].sawtooth = {{.at = measure::Seconds(0), .age = measure::Seconds(0.5)}};
  const BenchReport step = make_report(std::move(run));
  const PresetReport report = {.preset = {.name = "late", .varied = "--delay"},
                               .steps = {{"20ms", step}, {"30ms", step}}};
  const std::string page = render_preset("html", report);
  EXPECT_EQ(unbalanced(page), "");
  for (const std::string_view title : {"Latency by percentile", "How often each latency came",
                                       "Age", "Bytes of an event", "Round by round", "Figures"}) {
    EXPECT_EQ(count_of(page, "<h3>" + std::string(title) + "</h3>"), 2U) << title;
  }
  for (const std::string& chart :
       {ridgeline_chart(step), sawtooth_chart(step), bytes_chart(step), rounds_chart(step)}) {
    EXPECT_EQ(count_of(page, chart), 2U);
  }
  const std::string sentence = "short polling 8.13× [8.13, 8.14] of that time.";
  EXPECT_NE(verdict(step).find(sentence), std::string::npos) << verdict(step);
  EXPECT_EQ(count_of(page, sentence), 2U);
  EXPECT_EQ(count_of(page, "Every mean is within 15 %"), 2U);
}

TEST(Page, HoldsNoStepAgainstATheoryThatIsSilent) {
  const PresetReport report = {.preset = {.name = "late", .predicts = false},
                               .steps = {{"", make_report(good_run())}}};
  const std::string page = render_preset("html", report);
  EXPECT_EQ(count_of(page, "WebSocket delivered an event after"), 1U);
  EXPECT_EQ(count_of(page, "what theory predicts."), 0U);
}

}  // namespace
}  // namespace duplex::tools
