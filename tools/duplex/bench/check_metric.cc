// The figures that an experiment's checks may name.
#include "check_metric.h"

#include <algorithm>
#include <array>

namespace duplex::tools {
namespace {

using Source = CheckMetric::Source;
using Figure = std::optional<double>;

Figure estimate(const std::optional<measure::Interval>& interval) {
  return interval ? Figure(interval->estimate) : std::nullopt;
}

// Nothing where two clocks cannot tell it.
Figure one_way(const Source& source, double seconds) {
  return source.arm->has_times() ? Figure(seconds) : std::nullopt;
}

Figure bytes_around(const Source& source) {
  return source.arm->bytes_around(source.report.run.options.event_size);
}

// Heads of a poll and its answer: what is no event, for each request.
Figure heads(const Source& source) {
  const Costs& costs = source.arm->per_delivery;
  const Figure around = bytes_around(source);
  return around && costs.requests > 0 ? Figure(*around / costs.requests) : std::nullopt;
}

Figure of_all(const ArmReport& arm, std::uint64_t count) {
  return static_cast<double>(count) / static_cast<double>(arm.missing + arm.delivery_count);
}

Figure idle_bytes(const Source& source) {
  if (source.report.run.wire_source.empty() || source.idle->connections == 0) return std::nullopt;
  return source.idle->wire_bytes_per_second / static_cast<double>(source.idle->connections);
}

constexpr std::array metrics = {
    CheckMetric{"mean", "s", Subject::arm, [](const Source& s) { return one_way(s, s.arm->mean); }},
    CheckMetric{"p50", "s", Subject::arm,
                [](const Source& s) { return one_way(s, s.arm->p50.estimate); }},
    CheckMetric{"p95", "s", Subject::arm, [](const Source& s) { return estimate(s.arm->p95); }},
    CheckMetric{"p99", "s", Subject::arm, [](const Source& s) { return estimate(s.arm->p99); }},
    CheckMetric{"max", "s", Subject::arm,
                [](const Source& s) {
                  return one_way(s, static_cast<double>(s.arm->histogram.max()) / 1e9);
                }},
    CheckMetric{"spread", "s", Subject::arm,
                [](const Source& s) { return s.arm->client_deviation; }},
    CheckMetric{"spread-of-all", "s", Subject::arm,
                [](const Source& s) { return Figure(s.arm->deviation); }},
    CheckMetric{"cpu", "s", Subject::arm,
                [](const Source& s) { return Figure(s.arm->per_delivery.cpu_seconds); }},
    CheckMetric{"first-event", "s", Subject::arm,
                [](const Source& s) { return s.arm->first_event; }},
    CheckMetric{"bytes", "B", Subject::arm,
                [](const Source& s) { return Figure(s.arm->per_delivery.bytes); }},
    CheckMetric{"around", "B", Subject::arm, bytes_around},
    CheckMetric{"heads", "B", Subject::arm, heads},
    CheckMetric{
        "wire", "B", Subject::arm,
        [](const Source& s) { return s.arm->wire ? Figure(s.arm->wire->total()) : std::nullopt; }},
    CheckMetric{"requests", "", Subject::arm,
                [](const Source& s) { return Figure(s.arm->per_delivery.requests); }},
    CheckMetric{"syscalls", "", Subject::arm,
                [](const Source& s) { return Figure(s.arm->per_delivery.system_calls); }},
    CheckMetric{"missed", "", Subject::arm,
                [](const Source& s) { return of_all(*s.arm, s.arm->missing); }},
    CheckMetric{"idle-bytes", "B/s", Subject::idle, idle_bytes},
    CheckMetric{"peak", "/s", Subject::storm,
                [](const Source& s) { return Figure(s.storm->measured.peak_rate); }}};

}  // namespace

std::span<const CheckMetric> check_metrics() noexcept { return metrics; }

const CheckMetric* find_metric(std::string_view name) noexcept {
  const auto found = std::ranges::find(metrics, name, &CheckMetric::name);
  return found == metrics.end() ? nullptr : &*found;
}

std::optional<double> figure_of(const CheckMetric& metric, std::string_view arm,
                                const BenchReport& report) {
  const BenchRun& run = report.run;
  if (metric.subject == Subject::storm) {
    if (run.storms.empty()) return std::nullopt;
    return metric.figure({.report = report, .storm = &run.storms.front()});
  }
  const ArmReport* const found = report.find(arm);
  if (found == nullptr) return std::nullopt;
  if (metric.subject == Subject::arm) {
    return found->delivery_count > 0 ? metric.figure({.report = report, .arm = found})
                                     : std::nullopt;
  }
  const auto idle = std::ranges::find(run.idle, label_of(found->arm), &IdleCost::transport);
  return idle == run.idle.end() ? std::nullopt : metric.figure({.report = report, .idle = &*idle});
}

}  // namespace duplex::tools
