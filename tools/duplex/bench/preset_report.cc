// The steps of an experiment in one table.
#include "preset_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../units.h"
#include "cells.h"
#include "charts.h"
#include "check_outcome.h"
#include "crossing.h"
#include "fingerprint.h"
#include "measure/format.h"
#include "measure/table.h"
#include "page.h"
#include "preset_json.h"
#include "render.h"
#include "report_tables.h"

namespace duplex::tools {
namespace {

using measure::Seconds;

std::string cell(double seconds) { return measure::format_duration(Seconds(seconds)); }

using Spelling = std::string (measure::Table::*)() const;

std::string part(const measure::Table& table, const std::string& note, Spelling spell) {
  const std::string rows = table.row_count() > 0 ? (table.*spell)() + "\n" : std::string();
  return rows + note + "\n";
}

// The idle connections of all steps in one table.
std::string idle_part(const PresetReport& report, Spelling spell) {
  std::vector<IdleCost> all;
  for (const PresetStep& step : report.steps) {
    all.insert(all.end(), step.report.run.idle.begin(), step.report.run.idle.end());
  }
  if (all.empty()) return {};
  return part(idle_table(all), idle_note(all), spell);
}

// And the storms.
std::string storm_part(const PresetReport& report, Spelling spell) {
  std::vector<Storm> all;
  for (const PresetStep& step : report.steps) {
    all.insert(all.end(), step.report.run.storms.begin(), step.report.run.storms.end());
  }
  if (all.empty()) return {};
  return part(storm_table(all), storm_note(all), spell);
}

std::string ladder_part(const PresetReport& report, Spelling spell) {
  std::string text;
  for (const PresetStep& step : report.steps) {
    const auto& ladder = step.report.run.ladder;
    if (!ladder) continue;
    if (!step.value.empty()) text += report.preset.varied + " " + step.value + "\n\n";
    text += part(ladder_table(*ladder), ladder_note(ladder), spell);
  }
  return text;
}

// Who has counted, where that is told.
std::string wire_part(const PresetReport& report, Width width) {
  if (report.steps.empty()) return {};
  if (width == Width::narrow && !report.preset.shows("wire")) return {};
  const std::string note = wire_note(report.steps.front().report.run);
  return note.empty() ? note : note + "\n";
}

// Of the first step: it is one machine and one program. A text has told the command already.
std::string fingerprint_part(const PresetReport& report, Width width) {
  if (report.steps.empty()) return {};
  const BenchRun& run = report.steps.front().report.run;
  Environment environment = run.environment;
  environment.erase("command_line");
  if (width == Width::wide) environment["command_line"] = report.command_line;
  const std::string lines = fingerprint(environment, run.options.seed);
  return lines.empty() ? lines : "\n" + lines;
}

// Why a percentile stands nowhere, or not everywhere.
std::string percentile_part(const PresetReport& report) {
  for (const PresetStep& step : report.steps) {
    for (const ArmReport& arm : step.report.arms) {
      if (arm.p99 || arm.delivery_count == 0) continue;
      return "A percentile stands where a step has the events for it: p95 takes 200, p99 1000.\n\n";
    }
  }
  return {};
}

std::string tables(const PresetReport& report, Width width, Spelling spell) {
  return (steps_table(report, width).*spell)() + "\n" + percentile_part(report) +
         wire_part(report, width) + idle_part(report, spell) + storm_part(report, spell) +
         ladder_part(report, spell);
}

std::string render_text(const PresetReport& report) {
  std::string text = report.preset.name + ": " + report.preset.question + "\n";
  text += "expected: " + report.preset.expected + "\neach step: duplex bench";
  for (const std::string& word : report.preset.arguments) text += " " + word;
  for (const std::string& word : report.preset.quick) text += report.quick ? " " + word : "";
  text += "\nas asked for: " + report.command_line;
  return text + "\n\n" + tables(report, Width::narrow, &measure::Table::text) + conclusion(report) +
         fingerprint_part(report, Width::narrow);
}

std::string render_markdown(const PresetReport& report) {
  return "## " + report.preset.name + "\n\n" + report.preset.question +
         "\n\nExpected: " + report.preset.expected + "\n\n" +
         tables(report, Width::wide, &measure::Table::markdown) + conclusion(report) +
         fingerprint_part(report, Width::wide);
}

std::string render_csv(const PresetReport& report) {
  std::string text;
  for (const PresetStep& step : report.steps) {
    std::string lines = render("csv", step.report);
    const std::size_t heading_end = lines.find('\n') + 1;
    if (text.empty()) text = "value," + lines.substr(0, heading_end);
    lines.erase(0, heading_end);
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n') + 1;
      text += measure::csv_field(step.value) + "," + lines.substr(0, end);
      lines.erase(0, end);
    }
  }
  return text;
}

std::size_t fewest_rounds(const PresetReport& report) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const PresetStep& step : report.steps) {
    fewest = std::min(fewest, step.report.compared_rounds);
  }
  return fewest;
}

}  // namespace

