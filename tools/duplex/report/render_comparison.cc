// A comparison of two runs as a table, CSV, Markdown or JSON.
#include "../bench/cells.h"
#include "compare.h"
#include "measure/format.h"
#include "measure/json_writer.h"
#include "measure/table.h"

namespace duplex::tools {
namespace {

using measure::Align;
using measure::Interval;

measure::Table table_of(const RunComparison& comparison) {
  measure::Table table({{.heading = "transport", .align = Align::left},
                        {.heading = "before [95 %]", .align = Align::left},
                        {.heading = "after [95 %]", .align = Align::left},
                        {.heading = "after/before", .align = Align::left},
                        {.heading = "is", .align = Align::left}});
  for (const ArmComparison& arm : comparison.arms) {
    table.add_row({label_of(arm.arm), interval_cell(arm.before), interval_cell(arm.after),
                   ratio_cell(arm.ratio), std::string(judgement(arm))});
  }
  return table;
}

std::string notes(const RunComparison& comparison) {
  std::string text = "latency: the mean of each block, and the median of these\n";
  if (comparison.has_control) {
    text += "noise floor ±" + measure::format_share(comparison.noise_floor - 1) +
            " (the wider A/A band of the two, and 3 % at least, as machines drift between runs)\n";
  } else {
    text += "a run lacks its A/A control: what is noise is not known, nothing is distinguishable\n";
  }
  for (const std::string& each : comparison.differences) text += "different: " + each + "\n";
  return text;
}

std::string render_csv(const RunComparison& comparison) {
  measure::Table table({{.heading = "transport"},
                        {.heading = "before_s"},
                        {.heading = "before_low_s"},
                        {.heading = "before_high_s"},
                        {.heading = "after_s"},
                        {.heading = "after_low_s"},
                        {.heading = "after_high_s"},
                        {.heading = "ratio"},
                        {.heading = "ratio_low"},
                        {.heading = "ratio_high"},
                        {.heading = "distinguishable"}});
  for (const ArmComparison& arm : comparison.arms) {
    std::vector<std::string> row = {label_of(arm.arm)};
    for (const Interval& each : {arm.before, arm.after, arm.ratio}) {
      for (const double value : {each.estimate, each.low, each.high}) {
        row.push_back(measure::fixed(value, 9));
      }
    }
    row.emplace_back(arm.distinguishable ? "true" : "false");
    table.add_row(std::move(row));
  }
  return table.csv();
}

void write_interval(measure::JsonWriter& json, std::string_view name, const Interval& interval) {
  json.key(name).begin_object().member("estimate", interval.estimate);
  json.member("low", interval.low).member("high", interval.high).end_object();
}

std::string render_json(const RunComparison& comparison) {
  measure::JsonWriter json;
  json.begin_object().member("before", comparison.before).member("after", comparison.after);
  json.key("noise_floor");
  comparison.has_control ? json.value(comparison.noise_floor) : json.null();
  json.key("arms").begin_array();
  for (const ArmComparison& arm : comparison.arms) {
    json.begin_object().member("name", arm.arm.name).member("transport", label_of(arm.arm));
    write_interval(json, "mean_before", arm.before);
    write_interval(json, "mean_after", arm.after);
    write_interval(json, "ratio", arm.ratio);
    json.member("distinguishable", arm.distinguishable).end_object();
  }
  json.end_array().key("differences").begin_array();
  for (const std::string& each : comparison.differences) json.value(each);
  json.end_array().end_object();
  return json.text();
}

}  // namespace

std::string render_comparison(std::string_view format, const RunComparison& comparison) {
  if (format == "json") return render_json(comparison);
  if (format == "csv") return render_csv(comparison);
  const std::string title = "before: " + comparison.before + "\nafter: " + comparison.after + "\n";
  if (format == "markdown") {
    return title + "\n" + table_of(comparison).markdown() + "\n" + notes(comparison);
  }
  return title + "\n" + table_of(comparison).text() + "\n" + notes(comparison);
}

}  // namespace duplex::tools
