// What came of the cases, for people and for programs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "case_run.h"
#include "cases.h"

namespace duplex::tools::suite {

struct Reported {
  const Case* item = nullptr;
  CaseResult result = {};
};

// The cases that one peer was put through.
struct Report {
  std::string agent;   // the peer's name
  std::string repeat;  // the command that runs a case again, with {case} in it
  std::vector<Reported> cases = {};
  milliseconds duration{0};
  // Why not every case was run, such as "interrupted"; empty: all were, or nobody counts.
  std::string cut_short = {};
  std::vector<const Case*> not_run = {};
  std::vector<std::string> notes = {};  // sentences about the run

  std::size_t count(Verdict verdict) const;
  // "interrupted: 17 of 900 cases"; empty when nothing was cut short.
  std::string describe_cut() const;
  // Notes which cases of `all`, in its order, have no result.
  void cut(std::string why, const std::vector<const Case*>& all);
  // Nothing FAILED or NON-STRICT.
  bool all_pass() const { return count(Verdict::failed) + count(Verdict::non_strict) == 0; }
};

// `format`: text, json (the members of Autobahn's index.json and more), junit or html. `html_file`
// is named in the JSON as the place of each case's details, if there is one.
std::string render(std::string_view format, const std::vector<Report>& reports,
                   const std::string& html_file = {});
std::string_view format_for(std::string_view file) noexcept;  // by its ending

// `text` as one word of a shell's command, quoted where it has to be.
std::string shell_word(std::string_view text);

// Everything known about a case that is not OK, in lines of `label  text`.
std::string explain(const Report& report, const Reported& reported,
                    Transcript::Detail detail = Transcript::Detail::brief);

std::string render_json(const std::vector<Report>& reports, const std::string& html_file);
std::string render_junit(const std::vector<Report>& reports);
std::string render_html(const std::vector<Report>& reports);

// A table of cases: number, section, title.
std::string list_cases(const std::vector<const Case*>& cases);

}  // namespace duplex::tools::suite
