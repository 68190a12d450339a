// A report as one page.
#include "page.h"

#include <algorithm>
#include <string_view>

#include "charts.h"
#include "measure/format.h"
#include "render.h"
#include "report_tables.h"

namespace duplex::tools {
namespace {

using measure::escape_markup;

constexpr std::string_view page_style = R"(:root { color-scheme: light dark; --line: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: .9rem;
  margin: .5rem 0 1rem; }
td, th { border-top: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
td, th { white-space: nowrap; font-variant-numeric: tabular-nums; }
.n { text-align: right; } pre, code { overflow-x: auto; }
.verdict { border-left: 4px solid var(--line); padding-left: .8rem; }
figure { margin: .5rem 0; } figcaption { font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; font-size: .9rem; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { figure { margin: .5rem 0; overflow-x: auto; } svg { min-width: 40rem; }
  dl { grid-template-columns: 1fr; } dt { font-weight: 600; } }
@media print { body { max-width: none; } figure, tr { break-inside: avoid; }
  pre { white-space: pre-wrap; } table { display: table; font-size: 6.5pt; }
  td, th { white-space: normal; padding: .15rem .25rem; } }
)";

std::string head(std::string_view title) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape_markup(title) + "</title>\n<style>\n" + std::string(page_style) +
         std::string(chart_style) + "</style></head><body>\n<h1>" + escape_markup(title) +
         "</h1>\n";
}

// Lines of text as one paragraph.
std::string paragraph(std::string_view text, std::string_view css_class = {}) {
  std::string out = "<p";
  if (!css_class.empty()) out += " class=\"" + std::string(css_class) + "\"";
  out += ">";
  for (const char c : escape_markup(text))
    out += c == '\n' ? std::string("<br>\n") : std::string(1, c);
  return out + "</p>\n";
}

std::string section(std::string_view title, std::string_view content) {
  return "<h2>" + escape_markup(title) + "</h2>\n" + std::string(content);
}

std::string figure(std::string_view drawing, std::string_view caption) {
  return "<figure>\n" + std::string(drawing) + "<figcaption>" + escape_markup(caption) +
         "</figcaption></figure>\n";
}

std::string environment_list(const Environment& environment) {
  std::string out = "<dl>\n";
  for (const auto& [name, value] : environment) {
    out += "<dt>" + escape_markup(name) + "</dt><dd>" + escape_markup(value) + "</dd>\n";
  }
  return out + "</dl>\n";
}

std::string preformatted(std::string_view text) {
  return "<pre>" + escape_markup(text) + "</pre>\n";
}

std::string command_of(const Environment& environment) {
  const auto found = environment.find("command_line");
  return preformatted(found == environment.end() ? "duplex bench" : found->second);
}

std::string bytes_caption(const BenchReport& report) {
  if (report.run.wire_source.empty()) return "At the server's sockets, both ways.";
  return "On the wire, both ways, as " + report.run.wire_source +
         " has counted; the payload is what an application asks for, the rest is what it takes.";
}

std::string age_section(const BenchReport& report) {
  const auto& blocks = report.run.blocks;
  const bool drawn = std::any_of(blocks.begin(), blocks.end(),
                                 [](const Block& block) { return !block.sawtooth.empty(); });
  if (!drawn) return {};
  return section("Age", figure(sawtooth_chart(report),
                               "How old the newest event is that one client holds: it grows with "
                               "time, and drops with each delivery to the time which that took. "
                               "The thin line is the mean over all blocks and clients."));
}

std::string charts_of(const BenchReport& report) {
  return section("Latency by percentile",
                 figure(percentile_chart(report),
                        "Each line is one transport, the hollow marks what theory predicts of it; "
                        "WebSocket stands there twice, to show what chance alone does.")) +
         section("How often each latency came",
                 figure(ridgeline_chart(report), "Each ridge is as high as the others.")) +
         age_section(report) +
         section("Bytes of an event", figure(bytes_chart(report), bytes_caption(report))) +
         section("Round by round",
                 figure(rounds_chart(report),
                        "Where the points of one transport wander, the machine has changed."));
}

std::string wire_table_of(const BenchReport& report) {
  return report.run.wire_source.empty() ? "" : wire_table(report).html();
}

std::string ladder_of(const BenchReport& report) {
  const auto& ladder = report.run.ladder;
  if (!ladder || ladder->frames == 0) return {};
  return section("Where the microseconds go",
                 figure(ladder_chart(*ladder),
                        "By the kernel's own stamps. What lies between received and delivered is "
                        "the wake-up of the reader, not the network.") +
                     ladder_table(*ladder).html());
}

std::string idle_table_of(const BenchReport& report) {
  return report.run.idle.empty() ? "" : idle_table(report.run.idle).html();
}

std::string storm_table_of(const BenchReport& report) {
  return report.run.storms.empty() ? "" : storm_table(report.run.storms).html();
}

std::string tables_of(const BenchReport& report) {
  return latency_table(report).html() + freshness_table(report).html() + wire_table_of(report) +
         idle_table_of(report) + storm_table_of(report) + paragraph(footnotes(report));
}

}  // namespace

std::string render_page(const BenchReport& report) {
  return head("duplex bench") + paragraph(conditions(report)) +
         paragraph(verdict(report), "verdict") + charts_of(report) + ladder_of(report) +
         section("Figures", tables_of(report)) +
         section("To repeat it", command_of(report.run.environment)) +
         section("Environment", environment_list(report.run.environment)) + "</body></html>\n";
}

std::string render_page(const PresetReport& report) {
  std::string out =
      head("duplex bench: " + report.preset.name) + paragraph(report.preset.question) +
      paragraph("Expected: " + report.preset.expected) + paragraph(conclusion(report), "verdict") +
      figure(steps_chart(report), "Lines: measured. Hollow marks: predicted.") +
      section("Figures", steps_table(report).html()) +
      section("To repeat it", preformatted(report.command_line));
  for (const PresetStep& step : report.steps) {
    const bool varies = !report.preset.varied.empty();
    out += section(varies ? report.preset.varied + " " + step.value : "The run",
                   figure(percentile_chart(step.report), "Latency by percentile.") +
                       ladder_of(step.report) + tables_of(step.report) +
                       command_of(step.report.run.environment));
  }
  if (!report.steps.empty()) {
    out += section("Environment", environment_list(report.steps.front().report.run.environment));
  }
  return out + "</body></html>\n";
}

}  // namespace duplex::tools
