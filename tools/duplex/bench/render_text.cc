// A run's report as tables for people, in plain text and in Markdown.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "../units.h"
#include "cells.h"
#include "fingerprint.h"
#include "measure/format.h"
#include "measure/statistics.h"
#include "measure/table.h"
#include "render.h"
#include "report_tables.h"
#include "wire_parts.h"
#include "wire_prediction.h"

namespace duplex::tools {
namespace {

using measure::Align;
using measure::Seconds;

constexpr std::string_view none = no_figure;

std::string duration_cell(double seconds) { return measure::format_duration(Seconds(seconds)); }

std::string duration_cell(const std::optional<double>& seconds) {
  return seconds ? duration_cell(*seconds) : std::string(none);
}

std::string share_cell(const std::optional<double>& share) {
  return share ? measure::format_share(*share) : std::string(none);
}

std::string noise_line(const BenchReport& report) {
  const bool has_times = report.arms.front().has_times();
  std::string text =
      std::string("A/A band unknown (") +
      (has_times ? "it takes two rounds that have WebSocket twice" : "WebSocket has no times") +
      ")";
  if (report.has_control) {
    text = "A/A band ±" + measure::format_share(report.noise_floor - 1) +
           " (WebSocket against itself)";
  }
  text += " · flagged blocks " + std::to_string(report.flagged_blocks) + "/" +
          std::to_string(report.run.blocks.size());
  if (report.options.discard_noisy) text += ", left out (--discard-noisy)";
  if (report.max_hiccup > 0) text += " · worst hiccup " + duration_cell(report.max_hiccup);
  if (!report.run.scheduling.empty()) text += " · scheduling: " + report.run.scheduling;
  return text + "\n";
}

std::string feed_line(const BenchReport& report) {
  std::string text = "feed late by at most " + duration_cell(report.max_lateness);
  if (report.lateness_p99) text += ", p99 " + duration_cell(*report.lateness_p99);
  std::uint64_t lost = 0;
  std::uint64_t overwritten = 0;
  std::uint64_t duplicates = 0;
  for (const ArmReport& arm : report.arms) {
    (measure::is_latest(arm.arm.transport) ? overwritten : lost) += arm.missing;
    duplicates += arm.duplicates;
  }
  text += " · lost " + std::to_string(lost) + ", doubled " + std::to_string(duplicates);
  if (overwritten > 0) text += ", out of date before a poll " + std::to_string(overwritten);
  const auto cost = report.run.environment.find("clock_cost");
  if (cost != report.run.environment.end()) text += " · CLOCK_MONOTONIC costs " + cost->second;
  return text + "\n";
}

}  // namespace

std::string clock_line(const BenchReport& report) {
  if (!report.run.clock) return {};
  const ForeignClock& clock = *report.run.clock;
  std::string text = "the server's clock is not ours: " + duration_cell(std::abs(clock.ahead)) +
                     (clock.ahead < 0 ? " behind" : " ahead") + " by " +
                     std::to_string(clock.comparisons) +
                     " comparisons, so that a time one way is off by up to ±" +
                     duration_cell(clock.error) + ", and so is each interval; echoes are not\n";
  const bool hides =
      std::ranges::any_of(report.arms, [](const ArmReport& arm) { return arm.below_clock_error; });
  if (hides) text += "–: smaller than what the clocks may be apart\n";
  return text;
}

namespace {

std::string warm_up_line(const WarmUp& warm_up) {
  if (warm_up.seconds == 0) return {};
  std::string text = "warm-up " + duration_cell(warm_up.seconds) + ", " +
                     std::to_string(warm_up.deliveries) + " deliveries";
  if (warm_up.change) {
    text +=
        ", the last two half-second medians " + measure::format_share(*warm_up.change) + " apart";
  }
  return text + (warm_up.settled ? "" : " (ended before it had settled)") + "\n";
}

std::vector<std::string> latency_cells(const BenchReport& report, const ArmReport& arm,
                                       Width width) {
  const std::string predicted = duration_cell(arm.predicted.mean);
  std::vector<std::string> cells = {label_of(arm.arm)};
  if (arm.delivery_count == 0) {
    cells.insert(cells.end(), {std::string(none), predicted});
    cells.resize(12, std::string(none));
    cells.push_back("0");
    return cells;
  }
  if (arm.below_clock_error) {
    cells.insert(cells.end(), {std::string(none), predicted});
    cells.resize(7, std::string(none));
  } else {
    cells.insert(cells.end(),
                 {duration_cell(arm.mean), predicted + (arm.as_predicted() ? " ✓" : " ✗"),
                  interval_cell(arm.p50), quantile_cell(arm.p95, width),
                  quantile_cell(arm.p99, width), ratio_cell(report, arm)});
  }
  cells.insert(cells.end(),
               {measure::format_bytes(arm.per_delivery.bytes),
                arm.wire ? measure::format_bytes(arm.wire->total()) : std::string(none),
                measure::significant(arm.per_delivery.requests),
                measure::significant(arm.per_delivery.system_calls),
                duration_cell(arm.per_delivery.cpu_seconds), std::to_string(arm.delivery_count)});
  return cells;
}

// "send 1.0, recv 0.5": the most frequent ones, of those that amount to a twentieth.
std::string calls_cell(const ArmReport& arm) {
  std::vector<std::pair<double, std::string>> calls;
  for (const auto& [name, count] : arm.per_delivery.calls) calls.emplace_back(count, name);
  std::sort(calls.rbegin(), calls.rend());
  std::string text;
  for (const auto& [count, name] : calls) {
    if (count < 0.05 * arm.per_delivery.system_calls) break;
    text += (text.empty() ? "" : ", ") + name + " " + measure::significant(count);
  }
  return text.empty() ? std::string(none) : text;
}

}  // namespace

std::string ratio_cell(const BenchReport& report, const ArmReport& arm) {
  if (&arm == &report.arms.front()) return "1.00×";
  if (!arm.ratio) return std::string(none);
  std::string text = measure::format_ratio(arm.ratio->estimate);
  if (!report.has_control) return text;
  return arm.distinguishable ? ratio_cell(*arm.ratio) : text + " (in noise)";
}

std::string conditions(const BenchReport& report) {
  const BenchOptions& options = report.run.options;
  std::string text =
      "feed " + measure::format_rate(options.rate) + (options.poisson ? " Poisson" : " periodic") +
      ", " + measure::format_bytes(static_cast<double>(options.event_size)) + " each" +
      (options.content == "letter" ? "" : ", filled with " + options.content) + " · polls " +
      (options.polls_at_rate() ? "every " + spell_duration(options.poll_interval)
                               : spell_duration(options.poll_interval) + " after the last answer") +
      " · " + std::to_string(options.clients) + " clients at a time · " +
      std::to_string(report.rounds) + " of " + std::to_string(options.rounds) + " rounds · seed " +
      std::to_string(options.seed) + "\n";
  if (options.heads > 0) {
    text += "heads of polls filled up to " +
            measure::format_bytes(static_cast<double>(options.heads)) + " there and back\n";
  }
  if (options.coalesce.count() > 0) {
    text += "pushed events wait " + spell_duration(options.coalesce) + " for company\n";
  }
  if (options.spins()) text += "clients and server never sleep: they ask again and again\n";
  if (options.place == "same") text += "clients and server share a processor\n";
  if (options.place == "split") text += "clients and server have a processor each\n";
  if (!options.chaos.empty()) text += "faults on purpose: " + options.chaos + "\n";
  if (!options.link.empty()) return text + "path: " + options.link + "\n";
  if (!options.server.empty()) {
    text += "server: " + options.server + ", which ran already; its costs are those of everybody\n";
  }
  const std::string there = options.server.empty() ? "loopback" : "as it is";
  if (options.delay.count() == 0) return text + "path: " + there + ", no delay added\n";
  return text + "path: " + spell_duration(options.delay) +
         " each way, by a relay in this process; TCP's three-way handshake stays local\n";
}

std::string wire_note(const BenchRun& run) {
  if (run.wire_source.empty()) return {};
  return "bytes on the wire: " + run.wire_source +
         ", as Ethernet frames, both ways, acknowledgements too\n";
}

namespace {

// Of measuring, so that each arm has so many events, of which the poorest one has `fewest`.
std::chrono::nanoseconds duration_with(double events, double fewest, const BenchReport& report) {
  constexpr double margin = 1.2;  // random events are now and then fewer
  const BenchOptions& options = report.run.options;
  const double planned = std::chrono::duration<double>(options.duration).count();
  const double done =
      planned * static_cast<double>(report.rounds) / static_cast<double>(options.rounds);
  const auto needed = std::ceil(margin * done * events / fewest);
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(needed, 1e6)));
}

