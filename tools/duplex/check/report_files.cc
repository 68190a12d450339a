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
    json.end_object();
  }
  json.end_object();
  return json.text();
}

std::string render_junit(const std::vector<Report>& reports) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Report& report : reports) {
    const auto bad = std::count_if(report.cases.begin(), report.cases.end(), is_bad);
    xml += "<testsuite name=\"" + escaped(report.agent) + "\" tests=\"" +
           std::to_string(report.cases.size()) + "\" failures=\"" + std::to_string(bad) +
           "\" skipped=\"" + std::to_string(report.count(Verdict::unimplemented)) + "\" time=\"" +
           seconds(report.duration) + "\">\n";
    for (const Reported& one : report.cases) {
      xml += "<testcase classname=\"" + escaped(one.item->family) + "\" name=\"" +
             escaped(one.item->id + " " + one.item->title) + "\" time=\"" +
             seconds(one.result.duration) + "\">";
      if (is_bad(one)) {
        xml += "<failure message=\"" + escaped(one.result.problem) + "\">" +
               escaped(explain(report, one, whole)) + "</failure>";
      }
      if (one.result.verdict() == Verdict::unimplemented) xml += "<skipped/>";
      xml += "</testcase>\n";
    }
    xml += "</testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

std::string render_html(const std::vector<Report>& reports) {
  std::string html(html_head);
  html += "<h1>duplex check</h1>\n" + matrix(reports);
  for (std::size_t peer = 0; peer < reports.size(); ++peer) {
    for (const Reported& one : reports[peer].cases) html += details(reports[peer], one, peer);
  }
  return html + "</body></html>\n";
}

}  // namespace duplex::tools::suite
