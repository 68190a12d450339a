// A bench's report as a table, CSV or percentile listings.
#include "render.h"

#include <optional>
#include <vector>

#include "../units.h"
#include "measure/format.h"
#include "measure/histogram_text.h"
#include "measure/table.h"

namespace duplex::tools {
namespace {

using measure::Seconds;

constexpr std::string_view none = "–";

std::string duration_cell(const std::optional<double>& seconds) {
  return seconds ? measure::format_duration(Seconds(*seconds)) : std::string(none);
}

std::string ratio_cell(const ArmReport& arm, bool is_reference, bool has_control) {
  if (is_reference) return "1.00×";
  std::string text = measure::format_ratio(arm.ratio.estimate);
  if (!has_control) return text;
  if (!arm.distinguishable) return text + " (in noise)";
  return text + " [" + measure::significant(arm.ratio.low) + ", " +
         measure::significant(arm.ratio.high) + "]";
}

std::string conditions(const BenchReport& report) {
  const BenchOptions& options = report.options;
  std::string text =
      "feed " + measure::format_rate(options.rate) + (options.poisson ? " Poisson" : " periodic") +
      ", " + measure::format_bytes(static_cast<double>(options.event_size)) + " each · polls " +
      spell_duration(options.poll_interval) + " after the last answer · " +
      std::to_string(options.clients) + " clients at a time · " + std::to_string(report.rounds) +
      " of " + std::to_string(options.rounds) + " rounds · seed " + std::to_string(options.seed) +
      "\n";
  if (options.coalesce.count() > 0) {
    text += "pushed events wait " + spell_duration(options.coalesce) + " for company\n";
  }
  if (options.delay.count() == 0) return text + "path: loopback, no delay added\n";
  return text + "path: " + spell_duration(options.delay) +
         " each way, by a relay in this process; TCP's three-way handshake stays local\n";
}

std::string footnotes(const BenchReport& report) {
  std::string text = "A/A band unknown (WebSocket did not run twice)";
  if (report.has_control) {
    text = "A/A band ±" + measure::format_share(report.noise_floor - 1) +
           " (WebSocket against itself)";
  }
  if (!report.scheduling.empty()) text += " · scheduling: " + report.scheduling;
  text += " · feed at most " + measure::format_duration(Seconds(report.max_lateness)) + " late";
  std::uint64_t missing = 0;
  std::uint64_t duplicates = 0;
  bool sparse = false;
  for (const ArmReport& arm : report.arms) {
    missing += arm.missing;
    duplicates += arm.duplicates;
    sparse = sparse || !arm.p99;
  }
  text += " · lost " + std::to_string(missing) + ", doubled " + std::to_string(duplicates) + "\n";
  if (sparse) text += "–: fewer deliveries than that percentile needs (p95: 200, p99: 1000)\n";
  return text;
}

std::vector<std::string> cells_of(const ArmReport& arm, bool is_reference, bool has_control) {
  const std::string predicted = measure::format_duration(Seconds(arm.predicted_mean));
  std::vector<std::string> cells = {label_of(arm.arm)};
  if (arm.delivery_count == 0) {
    cells.insert(cells.end(), {std::string(none), predicted});
    cells.resize(11, std::string(none));
    cells.push_back("0");
    return cells;
  }
  cells.insert(
      cells.end(),
      {measure::format_duration(Seconds(arm.mean)), predicted + (arm.as_predicted() ? " ✓" : " ✗"),
       duration_cell(arm.p50), duration_cell(arm.p95), duration_cell(arm.p99),
       ratio_cell(arm, is_reference, has_control), measure::format_bytes(arm.per_delivery.bytes),
       measure::significant(arm.per_delivery.requests),
       measure::significant(arm.per_delivery.system_calls),
       measure::format_duration(Seconds(arm.per_delivery.cpu_seconds)),
       std::to_string(arm.delivery_count)});
  return cells;
}

}  // namespace

std::string render_text(const BenchReport& report) {
  using measure::Align;
  measure::Table table({{.heading = "transport", .align = Align::left},
                        {.heading = "mean"},
                        {.heading = "predicted"},
                        {.heading = "p50"},
                        {.heading = "p95"},
                        {.heading = "p99"},
                        {.heading = "vs WebSocket", .align = Align::left},
                        {.heading = "bytes/ev"},
                        {.heading = "req/ev"},
                        {.heading = "syscalls/ev"},
                        {.heading = "CPU/ev"},
                        {.heading = "n"}});
  for (const ArmReport& arm : report.arms) {
    table.add_row(cells_of(arm, &arm == &report.arms.front(), report.has_control));
  }
  return conditions(report) + "\n" + table.text() + "\n" + footnotes(report) + "\n" +
         verdict(report) + "\n";
}

std::string render_csv(const BenchReport& report) {
  measure::Table table({{.heading = "transport"},
                        {.heading = "events"},
                        {.heading = "deliveries"},
                        {.heading = "missing"},
                        {.heading = "duplicates"},
                        {.heading = "mean_s"},
                        {.heading = "predicted_mean_s"},
                        {.heading = "p50_s"},
                        {.heading = "p95_s"},
                        {.heading = "p99_s"},
                        {.heading = "ratio"},
                        {.heading = "ratio_low"},
                        {.heading = "ratio_high"},
                        {.heading = "distinguishable"},
                        {.heading = "bytes_per_event"},
                        {.heading = "requests_per_event"},
                        {.heading = "syscalls_per_event"},
                        {.heading = "server_cpu_s_per_event"}});
  const auto seconds = [](const std::optional<double>& value) {
    return value ? measure::fixed(*value, 9) : std::string();
  };
  for (const ArmReport& arm : report.arms) {
    table.add_row(
        {label_of(arm.arm), std::to_string(arm.event_count), std::to_string(arm.delivery_count),
         std::to_string(arm.missing), std::to_string(arm.duplicates), seconds(arm.mean),
         seconds(arm.predicted_mean), seconds(arm.p50), seconds(arm.p95), seconds(arm.p99),
         measure::fixed(arm.ratio.estimate, 6), measure::fixed(arm.ratio.low, 6),
         measure::fixed(arm.ratio.high, 6), arm.distinguishable ? "true" : "false",
         measure::fixed(arm.per_delivery.bytes, 3), measure::fixed(arm.per_delivery.requests, 6),
         measure::fixed(arm.per_delivery.system_calls, 4), seconds(arm.per_delivery.cpu_seconds)});
  }
  return table.csv();
}

std::string render_hgrm(const BenchReport& report) {
  std::string text;
  for (const ArmReport& arm : report.arms) {
    text += "#[Transport = " + label_of(arm.arm) + ", unit = ms]\n";
    text += measure::percentile_text(arm.histogram);
  }
  return text;
}

std::string render(std::string_view format, const BenchReport& report,
                   const Environment& environment) {
  if (format == "json") return render_json(report, environment);
  if (format == "csv") return render_csv(report);
  if (format == "hgrm") return render_hgrm(report);
  return render_text(report);
}

std::string_view format_for(std::string_view path) {
  if (path.ends_with(".json")) return "json";
  if (path.ends_with(".csv")) return "csv";
  if (path.ends_with(".hgrm")) return "hgrm";
  return "text";
}

}  // namespace duplex::tools
