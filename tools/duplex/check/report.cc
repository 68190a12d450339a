// What came of the cases, as text.
#include "report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "measure/format.h"
#include "measure/table.h"

namespace duplex::tools::suite {
namespace {

using measure::Align;

constexpr std::array<Verdict, 5> verdicts = {Verdict::ok, Verdict::informational,
                                             Verdict::unimplemented, Verdict::non_strict,
                                             Verdict::failed};

std::string line(std::string_view label, std::string_view text) {
  return "    " + measure::pad_right(label, 10) + std::string(text) + '\n';
}

void add_row(measure::Table& table, const std::string& name, const std::vector<Reported>& cases) {
  std::vector<std::string> cells = {name};
  for (const Verdict verdict : verdicts) {
    const auto count = std::count_if(cases.begin(), cases.end(), [verdict](const Reported& one) {
      return one.result.verdict() == verdict;
    });
    cells.push_back(count == 0 ? "–" : std::to_string(count));
  }
  table.add_row(std::move(cells));
}

// A line for each family, and one for all.
std::string summary(const Report& report) {
  measure::Table table({{"family", Align::left},
                        {"OK"},
                        {"informational"},
                        {"unimplemented"},
                        {"non-strict"},
                        {"failed"}});
  for (auto it = report.cases.begin(); it != report.cases.end();) {
    const auto last = std::find_if(it, report.cases.end(), [&](const Reported& one) {
      return one.item->family != it->item->family;
    });
    add_row(table, it->item->family, {it, last});
    it = last;
  }
  add_row(table, "all", report.cases);
  return table.text();
}

std::string render_text(const Report& report) {
  std::string text;
  for (const Reported& one : report.cases) {
    const Verdict verdict = one.result.verdict();
    if (verdict == Verdict::non_strict || verdict == Verdict::failed) text += explain(report, one);
  }
  if (!text.empty()) text += '\n';
  text += summary(report) + report.agent + ": " + std::to_string(report.cases.size()) +
          (report.cases.size() == 1 ? " case in " : " cases in ") +
          measure::format_duration(report.duration) + ", " +
          std::to_string(report.count(Verdict::failed)) + " failed, " +
          std::to_string(report.count(Verdict::non_strict)) + " not strictly right\n";
  for (const std::string& note : report.notes) text += note + '\n';
  return report.cut_short.empty() ? text : text + report.describe_cut() + '\n';
}

}  // namespace

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [verdict](const Reported& one) { return one.result.verdict() == verdict; }));
}

std::string Report::describe_cut() const {
  if (cut_short.empty()) return {};
  const std::size_t all = cases.size() + not_run.size();
  return cut_short + ": " + std::to_string(cases.size()) + " of " + std::to_string(all) + " cases";
}

void Report::cut(std::string why, const std::vector<const Case*>& all) {
  cut_short = std::move(why);
  auto run = cases.begin();
  for (const Case* const item : all) {
    if (run != cases.end() && run->item == item) {
      ++run;
    } else {
      not_run.push_back(item);
    }
  }
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+=,";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(text);
  }
  return "'" + replaced(std::string(text), "'", "'\\''") + "'";
}

std::string explain(const Report& report, const Reported& reported, Transcript::Detail detail) {
  const CaseResult& result = reported.result;
  std::string text = measure::pad_right(name_of(result.verdict()), 14) + reported.item->id + "  " +
                     reported.item->title + " (" + reported.item->section + ")\n";
  text += line("because", result.problem);
  text += line("sent", result.transcript.bytes(Transcript::Direction::sent, detail));
  text += line("expected", result.expected);
  text += line("got", result.got);
  text += line("received", result.transcript.bytes(Transcript::Direction::received, detail));
  if (!result.note.empty()) text += line("note", result.note);
  return text + line("repeat", replaced(report.repeat, "{case}", reported.item->id));
}

std::string render(std::string_view format, const std::vector<Report>& reports,
                   const std::string& html_file) {
  if (format == "json") return render_json(reports, html_file);
  if (format == "junit") return render_junit(reports);
  if (format == "html") return render_html(reports);
  std::string text;
  for (const Report& report : reports) text += render_text(report);
  return text;
}

std::string_view format_for(std::string_view file) noexcept {
  if (file.ends_with(".json")) return "json";
  if (file.ends_with(".xml")) return "junit";
  return file.ends_with(".html") ? "html" : "text";
}

std::string list_cases(const std::vector<const Case*>& cases) {
  measure::Table table({{"case", Align::left}, {"section", Align::left}, {"title", Align::left}});
  for (const Case* const item : cases) table.add_row({item->id, item->section, item->title});
  return table.text();
}

}  // namespace duplex::tools::suite
