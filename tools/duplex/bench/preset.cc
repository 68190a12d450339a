// Reads tools/experiments/NAME.conf.
#include "preset.h"

#include <algorithm>
#include <array>

#include "../printable.h"
#include "../units.h"

namespace duplex::tools {
namespace {

constexpr std::string_view spaces = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

constexpr std::array names = {std::string_view("question"), std::string_view("expected"),
                              std::string_view("bench"),    std::string_view("vary"),
                              std::string_view("quick"),    std::string_view("quick-vary"),
                              std::string_view("judge"),    std::string_view("until"),
                              std::string_view("show"),     std::string_view("check")};

// "a, b, c"
template <class Words>
std::string listed(const Words& words) {
  std::string all;
  for (const auto& word : words) all.append(all.empty() ? "" : ", ").append(word);
  return all;
}

// "--delay 20ms 50ms": the option, and its values.
bool take_varied(std::string_view value, Preset& preset) {
  preset.values = words_of(value);
  if (preset.values.size() < 2 || !preset.values.front().starts_with("--")) return false;
  preset.varied = preset.values.front();
  preset.values.erase(preset.values.begin());
  return true;
}

constexpr std::string_view p95 = "p95 ";

// What is expected instead, or nothing.
std::string set(Preset& preset, std::string_view name, std::string_view value) {
  if (name == "question") preset.question = value;
  if (name == "expected") preset.expected = value;
  if (name == "bench") preset.arguments = words_of(value);
  if (name == "quick") preset.quick = words_of(value);
  if (name == "quick-vary") preset.quick_values = words_of(value);
  if (name == "vary" && !take_varied(value, preset)) return "an option and its values";
  if (name == "show") {
    preset.shown = words_of(value);
    if (preset.shown.empty()) return "some of " + listed(more_columns);
    return problem_with_columns(preset.shown);
  }
  if (name == "until") {
    const auto limit = parse_duration(value.substr(std::min(value.size(), p95.size())));
    if (!value.starts_with(p95) || !limit || limit->count() == 0) return "p95 and a time above 0";
    preset.limit = *limit;
  }
  if (name == "judge") {
    if (value != "prediction" && value != "nothing") return "prediction or nothing";
    preset.predicts = value == "prediction";
  }
  return {};
}

// What is wrong with it, or nothing.
std::string take_check(std::string_view value, Preset& preset) {
  const std::string shown = "check: '" + std::string(value) + "': ";
  if (preset.checks.size() == max_checks) {
    return shown + "an experiment has at most " + std::to_string(max_checks);
  }
  auto check = parse_check(value);
  if (!check) return shown + check.error();
  preset.checks.push_back(*std::move(check));
  return {};
}

// A step that a check names and that there is not, or nothing.
std::string problem_with_steps(const PresetCheck& check, const Preset& preset) {
  std::vector<std::string> values = preset.values;
  for (const std::string& value : preset.quick_values) {
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  for (const std::string& step : {check.left.step, check.right.step}) {
    if (step.empty() || std::find(values.begin(), values.end(), step) != values.end()) continue;
    std::string text = "check: '" + check.text + "': ";
    if (values.empty()) return text.append("'at' without vary");
    return text.append("'").append(step).append("' is not one of ").append(listed(values));
  }
  return {};
}

struct Line {
  std::size_t number = 0;
  std::string name = {};
  std::string value = {};
};

// Lines that go on are joined. A line without '=' has no name.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(line).empty() || line.front() == '#') continue;
    if (spaces.find(line.front()) != std::string_view::npos && !lines.empty()) {
      lines.back().value.append(" ").append(trimmed(line));
      continue;
    }
    const std::size_t equals = line.find('=');
    const bool has_name = equals != std::string_view::npos;
    lines.push_back({.number = number,
                     .name = has_name ? std::string(trimmed(line.substr(0, equals))) : "",
                     .value = std::string(trimmed(has_name ? line.substr(equals + 1) : line))});
  }
  return lines;
}

// What a line is no part of, or nothing.
std::string problem_with(const Line& line, Preset& preset, std::vector<std::string>& seen) {
  if (printable(line.name + line.value) != line.name + line.value) {
    return "a line of control characters, or of what is not UTF-8";
  }
  if (line.name.empty()) return "'" + line.value + "' is not of the form NAME = VALUE";
  if (std::find(names.begin(), names.end(), line.name) == names.end()) {
    return "'" + line.name + "' is not one of " + listed(names);
  }
  if (line.name == "check") return take_check(line.value, preset);
  if (std::find(seen.begin(), seen.end(), line.name) != seen.end()) {
    return "'" + line.name + "' stands there already";
  }
  seen.push_back(line.name);
  const std::string wanted = set(preset, line.name, line.value);
  return wanted.empty() ? "" : line.name + ": '" + line.value + "' is not " + wanted;
}

// What the whole lacks, or nothing.
std::string lack_of(const Preset& preset) {
  if (preset.question.empty()) return "has no question";
  if (preset.expected.empty()) return "does not say what is expected";
  if (preset.arguments.empty()) return "has no line bench = ARGUMENTS";
  if (preset.varied.empty() && !preset.quick_values.empty()) return "has quick-vary without vary";
  if (preset.varied.empty() && preset.limit.count() > 0) return "has until without vary";
  return {};
}

}  // namespace

std::string problem_with_columns(const std::vector<std::string>& words) {
  const auto is_column = [](const std::string& name) {
    return std::find(more_columns.begin(), more_columns.end(), name) != more_columns.end();
  };
  return std::all_of(words.begin(), words.end(), is_column) ? ""
                                                            : "some of " + listed(more_columns);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (text = trimmed(text); !text.empty();) {
    const std::size_t end = std::min(text.find_first_of(spaces), text.size());
    words.emplace_back(text.substr(0, end));
    text = trimmed(text.substr(end));
  }
  return words;
}

Result<Preset, std::string> parse_preset(std::string_view name, std::string_view text) {
  const std::string file(name);
  Preset preset = {.name = file.substr(0, file.rfind(".conf"))};
  preset.name.erase(0, preset.name.rfind('/') + 1);
  std::vector<std::string> seen;
  std::vector<std::string> places;  // of the checks
  for (const Line& line : lines_of(text)) {
    const std::string problem = problem_with(line, preset, seen);
    const std::string place = file + ":" + std::to_string(line.number);
    if (!problem.empty()) return Failure{place + ": " + problem};
    if (line.name == "bench") preset.place = place;
    if (line.name == "check") places.push_back(place);
  }
  if (const std::string lack = lack_of(preset); !lack.empty()) return Failure{file + ": " + lack};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string problem = problem_with_steps(preset.checks[i], preset);
    if (!problem.empty()) return Failure{places[i] + ": " + problem};
  }
  return preset;
}

bool Preset::shows(std::string_view column) const noexcept {
  return std::find(shown.begin(), shown.end(), column) != shown.end();
}

const std::vector<std::string>& Preset::values_of(bool is_quick) const noexcept {
  return is_quick && !quick_values.empty() ? quick_values : values;
}

std::size_t Preset::step_count(bool is_quick) const noexcept {
  return std::max<std::size_t>(values_of(is_quick).size(), 1);
}

std::vector<std::string> Preset::step(std::size_t index, bool is_quick) const {
  std::vector<std::string> words = arguments;
  if (is_quick) words.insert(words.end(), quick.begin(), quick.end());
  if (!varied.empty()) {
    words.push_back(varied);
    words.push_back(values_of(is_quick)[index]);
  }
  return words;
}

}  // namespace duplex::tools
