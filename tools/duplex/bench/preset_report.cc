// The steps of an experiment in one table.
#include "preset_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "../units.h"
#include "cells.h"
#include "charts.h"
#include "crossing.h"
#include "measure/format.h"
#include "measure/json_writer.h"
#include "page.h"
#include "render.h"

namespace duplex::tools {
namespace {

using measure::Align;
using measure::Seconds;

std::string cell(double seconds) { return measure::format_duration(Seconds(seconds)); }

std::string predicted_cell(const Preset& preset, const ArmReport& arm) {
  const std::string text = cell(arm.predicted.mean);
  if (!preset.predicts) return text;
  return text + (meets_prediction(arm) ? " ✓" : " ✗");
}

std::string ratio_cell(const BenchReport& report, const ArmReport& arm) {
  if (&arm == &report.arms.front()) return "1.00×";
  if (!arm.ratio) return "–";
  return measure::format_ratio(arm.ratio->estimate) + (arm.distinguishable ? "" : " (in noise)");
}

// With what theory says where some are bound to be: "66.5 % (66.7 %)".
std::string missed_cell(const ArmReport& arm) {
  const double all = static_cast<double>(arm.missing + arm.delivery_count);
  const std::string share = measure::format_share(static_cast<double>(arm.missing) / all);
  if (arm.predicted.missed_share < 1e-6) return arm.missing == 0 ? "0" : share;
  return share + " (" + measure::format_share(arm.predicted.missed_share) + ")";
}

// What WebSocket differs from itself, at WebSocket.
std::string band_cell(const BenchReport& report, const ArmReport& arm) {
  if (&arm != &report.arms.front() || !report.has_control) return {};
  return "±" + measure::format_share(report.noise_floor - 1);
}

// Bytes of an event that are not its payload, which an echo carries twice.
std::string around_cell(const BenchReport& report, const ArmReport& arm) {
  const std::uint64_t times = measure::is_echo(arm.arm.transport) ? 2 : 1;
  const auto payload = static_cast<double>(times * report.run.options.event_size);
  return measure::significant(arm.per_delivery.bytes - payload);
}

std::string quantile_cell(const std::optional<measure::Interval>& quantile) {
  return quantile ? cell(quantile->estimate) : "–";
}

// Share of the time in which a client holds the newest event.
std::string fresh_cell(const ArmReport& arm) {
  return arm.freshness ? measure::format_share(arm.freshness->fresh_share) : "–";
}

using Row = std::vector<std::string>;

Row row_of(const PresetReport& report, const PresetStep& step, const ArmReport& arm) {
  return {step.value,
          label_of(arm.arm),
          cell(arm.mean),
          predicted_cell(report.preset, arm),
          interval_cell(arm.mean_interval),
          quantile_cell(arm.p95),
          quantile_cell(arm.p99),
          cell(static_cast<double>(arm.histogram.max()) / 1e9),
          ratio_cell(step.report, arm),
          band_cell(step.report, arm),
          measure::significant(arm.per_delivery.bytes),
          around_cell(step.report, arm),
          cell(arm.per_delivery.cpu_seconds),
          fresh_cell(arm),
          missed_cell(arm),
          std::to_string(arm.duplicates),
          std::to_string(arm.delivery_count)};
}

// Without the columns in which nothing stands.
measure::Table table_of(const std::vector<measure::Column>& columns, const std::vector<Row>& rows) {
  const auto says_something = [&rows](std::size_t column) {
    return std::any_of(rows.begin(), rows.end(), [column](const Row& row) {
      return row[column] != "–" && row[column] != "0" && !row[column].empty();
    });
  };
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (rows.empty() || says_something(i)) kept.push_back(i);
  }
  const auto pick = [&kept](const auto& from) {
    std::remove_cvref_t<decltype(from)> picked;
    for (const std::size_t i : kept) picked.push_back(from[i]);
    return picked;
  };
  measure::Table table(pick(columns));
  for (const Row& row : rows) table.add_row(pick(row));
  return table;
}

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

std::string tables(const PresetReport& report, Spelling spell) {
  return (steps_table(report).*spell)() + "\n" + idle_part(report, spell) +
         storm_part(report, spell) + ladder_part(report, spell);
}

std::string render_text(const PresetReport& report) {
  std::string text = report.preset.name + ": " + report.preset.question + "\n";
  text += "expected: " + report.preset.expected + "\neach step: duplex bench";
  for (const std::string& word : report.preset.arguments) text += " " + word;
  text += "\nas asked for: " + report.command_line;
  return text + "\n\n" + tables(report, &measure::Table::text) + conclusion(report);
}

std::string render_markdown(const PresetReport& report) {
  return "## " + report.preset.name + "\n\n" + report.preset.question +
         "\n\nExpected: " + report.preset.expected + "\n\n" +
         tables(report, &measure::Table::markdown) + conclusion(report);
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

std::string quoted(std::string_view text) {
  measure::JsonWriter json;
  json.value(text);
  return json.text();
}

std::string render_json(const PresetReport& report) {
  const auto member = [](std::string_view name, const std::string& value) {
    return quoted(name) + ": " + value + ",\n";
  };
  std::string text = "{\n" + member("preset", quoted(report.preset.name));
  text += member("question", quoted(report.preset.question));
  text += member("expected", quoted(report.preset.expected));
  text += member("varied", quoted(report.preset.varied));
  text += member("complete", report.complete ? "true" : "false") + "\"steps\": [";
  for (const PresetStep& step : report.steps) {
    text += &step == &report.steps.front() ? "\n" : ",\n";
    text +=
        "{" + member("value", quoted(step.value)) + "\"run\": " + render("json", step.report) + "}";
  }
  return text + "]\n}\n";
}

std::size_t fewest_rounds(const PresetReport& report) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const PresetStep& step : report.steps) {
    fewest = std::min(fewest, step.report.compared_rounds);
  }
  return fewest;
}

}  // namespace

