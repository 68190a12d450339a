// The columns of an experiment's table.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <type_traits>

#include "cells.h"
#include "measure/format.h"
#include "preset_report.h"
#include "report_tables.h"
#include "wire_prediction.h"

namespace duplex::tools {
namespace {

using measure::Align;
using measure::Seconds;
using measure::significant;

// An arm at a step: of one row.
struct Place {
  const PresetReport& report;
  const PresetStep& step;
  const ArmReport& arm;
  Width width;

  bool is_reference() const { return &arm == &step.report.arms.front(); }
};

std::string duration(double seconds) { return measure::format_duration(Seconds(seconds)); }

// "190 B (186 B)": beside what was measured what theory says, where it says something.
std::string beside(const std::string& measured, const std::string& predicted) {
  return predicted == "0" || predicted.empty() ? measured : measured + " (" + predicted + ")";
}

std::string predicted_cell(const Place& place) {
  std::string text = duration(place.arm.predicted.mean);
  if (!place.report.preset.predicts || !place.arm.has_times()) return text;
  return text + (meets_prediction(place.arm) ? " ✓" : " ✗");
}

std::string ratio_of_place(const Place& place) { return ratio_cell(place.step.report, place.arm); }

// What WebSocket differs from itself, at WebSocket.
std::string band_cell(const Place& place) {
  if (!place.is_reference() || !place.step.report.has_control) return {};
  return "±" + measure::format_share(place.step.report.noise_floor - 1);
}

std::string around_cell(const Place& place) {
  const auto around = place.arm.bytes_around(place.step.report.run.options.event_size);
  return around ? significant(*around) : std::string(no_figure);
}

std::string wire_cell(const Place& place) {
  if (!place.arm.wire) return std::string(no_figure);
  const auto predicted = predicted_wire_bytes(place.arm.arm, place.step.report.run.options);
  return beside(significant(place.arm.wire->total()), predicted ? significant(*predicted) : "");
}

std::string requests_cell(const Place& place) {
  return beside(significant(place.arm.per_delivery.requests),
                significant(place.arm.predicted.requests_per_event));
}

std::string age_cell(const Place& place) {
  if (!place.arm.freshness) return std::string(no_figure);
  const auto& predicted = place.arm.predicted.mean_age;
  return beside(duration(place.arm.freshness->mean_age), predicted ? duration(*predicted) : "");
}

std::string with_predicted(double measured, const std::optional<double>& predicted) {
  return predicted ? duration(measured) + " (" + duration(*predicted) + ")" : duration(measured);
}

std::string client_deviation_cell(const Place& place) {
  const auto& measured = place.arm.client_deviation;
  if (!measured) return std::string(no_figure);
  return with_predicted(*measured, place.arm.predicted.client_deviation);
}

std::string deviation_cell(const Place& place) {
  const auto& latency = place.arm.predicted.latency;
  return with_predicted(place.arm.deviation,
                        latency ? std::optional(latency->deviation().count()) : std::nullopt);
}

// Share of the time in which a client holds the newest event.
std::string fresh_cell(const Place& place) {
  const auto& freshness = place.arm.freshness;
  return freshness ? measure::format_share(freshness->fresh_share) : std::string(no_figure);
}

std::string first_event_cell(const Place& place) {
  if (!place.arm.first_event) return std::string(no_figure);
  const auto& predicted = place.arm.predicted.first_event;
  return beside(duration(*place.arm.first_event), predicted ? duration(*predicted) : "");
}

std::string missed_cell(const Place& place) {
  const ArmReport& arm = place.arm;
  const double all = static_cast<double>(arm.missing + arm.delivery_count);
  const std::string share = measure::format_share(static_cast<double>(arm.missing) / all);
  if (arm.predicted.missed_share < 1e-6) return arm.missing == 0 ? "0" : share;
  return beside(share, measure::format_share(arm.predicted.missed_share));
}

struct StepsColumn {
  std::string_view heading = {};  // empty: the varied option
  std::string (*cell)(const Place&) = nullptr;
  std::string_view shown = {};  // its name in `show`; empty: it always is
  Align align = Align::right;
  bool has_interval = false;  // where there is room
  bool is_one_way = false;    // a time, which a server's own clock may hide
};

std::string cell_of(const StepsColumn& column, const Place& place) {
  const bool is_hidden = column.is_one_way && !place.arm.has_times();
  return is_hidden ? std::string(no_figure) : column.cell(place);
}

constexpr std::array columns = {
    StepsColumn{"", [](const Place& place) { return place.step.value; }, "", Align::left},
    StepsColumn{"transport", [](const Place& place) { return label_of(place.arm.arm); }, "",
                Align::left},
    StepsColumn{"mean", [](const Place& place) { return duration(place.arm.mean); }, "",
                Align::right, false, true},
    StepsColumn{"predicted", predicted_cell},
    StepsColumn{"median round [95 %]",
                [](const Place& place) { return interval_cell(place.arm.mean_interval); }, "",
                Align::left, false, true},
    StepsColumn{"p95", [](const Place& place) { return quantile_cell(place.arm.p95, place.width); },
                "", Align::right, true, true},
    StepsColumn{"p99", [](const Place& place) { return quantile_cell(place.arm.p99, place.width); },
                "", Align::right, true, true},
    StepsColumn{"max",
                [](const Place& place) {
                  return duration(static_cast<double>(place.arm.histogram.max()) / 1e9);
                },
                "", Align::right, false, true},
    StepsColumn{"spread of a client (predicted)", client_deviation_cell, "spread"},
    StepsColumn{"spread of all (predicted)", deviation_cell, "spread"},
    StepsColumn{"vs WebSocket", ratio_of_place, "", Align::left},
    StepsColumn{"A/A band", band_cell},
    StepsColumn{"bytes/ev",
                [](const Place& place) { return significant(place.arm.per_delivery.bytes); }},
    StepsColumn{"around/ev", around_cell},
    StepsColumn{"on the wire (predicted)", wire_cell, "wire"},
    StepsColumn{"req/ev (predicted)", requests_cell, "requests"},
    StepsColumn{
        "empty polls/ev",
        [](const Place& place) { return significant(place.arm.empty_answers_per_delivery); },
        "empty-polls"},
    StepsColumn{"syscalls/ev",
                [](const Place& place) { return significant(place.arm.per_delivery.system_calls); },
                "syscalls"},
    StepsColumn{"CPU/ev",
                [](const Place& place) { return duration(place.arm.per_delivery.cpu_seconds); }},
    StepsColumn{"client CPU/ev",
                [](const Place& place) { return duration(place.arm.client_cpu_per_delivery); },
                "client-cpu"},
    StepsColumn{"age (predicted)", age_cell, "age"},
    StepsColumn{"fresh", fresh_cell},
    StepsColumn{"first event (predicted)", first_event_cell, "first-event"},
    StepsColumn{"missed", missed_cell},
    StepsColumn{"twice", [](const Place& place) { return std::to_string(place.arm.duplicates); }},
    StepsColumn{"n", [](const Place& place) { return std::to_string(place.arm.delivery_count); }}};

using Row = std::vector<std::string>;

measure::Column heading_of(const StepsColumn& column, const Preset& preset, Width width) {
  std::string heading(column.heading);
  if (heading.empty()) heading = preset.varied.empty() ? "step" : preset.varied;
  if (column.has_interval && width == Width::wide) heading += " [95 %]";
  return {.heading = heading, .align = column.align};
}

// Without the columns in which nothing stands.
measure::Table table_of(const std::vector<measure::Column>& headings,
                        const std::vector<Row>& rows) {
  const auto says_something = [&rows](std::size_t column) {
    return std::any_of(rows.begin(), rows.end(), [column](const Row& row) {
      return row[column] != no_figure && row[column] != "0" && !row[column].empty();
    });
  };
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < headings.size(); ++i) {
    if (rows.empty() || says_something(i)) kept.push_back(i);
  }
  const auto pick = [&kept](const auto& from) {
    std::remove_cvref_t<decltype(from)> picked;
    for (const std::size_t i : kept) picked.push_back(from[i]);
    return picked;
  };
  measure::Table table(pick(headings));
  for (const Row& row : rows) table.add_row(pick(row));
  return table;
}

}  // namespace

measure::Table steps_table(const PresetReport& report, Width width) {
  std::vector<StepsColumn> wanted;
  std::copy_if(
      columns.begin(), columns.end(), std::back_inserter(wanted), [&](const StepsColumn& column) {
        return column.shown.empty() || width == Width::wide || report.preset.shows(column.shown);
      });
  std::vector<measure::Column> headings;
  headings.reserve(wanted.size());
  for (const StepsColumn& column : wanted) {
    headings.push_back(heading_of(column, report.preset, width));
  }
  std::vector<Row> rows;
  for (const PresetStep& step : report.steps) {
    for (const ArmReport& arm : step.report.arms) {
      if (arm.arm.control || arm.delivery_count == 0) continue;
      Row& row = rows.emplace_back();
      for (const StepsColumn& column : wanted)
        row.push_back(cell_of(column, {report, step, arm, width}));
    }
  }
  return table_of(headings, rows);
}

}  // namespace duplex::tools
