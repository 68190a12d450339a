// What came of the cases, for programs and browsers.
#include <algorithm>

#include "measure/format.h"
#include "measure/json_writer.h"
#include "report.h"

namespace duplex::tools::suite {
namespace {

constexpr auto whole = Transcript::Detail::whole;

// For XML and HTML; control characters, which XML has no way to write, become '?'.
std::string escaped(std::string_view text) {
  std::string out = measure::escape_markup(text);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\t'; },
      '?');
  return out;
}

std::string seconds(milliseconds time) {
  return measure::fixed(static_cast<double>(time.count()) / 1000, 3);
}

bool is_bad(const Reported& one) {
  const Verdict verdict = one.result.verdict();
  return verdict == Verdict::failed || verdict == Verdict::non_strict;
}

// Where the page tells of a peer's case; peers are counted from 0.
std::string anchor(std::size_t peer, const std::string& id) {
  return peer == 0 ? id : std::to_string(peer + 1) + ":" + id;
}

void write_case(measure::JsonWriter& json, const Report& report, const Reported& one,
                const std::string& report_file) {
  const CaseResult& result = one.result;
  json.key(one.item->id).begin_object();
  json.member("behavior", name_of(result.behavior));
  json.member("behaviorClose", result.behavior_close);
  json.member("duration", result.duration.count());
  json.key("remoteCloseCode");
  if (result.remote_close_code == 0) {
    json.null();
  } else {
    json.value(result.remote_close_code);
  }
  json.member("reportfile", report_file);
  json.member("title", one.item->title).member("section", one.item->section);
  if (result.verdict() != Verdict::ok) {
    json.member("problem", result.problem).member("expected", result.expected);
    json.member("got", result.got);
    json.member("sent", result.transcript.bytes(Transcript::Direction::sent, whole));
    json.member("received", result.transcript.bytes(Transcript::Direction::received, whole));
    json.member("repeat", replaced(report.repeat, "{case}", one.item->id));
  }
  if (!result.note.empty()) json.member("note", result.note);
  json.end_object();
}

// In Autobahn's word for it, which is no verdict.
void write_missing(measure::JsonWriter& json, const Report& report, const Case& item) {
  json.key(item.id).begin_object();
  json.member("behavior", "MISSING").member("behaviorClose", "MISSING").member("duration", 0);
  json.key("remoteCloseCode").null();
  json.member("reportfile", "").member("title", item.title).member("section", item.section);
  json.member("problem", "not run: " + report.cut_short);
  json.end_object();
}

constexpr std::string_view html_head =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>duplex check</title>\n"
    "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em}"
    "table{border-collapse:collapse}td,th{padding:.1em .7em;text-align:left;"
    "border-bottom:1px solid #ddd}pre{background:#f6f6f6;padding:.7em;overflow:auto}"
    ".OK{background:#cfc}.FAILED{background:#fbb}.NON-STRICT{background:#fe9}"
    ".INFORMATIONAL{background:#def}.UNIMPLEMENTED{background:#eee}</style></head><body>\n";

const Reported* find(const Report& report, const std::string& id) {
  const auto it = std::find_if(report.cases.begin(), report.cases.end(),
                               [&id](const Reported& one) { return one.item->id == id; });
  return it == report.cases.end() ? nullptr : &*it;
}

// Every case of any peer, in the order in which they are met.
std::vector<const Case*> cases_of(const std::vector<Report>& reports) {
  std::vector<const Case*> cases;
  for (const Report& report : reports) {
    for (const Reported& one : report.cases) {
      const bool is_new = std::find(cases.begin(), cases.end(), one.item) == cases.end();
      if (is_new) cases.push_back(one.item);
    }
  }
  return cases;
}

std::string matrix_row(const std::vector<Report>& reports, const Case& item) {
  std::string row = "<tr><td>" + item.id + "</td><td>" + escaped(item.title) + "</td>";
  for (std::size_t peer = 0; peer < reports.size(); ++peer) {
    const Reported* const one = find(reports[peer], item.id);
    if (one == nullptr) {
      row += "<td></td><td></td>";
      continue;
    }
    const std::string verdict(name_of(one->result.verdict()));
    const unsigned code = one->result.remote_close_code;
    row += "<td class=\"" + verdict + "\"><a href=\"#" + anchor(peer, item.id) + "\">" + verdict +
           "</a></td><td>" + (code == 0 ? "none" : std::to_string(code)) + "</td>";
  }
  return row + "</tr>\n";
}

std::string matrix(const std::vector<Report>& reports) {
  std::string table = "<table><tr><th>case</th><th></th>";
  for (const Report& report : reports) {
    table += "<th>" + escaped(report.agent) + "</th><th>close</th>";
  }
  table += "</tr>\n";
  for (const Case* const item : cases_of(reports)) table += matrix_row(reports, *item);
  return table + "</table>\n";
}

// About the run: what cut it short first.
std::string remarks(const Report& report) {
  const std::string cut = report.describe_cut();
  std::string html;
  if (!cut.empty()) html = "<p class=\"FAILED\">" + escaped(report.agent + ": " + cut) + "</p>\n";
  for (const std::string& note : report.notes) html += "<p>" + escaped(note) + "</p>\n";
  return html;
}

std::string wire_log(const Transcript& transcript) {
  std::string log;
  for (const Transcript::Entry& entry : transcript.entries()) {
    const bool sent = entry.direction == Transcript::Direction::sent;
    log += measure::pad_left(measure::format_duration(entry.at), 10) + (sent ? " → " : " ← ") +
           show_bytes(entry.head, entry.size, 64) + '\n';
  }
  if (transcript.left_out() != 0) {
    log += std::to_string(transcript.left_out()) + " more\n";
  }
  return log;
}

std::string details(const Report& report, const Reported& one, std::size_t peer) {
  const Case& item = *one.item;
  std::string text =
      "<h3 id=\"" + anchor(peer, item.id) + "\">" + item.id + " " + escaped(item.title) + "</h3>\n";
  if (one.result.verdict() == Verdict::ok) {
    text += "<p>" + escaped(report.agent) + ": OK, " + item.section + "</p>\n<pre>";
    if (!one.result.note.empty()) text += escaped(one.result.note) + "\n";
  } else {
    text += "<pre>" + escaped(report.agent) + "\n" + escaped(explain(report, one, whole)) + "\n";
  }
  return text + escaped(wire_log(one.result.transcript)) + "</pre>\n";
}

}  // namespace