bool meets_prediction(const ArmReport& arm) noexcept {
  return arm.delivery_count > 0 &&
         std::abs(arm.mean - arm.predicted.mean) <= 0.05 * arm.predicted.mean + 0.002;
}

std::vector<std::string> missed_predictions(const PresetReport& report) {
  std::vector<std::string> missed;
  if (!report.preset.predicts) return missed;
  for (const PresetStep& step : report.steps) {
    for (const ArmReport& arm : step.report.arms) {
      if (arm.arm.control || meets_prediction(arm)) continue;
      missed.push_back(report.preset.varied + " " + step.value + ": " + label_of(arm.arm) +
                       " was " + cell(arm.mean) + ", predicted " + cell(arm.predicted.mean));
    }
  }
  return missed;
}

measure::Table steps_table(const PresetReport& report) {
  const std::string varied = report.preset.varied.empty() ? "step" : report.preset.varied;
  std::vector<Row> rows;
  for (const PresetStep& step : report.steps) {
    for (const ArmReport& arm : step.report.arms) {
      if (!arm.arm.control && arm.delivery_count > 0) rows.push_back(row_of(report, step, arm));
    }
  }
  return table_of({{.heading = varied, .align = Align::left},
                   {.heading = "transport", .align = Align::left},
                   {.heading = "mean"},
                   {.heading = "predicted"},
                   {.heading = "median round [95 %]", .align = Align::left},
                   {.heading = "p95"},
                   {.heading = "p99"},
                   {.heading = "max"},
                   {.heading = "vs WebSocket"},
                   {.heading = "A/A band"},
                   {.heading = "bytes/ev"},
                   {.heading = "around/ev"},
                   {.heading = "CPU/ev"},
                   {.heading = "fresh"},
                   {.heading = "missed"},
                   {.heading = "twice"},
                   {.heading = "n"}},
                  rows);
}

std::string conclusion(const PresetReport& report) {
  std::string text;
  if (report.over_limit) {
    text += "WebSocket's p95 was above " + spell_duration(report.preset.limit) + " with " +
            report.preset.varied + " " + report.steps.back().value + ": the last step.\n";
  } else if (!report.complete) {
    text += "Interrupted: steps are missing.\n";
  }
  text += crossing_lines(report);
  const std::string doubt = doubt_of(fewest_rounds(report));
  if (!doubt.empty()) text += doubt + "\n";
  if (!report.preset.predicts) return text;
  const auto missed = missed_predictions(report);
  if (missed.empty()) return text + "Every mean is within 5 % + 2 ms of what theory predicts.\n";
  for (const std::string& each : missed) text += "Not as predicted: " + each + "\n";
  return text;
}

std::string render_preset(std::string_view format, const PresetReport& report) {
  if (format == "json") return render_json(report);
  if (format == "csv") return render_csv(report);
  if (format == "markdown") return render_markdown(report);
  if (format == "html") return render_page(report);
  if (format == "svg") return steps_chart(report, chart_style);
  return render_text(report);
}

}  // namespace duplex::tools
