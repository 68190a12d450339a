// A story as a page: one file, no script, nothing from outside.
#include "measure/format.h"
#include "render.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>duplex trace</title>
<style>
:root { color-scheme: light dark; --line: #8886; --l7: #0077bb; --l5: #aa3377; --l4: #997700;
  --l3: #4477aa; --back: #8881; }
@media (prefers-color-scheme: dark) { :root { --l7: #66ccee; --l5: #ee99cc; --l4: #ddcc77;
  --l3: #88aadd; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 76rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; }
td, th { border-top: 1px solid var(--line); padding: .35rem .5rem; vertical-align: top; }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.a { white-space: nowrap; }
.k { font-weight: 600; } .L7 .k { color: var(--l7); } .L4 .k { color: var(--l4); }
.L6 .k, .L5 .k { color: var(--l5); } .L3 .k, .L2 .k { color: var(--l3); }
.m { font-style: italic; } .e { max-width: 46rem; margin: .3rem 0; }
code { overflow-wrap: anywhere; }
pre { margin: .3rem 0; overflow-x: auto; line-height: 1.25; background: var(--back);
  padding: .4rem; }
summary { cursor: pointer; }
@media print { details > * { display: block; } }
</style></head><body>
)";

std::string element(std::string_view name, std::string_view attributes, std::string_view text) {
  std::string out = "<" + std::string(name);
  if (!attributes.empty()) out += " " + std::string(attributes);
  return out + ">" + measure::escape_markup(text) + "</" + std::string(name) + ">";
}

std::string details_of(const Line& line) {
  if (line.details.empty()) return "";
  std::string text;
  for (const std::string& detail : line.details) text += detail + "\n";
  return element("pre", "", text);
}

// What one may open to read more.
std::string more_of(const Line& line, bool open) {
  if (line.explanation.empty() && line.states.empty()) return "";
  std::string out = open ? "<details open>" : "<details>";
  out += "<summary>more</summary>";
  if (!line.states.empty()) out += element("p", "class=\"e\"", line.states);
  if (!line.explanation.empty()) out += element("p", "class=\"e\"", line.explanation);
  return out + "</details>";
}

std::string row(const Step& step, const Line& line, bool first, bool explain) {
  const std::string layer = "L" + std::to_string(line.layer);
  std::string out = "<tr class=\"" + layer + "\">";
  out += element("td", "class=\"n\"", first ? std::to_string(step.number) : "");
  out += element("td", "class=\"n\"", first ? time_text(step.time) : "");
  out += element("td", "class=\"k\"", layer);
  out += element("td", "class=\"a\"",
                 step.from == Side::client ? "client ──▶ server" : "client ◀── server");
  out += "<td>" + element("span", "class=\"k\"", line.name) + " " + element("code", "", line.what);
  if (!line.meaning.empty()) out += "<br>" + element("span", "class=\"m\"", line.meaning);
  return out + details_of(line) + more_of(line, explain) + "</td></tr>\n";
}

std::string rows(const Step& step, const View& view) {
  std::string out;
  for (const Line& line : step.lines) {
    if (view.layers.count(line.layer) != 0) out += row(step, line, out.empty(), view.explain);
  }
  return out;
}

std::string ending(const Story& story) {
  std::string out = "<h2>The seven layers, and what is real of them here</h2>\n<table>\n";
  for (const LayerSummary& layer : story.layers) {
    const std::string number = "L" + std::to_string(layer.layer);
    out += "<tr class=\"" + number + "\">" + element("td", "class=\"k\"", number) +
           element("td", "", layer.name) + element("td", "", layer.what) + "</tr>\n";
  }
  out += "</table>\n";
  for (const std::string& total : story.totals) out += element("p", "", total) + "\n";
  for (const std::string& remark : story.remarks) {
    out += element("p", "class=\"m\"", "Note: " + remark + ".") + "\n";
  }
  return out;
}

}  // namespace

std::string render_html(const Story& story, const View& view) {
  std::string out(head);
  out += "<h1>One connection, layer by layer</h1>\n<p>Client <code>" +
         measure::escape_markup(story.client) + "</code>, server <code>" +
         measure::escape_markup(story.server) + "</code></p>\n<table>\n" +
         "<tr><th>#</th><th>time</th><th>OSI</th><th>direction</th><th>what</th></tr>\n";
  for (const Step& step : story.steps) out += rows(step, view);
  return out + "</table>\n" + ending(story) + "</body></html>\n";
}

}  // namespace duplex::tools::trace