// Why a percentile is missing, and what would bring the first one that is.
std::string percentile_note(const BenchReport& report) {
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (const ArmReport& arm : report.arms) fewest = std::min(fewest, arm.witnesses());
  const std::int64_t for_p95 = measure::minimum_sample_size(0.95);
  const std::int64_t for_p99 = measure::minimum_sample_size(0.99);
  if (fewest >= for_p99) return {};
  const std::int64_t wanted = fewest < for_p95 ? for_p95 : for_p99;
  std::string text = "–: too few events for that percentile: p95 needs " + std::to_string(for_p95) +
                     " of each transport, p99 " + std::to_string(for_p99);
  if (fewest > 0 && report.run.options.duration.count() > 0) {
    const auto time =
        duration_with(static_cast<double>(wanted), static_cast<double>(fewest), report);
    text += " (" + std::to_string(wanted) + ": --duration " + spell_duration(time) + ")";
  }
  return text + "\n";
}

}  // namespace

std::string footnotes(const BenchReport& report) {
  std::string text = noise_line(report) + feed_line(report) + clock_line(report) +
                     wire_note(report.run) + idle_note(report.run.idle) +
                     ladder_note(report.run.ladder) + storm_note(report.run.storms) +
                     warm_up_line(report.run.warm_up);
  return text + percentile_note(report);
}