std::string render_json(const std::vector<Report>& reports, const std::string& html_file) {
  measure::JsonWriter json;
  json.begin_object();
  for (std::size_t peer = 0; peer < reports.size(); ++peer) {
    json.key(reports[peer].agent).begin_object();
    for (const Reported& one : reports[peer].cases) {
      const std::string place = html_file + "#" + anchor(peer, one.item->id);
      write_case(json, reports[peer], one, html_file.empty() ? "" : place);
    }
    for (const Case* const item : reports[peer].not_run) write_missing(json, reports[peer], *item);
    json.end_object();
  }
  json.end_object();
  return json.text();
}

namespace {

std::string test_case(const Case& item, milliseconds duration, const std::string& content) {
  return "<testcase classname=\"" + escaped(item.family) + "\" name=\"" +
         escaped(item.id + " " + item.title) + "\" time=\"" + seconds(duration) + "\">" + content +
         "</testcase>\n";
}

std::string outcome(const Report& report, const Reported& one) {
  if (one.result.verdict() == Verdict::unimplemented) return "<skipped/>";
  if (!is_bad(one)) return {};
  return "<failure message=\"" + escaped(one.result.problem) + "\">" +
         escaped(explain(report, one, whole)) + "</failure>";
}

// A run that was cut short is an error of its own: what was run may all have passed.
std::string cut_case(const Report& report) {
  std::string notes;
  for (const std::string& note : report.notes) notes += note + '\n';
  return "<testcase classname=\"duplex check\" name=\"every case\" time=\"0.000\"><error "
         "message=\"" +
         escaped(report.describe_cut()) + "\">" + escaped(notes) + "</error></testcase>\n";
}

std::string test_suite(const Report& report) {
  const auto bad = std::count_if(report.cases.begin(), report.cases.end(), is_bad);
  const std::size_t errors = report.cut_short.empty() ? 0 : 1;
  const std::size_t skipped = report.count(Verdict::unimplemented) + report.not_run.size();
  std::string xml = "<testsuite name=\"" + escaped(report.agent) + "\" tests=\"" +
                    std::to_string(report.cases.size() + report.not_run.size() + errors) +
                    "\" failures=\"" + std::to_string(bad) + "\" errors=\"" +
                    std::to_string(errors) + "\" skipped=\"" + std::to_string(skipped) +
                    "\" time=\"" + seconds(report.duration) + "\">\n";
  for (const Reported& one : report.cases) {
    xml += test_case(*one.item, one.result.duration, outcome(report, one));
  }
  const std::string why = "<skipped message=\"not run: " + escaped(report.cut_short) + "\"/>";
  for (const Case* const item : report.not_run) xml += test_case(*item, milliseconds(0), why);
  return xml + (errors == 0 ? "" : cut_case(report)) + "</testsuite>\n";
}

}  // namespace

std::string render_junit(const std::vector<Report>& reports) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Report& report : reports) xml += test_suite(report);
  return xml + "</testsuites>\n";
}

std::string render_html(const std::vector<Report>& reports) {
  std::string html(html_head);
  html += "<h1>duplex check</h1>\n";
  for (const Report& report : reports) html += remarks(report);
  html += matrix(reports);
  for (std::size_t peer = 0; peer < reports.size(); ++peer) {
    for (const Reported& one : reports[peer].cases) html += details(reports[peer], one, peer);
  }
  return html + "</body></html>\n";
}

}  // namespace duplex::tools::suite
