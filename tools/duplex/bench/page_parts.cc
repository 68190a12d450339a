// What pages are made of.
#include "page_parts.h"

#include "charts.h"
#include "measure/format.h"

namespace duplex::tools {

using measure::escape_markup;

namespace {

constexpr std::string_view page_style = R"(:root { color-scheme: light dark; --line: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; }
h3 { font-size: 1rem; margin: 1rem 0 .2rem; }
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

}  // namespace

std::string page_head(std::string_view title) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape_markup(title) + "</title>\n<style>\n" + std::string(page_style) +
         std::string(chart_style) + "</style></head><body>\n<h1>" + escape_markup(title) +
         "</h1>\n";
}

// Lines of text as one paragraph.
std::string paragraph(std::string_view text, std::string_view css_class) {
  std::string out = "<p";
  if (!css_class.empty()) out += " class=\"" + std::string(css_class) + "\"";
  out += ">";
  for (const char c : escape_markup(text))
    out += c == '\n' ? std::string("<br>\n") : std::string(1, c);
  return out + "</p>\n";
}

std::string section(std::string_view title, std::string_view content, int level) {
  const std::string tag = "h" + std::to_string(level) + ">";
  return "<" + tag + escape_markup(title) + "</" + tag + "\n" + std::string(content);
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

std::string folded(std::string_view title, std::string_view content) {
  return "<details><summary>" + escape_markup(title) + "</summary>\n" + std::string(content) +
         "</details>\n";
}

std::string preformatted(std::string_view text) {
  return "<pre>" + escape_markup(text) + "</pre>\n";
}

std::string command_of(const Environment& environment) {
  const auto found = environment.find("command_line");
  return preformatted(found == environment.end() ? "duplex bench" : found->second);
}

}  // namespace duplex::tools