measure::Table latency_table(const BenchReport& report, Width width) {
  const bool wide = width == Width::wide;
  measure::Table table({{.heading = "transport", .align = Align::left},
                        {.heading = "mean"},
                        {.heading = "predicted"},
                        {.heading = "p50 [95 %]", .align = Align::left},
                        {.heading = wide ? "p95 [95 %]" : "p95"},
                        {.heading = wide ? "p99 [95 %]" : "p99"},
                        {.heading = "vs WebSocket", .align = Align::left},
                        {.heading = "bytes/ev"},
                        {.heading = "on the wire"},
                        {.heading = "req/ev"},
                        {.heading = "syscalls/ev"},
                        {.heading = "CPU/ev"},
                        {.heading = "n"}});
  for (const ArmReport& arm : report.arms) {
    table.add_row(latency_cells(report, arm, width));
  }
  return table;
}

measure::Table freshness_table(const BenchReport& report) {
  measure::Table table({{.heading = "transport", .align = Align::left},
                        {.heading = "age"},
                        {.heading = "predicted"},
                        {.heading = "fresh"},
                        {.heading = "predicted"},
                        {.heading = "first event"},
                        {.heading = "predicted"},
                        {.heading = "empty polls/ev"},
                        {.heading = "client CPU/ev"},
                        {.heading = "syscalls/ev by name", .align = Align::left}});
  for (const ArmReport& arm : report.arms) {
    const auto& fresh = arm.freshness;
    const bool delivered = arm.delivery_count > 0;
    table.add_row(
        {label_of(arm.arm), fresh ? duration_cell(fresh->mean_age) : std::string(none),
         duration_cell(arm.predicted.mean_age),
         fresh ? measure::format_share(fresh->fresh_share) : std::string(none),
         share_cell(arm.predicted.fresh_share), duration_cell(arm.first_event),
         duration_cell(arm.predicted.first_event),
         delivered ? measure::significant(arm.empty_answers_per_delivery) : std::string(none),
         delivered ? duration_cell(arm.client_cpu_per_delivery) : std::string(none),
         calls_cell(arm)});
  }
  return table;
}

measure::Table wire_table(const BenchReport& report) {
  std::vector<measure::Column> columns = {{.heading = "bytes/ev on the wire", .align = Align::left},
                                          {.heading = "all"},
                                          {.heading = "predicted"}};
  std::vector<std::vector<std::string>> rows;
  for (const ArmReport& arm : report.arms) {
    const std::vector<WirePart> parts = wire_parts(arm);
    if (parts.empty()) continue;
    std::vector<std::string> row = {label_of(arm.arm), measure::fixed(arm.wire->total(), 1)};
    const auto predicted = predicted_wire_bytes(arm.arm, report.run.options);
    row.push_back(predicted ? measure::fixed(*predicted, 1) : std::string(none));
    for (const WirePart& part : parts) {
      if (rows.empty()) columns.push_back({.heading = std::string(part.heading)});
      row.push_back(measure::fixed(part.bytes, 1));
    }
    row.push_back(measure::significant(arm.wire->packets));
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) columns.push_back({.heading = "packets/ev"});
  measure::Table table(columns);
  for (std::vector<std::string>& row : rows) table.add_row(std::move(row));
  return table;
}

namespace {

// Each of the tables as `spell` has it.
std::string tables(const BenchReport& report, Width width,
                   std::string (measure::Table::*spell)() const) {
  std::string text;
  const auto add = [&](const measure::Table& table) {
    if (table.row_count() > 0) text += (table.*spell)() + "\n";
  };
  add(latency_table(report, width));
  add(freshness_table(report));
  add(wire_table(report));
  add(idle_table(report.run.idle));
  add(storm_table(report.run.storms));
  if (report.run.ladder) add(ladder_table(*report.run.ladder));
  return text;
}

std::string whole(const BenchReport& report, Width width,
                  std::string (measure::Table::*spell)() const) {
  return conditions(report) + "\n" + tables(report, width, spell) + footnotes(report) + "\n" +
         verdict(report) + "\n\n" + fingerprint(report.run.environment, report.run.options.seed);
}

}  // namespace

std::string render_text(const BenchReport& report) {
  return whole(report, Width::narrow, &measure::Table::text);
}

std::string render_markdown(const BenchReport& report) {
  return whole(report, Width::wide, &measure::Table::markdown);
}

}  // namespace duplex::tools
