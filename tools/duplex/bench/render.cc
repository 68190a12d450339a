// A run's report as CSV, percentile listings and interval log; which format is which.
#include "render.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "charts.h"
#include "measure/format.h"
#include "measure/histogram_text.h"
#include "measure/interval_log.h"
#include "measure/table.h"
#include "page.h"
#include "wire_parts.h"

namespace duplex::tools {
namespace {

using measure::Interval;
using measure::Seconds;

std::string seconds_field(double value) { return measure::fixed(value, 9); }

std::vector<std::string> interval_fields(const std::optional<Interval>& interval) {
  if (!interval) return {"", "", ""};
  return {seconds_field(interval->estimate), seconds_field(interval->low),
          seconds_field(interval->high)};
}

std::string optional_field(const std::optional<double>& value) {
  return value ? seconds_field(*value) : std::string();
}

constexpr std::array csv_columns = {"transport",
                                    "events",
                                    "deliveries",
                                    "missing",
                                    "duplicates",
                                    "flagged_blocks",
                                    "mean_s",
                                    "predicted_mean_s",
                                    "median_round_s",
                                    "median_round_low_s",
                                    "median_round_high_s",
                                    "p50_s",
                                    "p50_low_s",
                                    "p50_high_s",
                                    "p95_s",
                                    "p95_low_s",
                                    "p95_high_s",
                                    "p99_s",
                                    "p99_low_s",
                                    "p99_high_s",
                                    "ratio",
                                    "ratio_low",
                                    "ratio_high",
                                    "distinguishable",
                                    "mean_age_s",
                                    "predicted_mean_age_s",
                                    "fresh_share",
                                    "predicted_fresh_share",
                                    "first_event_s",
                                    "bytes_per_event",
                                    "wire_bytes_per_event",
                                    "wire_payload_per_event",
                                    "wire_framing_per_event",
                                    "wire_heads_per_event",
                                    "wire_packet_headers_per_event",
                                    "wire_acknowledgements_per_event",
                                    "wire_empty_polls_per_event",
                                    "wire_sent_again_per_event",
                                    "requests_per_event",
                                    "empty_answers_per_event",
                                    "syscalls_per_event",
                                    "server_cpu_s_per_event",
                                    "client_cpu_s_per_event",
                                    "idle_connections",
                                    "idle_user_memory_per_connection",
                                    "idle_kernel_memory_per_connection",
                                    "idle_wake_ups_per_s",
                                    "idle_server_cpu_share",
                                    "idle_wire_bytes_per_s"};

// The sum, then its parts.
std::vector<std::string> wire_fields(const ArmReport& arm) {
  const std::vector<WirePart> parts = wire_parts(arm);
  if (parts.empty()) return std::vector<std::string>(8);
  std::vector<std::string> fields = {measure::fixed(arm.wire->total(), 3)};
  for (const WirePart& part : parts) fields.push_back(measure::fixed(part.bytes, 3));
  return fields;
}

std::vector<std::string> ratio_fields(const ArmReport& arm) {
  if (!arm.ratio) return std::vector<std::string>(4);
  return {measure::fixed(arm.ratio->estimate, 6), measure::fixed(arm.ratio->low, 6),
          measure::fixed(arm.ratio->high, 6), arm.distinguishable ? "true" : "false"};
}

// Of each event; nothing when none was delivered.
std::vector<std::string> cost_fields(const ArmReport& arm) {
  if (arm.delivery_count == 0) return std::vector<std::string>(14);
  std::vector<std::string> fields = {measure::fixed(arm.per_delivery.bytes, 3)};
  const std::vector<std::string> wire = wire_fields(arm);
  fields.insert(fields.end(), wire.begin(), wire.end());
  fields.insert(fields.end(), {measure::fixed(arm.per_delivery.requests, 6),
                               measure::fixed(arm.empty_answers_per_delivery, 6),
                               measure::fixed(arm.per_delivery.system_calls, 4),
                               seconds_field(arm.per_delivery.cpu_seconds),
                               seconds_field(arm.client_cpu_per_delivery)});
  return fields;
}

std::vector<std::string> idle_fields(const BenchRun& run, const ArmReport& arm) {
  const std::string name = label_of(arm.arm);
  const auto found = std::find_if(run.idle.begin(), run.idle.end(),
                                  [&name](const IdleCost& each) { return each.transport == name; });
  if (found == run.idle.end()) return std::vector<std::string>(6);
  return {std::to_string(found->connections),      measure::fixed(found->user_memory, 1),
          measure::fixed(found->kernel_memory, 1), measure::fixed(found->wake_ups_per_second, 3),
          measure::fixed(found->cpu_share, 6),     measure::fixed(found->wire_bytes_per_second, 3)};
}

std::vector<std::string> csv_row(const BenchRun& run, const ArmReport& arm) {
  const bool measured = arm.has_times();
  const auto when_measured = [measured](const Interval& interval) {
    return measured ? std::optional(interval) : std::nullopt;
  };
  std::vector<std::string> row = {label_of(arm.arm),
                                  std::to_string(arm.event_count),
                                  std::to_string(arm.delivery_count),
                                  std::to_string(arm.missing),
                                  std::to_string(arm.duplicates),
                                  std::to_string(arm.flagged_blocks),
                                  measured ? seconds_field(arm.mean) : std::string()};
  const auto append = [&row](std::vector<std::string> fields) {
    row.insert(row.end(), fields.begin(), fields.end());
  };
  append({seconds_field(arm.predicted.mean)});
  append(interval_fields(when_measured(arm.mean_interval)));
  append(interval_fields(when_measured(arm.p50)));
  append(interval_fields(arm.p95));
  append(interval_fields(arm.p99));
  append(ratio_fields(arm));
  const auto& fresh = arm.freshness;
  append({fresh ? seconds_field(fresh->mean_age) : "", optional_field(arm.predicted.mean_age),
          fresh ? measure::fixed(fresh->fresh_share, 6) : "",
          arm.predicted.fresh_share ? measure::fixed(*arm.predicted.fresh_share, 6) : "",
          optional_field(arm.first_event)});
  append(cost_fields(arm));
  append(idle_fields(run, arm));
  return row;
}

// "2026-01-31T12:00:00Z"
std::string spell_time(double since_1970) {
  const std::chrono::sys_seconds time{std::chrono::seconds(static_cast<std::int64_t>(since_1970))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto two = [](auto number) {
    const std::string digits = std::to_string(number);
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return std::to_string(static_cast<int>(date.year())) + "-" +
         two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) +
         "T" + two(clock.hours().count()) + ":" + two(clock.minutes().count()) + ":" +
         two(clock.seconds().count()) + "Z";
}

}  // namespace

std::string render_csv(const BenchReport& report) {
  std::vector<measure::Column> columns;
  for (const char* const heading : csv_columns) columns.push_back({.heading = heading});
  measure::Table table(columns);
  for (const ArmReport& arm : report.arms) table.add_row(csv_row(report.run, arm));
  return table.csv();
}

std::string render_hgrm(const BenchReport& report) {
  std::string text;
  for (const ArmReport& arm : report.arms) {
    text += "#[Tag = " + arm.arm.name + ", transport = " + label_of(arm.arm) + ", unit = ms]\n";
    text += measure::percentile_text(arm.histogram);
  }
  return text;
}

std::string render_hlog(const BenchReport& report) {
  std::vector<measure::LogInterval> intervals;
  for (const Block& block : report.run.blocks) {
    if (block.flagged && report.options.discard_noisy) continue;
    intervals.push_back({.tag = report.run.arms[block.arm].name,
                         .start = Seconds(block.start),
                         .length = block.length,
                         .max = Seconds(block.max),
                         .histogram = block.latency});
  }
  return measure::interval_log(Seconds(report.run.started), spell_time(report.run.started),
                               intervals);
}

std::string render(std::string_view format, const BenchReport& report) {
  if (format == "json") return render_json(report);
  if (format == "csv") return render_csv(report);
  if (format == "markdown") return render_markdown(report);
  if (format == "hgrm") return render_hgrm(report);
  if (format == "hlog") return render_hlog(report);
  if (format == "html") return render_page(report);
  if (format == "svg") return percentile_chart(report, chart_style);
  return render_text(report);
}

std::string_view format_for(std::string_view path) {
  if (path.ends_with(".md")) return "markdown";
  for (const std::string_view format : {"json", "csv", "hgrm", "hlog", "html", "svg"}) {
    if (path.ends_with("." + std::string(format))) return format;
  }
  return "text";
}

}  // namespace duplex::tools
