// A report as one page.
#include "page.h"

#include <algorithm>

#include "charts.h"
#include "page_parts.h"
#include "render.h"
#include "report_tables.h"

namespace duplex::tools {
namespace {

std::string bytes_caption(const BenchReport& report) {
  if (report.run.wire_source.empty()) return "At the server's sockets, both ways.";
  return "On the wire, both ways, as " + report.run.wire_source +
         " has counted; the payload is what an application asks for, the rest is what it takes.";
}

std::string age_section(const BenchReport& report, int level) {
  const auto& blocks = report.run.blocks;
  const bool drawn = std::any_of(blocks.begin(), blocks.end(),
                                 [](const Block& block) { return !block.sawtooth.empty(); });
  if (!drawn) return {};
  return section("Age",
                 figure(sawtooth_chart(report),
                        "How old the newest event is that one client holds: it grows with "
                        "time, and drops with each delivery to the time which that took. "
                        "The thin line is the mean over all blocks and clients."),
                 level);
}

// Of one run, under headings of that level.
std::string charts_of(const BenchReport& report, int level) {
  const auto part = [level](std::string_view title, const std::string& drawing,
                            std::string_view caption) {
    return section(title, figure(drawing, caption), level);
  };
  return part("Latency by percentile", percentile_chart(report),
              "Each line is one transport, the hollow marks what theory predicts of it; "
              "WebSocket stands there twice, to show what chance alone does.") +
         part("How often each latency came", ridgeline_chart(report),
              "Each ridge is as high as the others.") +
         age_section(report, level) +
         part("Bytes of an event", bytes_chart(report), bytes_caption(report)) +
         part("Round by round", rounds_chart(report),
              "Where the points of one transport wander, the machine has changed.");
}

std::string wire_table_of(const BenchReport& report) {
  return report.run.wire_source.empty() ? "" : wire_table(report).html();
}

std::string ladder_of(const BenchReport& report, int level) {
  const auto& ladder = report.run.ladder;
  if (!ladder || ladder->frames == 0) return {};
  return section("Where the microseconds go",
                 figure(ladder_chart(*ladder),
                        "By the kernel's own stamps. What lies between received and delivered is "
                        "the wake-up of the reader, not the network.") +
                     ladder_table(*ladder).html(),
                 level);
}

std::string idle_table_of(const BenchReport& report) {
  return report.run.idle.empty() ? "" : idle_table(report.run.idle).html();
}

std::string storm_table_of(const BenchReport& report) {
  return report.run.storms.empty() ? "" : storm_table(report.run.storms).html();
}

std::string blocks_of(const BenchReport& report) {
  if (report.run.blocks.empty()) return {};
  return folded("Every block, as it was measured", blocks_table(report).html());
}

std::string tables_of(const BenchReport& report) {
  return latency_table(report, Width::wide).html() + freshness_table(report).html() +
         wire_table_of(report) + idle_table_of(report) + storm_table_of(report) +
         paragraph(footnotes(report)) + blocks_of(report);
}

std::string step_section(const Preset& preset, const PresetStep& step) {
  const BenchReport& report = step.report;
  return section(preset.varied.empty() ? "The run" : preset.varied + " " + step.value,
                 paragraph(conditions(report)) +
                     paragraph(verdict(report, preset.predicts), "verdict") + charts_of(report, 3) +
                     ladder_of(report, 3) + section("Figures", tables_of(report), 3) +
                     command_of(report.run.environment));
}

}  // namespace

std::string render_page(const BenchReport& report) {
  return page_head("duplex bench") + paragraph(conditions(report)) +
         paragraph(verdict(report), "verdict") + charts_of(report, 2) + ladder_of(report, 2) +
         section("Figures", tables_of(report)) +
         section("To repeat it", command_of(report.run.environment)) +
         section("Environment", environment_list(report.run.environment)) + std::string(page_end);
}

std::string render_page(const PresetReport& report) {
  std::string out =
      page_head("duplex bench: " + report.preset.name) + paragraph(report.preset.question) +
      paragraph("Expected: " + report.preset.expected) + paragraph(conclusion(report), "verdict") +
      figure(steps_chart(report), "Lines: measured. Hollow marks: predicted.") +
      section("Figures", steps_table(report, Width::wide).html()) +
      section("To repeat it", preformatted(report.command_line));
  for (const PresetStep& step : report.steps) out += step_section(report.preset, step);
  if (!report.steps.empty()) {
    out += section("Environment", environment_list(report.steps.front().report.run.environment));
  }
  return out + std::string(page_end);
}

}  // namespace duplex::tools