bool goes_beyond_limit(const PresetReport& report) {
  if (report.preset.limit.count() == 0 || report.steps.empty()) return false;
  const ArmReport& websocket = report.steps.back().report.arms.front();
  return websocket.delivery_count > 0 &&
         websocket.histogram.value_at_percentile(95) > report.preset.limit.count();
}

bool meets_prediction(const ArmReport& arm) noexcept {
  return arm.has_times() &&
         std::abs(arm.mean - arm.predicted.mean) <= 0.05 * arm.predicted.mean + 0.002;
}

namespace {

// Of every arm and step of which that is true: "--rate 4/s: websocket".
template <class Condition>
std::vector<std::string> arms_where(const PresetReport& report, Condition condition) {
  std::vector<std::string> found;
  if (!report.preset.predicts) return found;
  for (const PresetStep& step : report.steps) {
    const std::string place =
        report.preset.varied.empty() ? "" : report.preset.varied + " " + step.value + ": ";
    for (const ArmReport& arm : step.report.arms) {
      if (arm.arm.control) continue;
      if (const std::string what = condition(arm); !what.empty()) {
        found.push_back(place + label_of(arm.arm) + " " + what);
      }
    }
  }
  return found;
}

// What theory predicts lies between the rounds' own figures.
bool is_within_chance(const ArmReport& arm) {
  return arm.mean_interval.low <= arm.predicted.mean &&
         arm.predicted.mean <= arm.mean_interval.high;
}

}  // namespace

std::vector<std::string> missed_predictions(const PresetReport& report) {
  return arms_where(report, [](const ArmReport& arm) {
    const bool is_told = arm.has_times() && !is_within_chance(arm);
    if (!is_told || meets_prediction(arm)) return std::string();
    return "was " + cell(arm.mean) + ", predicted " + cell(arm.predicted.mean);
  });
}

std::vector<std::string> untold_predictions(const PresetReport& report) {
  return arms_where(report, [](const ArmReport& arm) -> std::string {
    if (arm.has_times() && (meets_prediction(arm) || !is_within_chance(arm))) return {};
    if (arm.has_times()) {
      return "was " + interval_cell(arm.mean_interval) + ", which has the predicted " +
             cell(arm.predicted.mean) + " in it: too few rounds to tell";
    }
    return arm.delivery_count == 0 ? "delivered nothing" : "was too quick to be told";
  });
}

namespace {

// Of the step whose clocks were least known.
std::string clock_lines(const PresetReport& report) {
  const PresetStep* worst = nullptr;
  for (const PresetStep& step : report.steps) {
    const auto& clock = step.report.run.clock;
    if (!clock) continue;
    if (worst == nullptr || clock->error > worst->report.run.clock->error) worst = &step;
  }
  return worst == nullptr ? std::string() : clock_line(worst->report);
}

std::string prediction_lines(const PresetReport& report) {
  if (!report.preset.predicts) return {};
  std::string text;
  for (const auto& each : missed_predictions(report)) text += "Not as predicted: " + each + "\n";
  for (const auto& each : untold_predictions(report)) text += "Not judged: " + each + "\n";
  if (!text.empty()) return text;
  return "Every mean is within 5 % + 2 ms of what theory predicts.\n";
}

}  // namespace

std::string conclusion(const PresetReport& report) {
  std::string text;
  if (report.over_limit) {
    text += "One delivery in twenty over WebSocket took longer than " +
            spell_duration(report.preset.limit) + " with " + report.preset.varied + " " +
            report.steps.back().value + ": the last step.\n";
  } else if (!report.complete) {
    text += "Interrupted: steps are missing.\n";
  }
  text += crossing_lines(report);
  text += clock_lines(report);
  const std::string doubt = doubt_of(fewest_rounds(report));
  if (!doubt.empty()) text += doubt + "\n";
  text += prediction_lines(report);
  for (const CheckOutcome& each : outcomes_of(report)) text += sentence_of(each) + "\n";
  return text;
}

std::string preset_output_problem(const std::string& format,
                                  const std::vector<std::string>& outputs) {
  const auto is_listing = [](std::string_view each) { return each == "hgrm" || each == "hlog"; };
  if (is_listing(format)) return "--format: " + format + " cannot show a preset";
  for (const std::string& path : outputs) {
    if (is_listing(format_for(path))) return "--output: " + path + " cannot show a preset";
  }
  return {};
}

std::string render_preset(std::string_view format, const PresetReport& report) {
  if (format == "json") return render_preset_json(report);
  if (format == "csv") return render_csv(report);
  if (format == "markdown") return render_markdown(report);
  if (format == "html") return render_page(report);
  if (format == "svg") return steps_chart(report, chart_style);
  return render_text(report);
}

}  // namespace duplex::tools
