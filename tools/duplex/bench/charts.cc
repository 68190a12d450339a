// What a run found, drawn.
#include "charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "../chart/axis.h"
#include "../chart/svg.h"
#include "chart_layout.h"
#include "crossing.h"
#include "measure/format.h"
#include "measure/statistics.h"

namespace duplex::tools {

// The colours are those of Okabe and Ito, which people with any colour vision tell apart.
const std::string_view chart_style = R"(svg { font: 12px system-ui, sans-serif; max-width: 100%; }
svg { background: var(--edge); --ink: #222; --edge: #fff; --faint: #8885; --c0: #0072b2;
  --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #767676; --c5: #a6761d; --c6: #56b4e9; }
@media (prefers-color-scheme: dark) { svg { --ink: #eee; --edge: #111; --c0: #56b4e9; --c1: #e69f00;
  --c2: #2bbf93; --c3: #e6a3c8; --c4: #aaa; --c5: #e5c494; --c6: #9ad0f5; } }
text { fill: var(--ink); }
.grid { stroke: var(--faint); } .label { font-weight: 600; }
polyline { fill: none; stroke-width: 2; } .hollow { fill: none; stroke-width: 1.5; }
.ridge { fill-opacity: .35; stroke-width: 1.5; } .around { fill-opacity: .45; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); stroke-dasharray: 7 3; }
.s2 { stroke: var(--c2); stroke-dasharray: 2 3; }
.s3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; }
.s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); stroke-dasharray: 4 2; }
.s6 { stroke: var(--c6); stroke-dasharray: 1 2; } circle.hollow { stroke-dasharray: none; }
.key { stroke-width: 2; } .crossing { stroke: var(--ink); } line.crossing { stroke-dasharray: 1 3; }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
.f4 { fill: var(--c4); } .f5 { fill: var(--c5); } .f6 { fill: var(--c6); }
.part { stroke: var(--edge); } .inside { fill: var(--edge); }
)";

namespace {

using measure::Seconds;

constexpr double nanosecond = 1e-9;

std::string duration(double seconds) { return measure::format_duration(Seconds(seconds)); }

// Smallest and largest of what was measured, in seconds; of nothing: a millisecond.
std::pair<double, double> range_of(const BenchReport& report) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (const ArmReport& arm : report.arms) {
    if (!arm.has_times()) continue;
    low = std::min(low, static_cast<double>(arm.histogram.min()) * nanosecond);
    high = std::max(high, static_cast<double>(arm.histogram.max()) * nanosecond);
  }
  if (high == 0) return {1e-3, 2e-3};
  return {std::max(low, 1e-6), std::max(high, 2e-6)};
}

// --- Names above a chart -------------------------------------------------------------------------

constexpr std::size_t keys_per_row = 5;

Point place_of_key(std::size_t index) {
  return {10 + 142 * static_cast<double>(index % keys_per_row),
          12 + 16 * static_cast<double>(index / keys_per_row)};
}

double below_keys(std::size_t count) {
  return 14 + 16 * static_cast<double>((count + keys_per_row - 1) / keys_per_row);
}

void draw_key(Svg& svg, std::size_t index, const std::string& name) {
  const Point place = place_of_key(index);
  svg.text({place.x + 28, place.y}, name, Anchor::start, "label " + fill(index));
}

// --- Latency by percentile -----------------------------------------------------------------------

// Every step halves what lies above.
constexpr std::array shares = {0.0,  0.1, 0.2,  0.3, 0.4,   0.5,  0.6,   0.7,
                               0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99};

// The shares that the arm's events carry; the first half in any case.
std::vector<double> shares_of(const ArmReport& arm) {
  const std::int64_t count = arm.witnesses();
  std::vector<double> carried;
  std::copy_if(shares.begin(), shares.end(), std::back_inserter(carried), [count](double share) {
    return share <= 0.5 || measure::is_supported(share, count);
  });
  return carried;
}

double y_of_share(const LogAxis& axis, const ArmReport& arm, double share) {
  const auto value = arm.histogram.value_at_percentile(100 * share);
  return axis.pixel(static_cast<double>(value) * nanosecond);
}

double x_of_share(double share) {
  const double last = -std::log2(1 - shares.back());
  return chart_left + (chart_right - 90 - chart_left) * -std::log2(1 - share) / last;
}

void draw_grid(Svg& svg, const LogAxis& axis, double from, double to) {
  for (const double mark : axis.marks()) {
    const double y = axis.pixel(mark);
    svg.line({from, y}, {to, y}, "grid");
    svg.text({from - 6, y + 4}, duration(mark), Anchor::end);
  }
}

void draw_measured(Svg& svg, const LogAxis& axis, const ArmReport& arm, std::size_t index) {
  std::vector<Point> points;
  for (const double share : shares_of(arm)) {
    points.push_back({x_of_share(share), y_of_share(axis, arm, share)});
  }
  svg.polyline(points, stroke(index));
}

void draw_predicted(Svg& svg, const LogAxis& axis, const ArmReport& arm, std::size_t index) {
  const auto& latency = arm.predicted.latency;
  if (!latency) return;
  for (const double share : shares) {
    const double value = latency->quantile(share).count();
    if (value < axis.low()) continue;
    svg.circle({x_of_share(share), axis.pixel(value)}, 3.5, "hollow " + stroke(index));
  }
}

// Names at the ends of lines, from the bottom up, so that none lies on another.
void draw_names(Svg& svg, std::vector<std::pair<double, std::size_t>> ends,
                const BenchReport& report) {
  std::sort(ends.rbegin(), ends.rend());
  double free = 303;
  for (const auto& [y, index] : ends) {
    const double at = std::min(y + 4, free);
    svg.text({chart_right - 84, at}, chart_name(report.arms[index].arm), Anchor::start,
             "label " + fill(index));
    free = at - 14;
  }
}

// --- Ridges --------------------------------------------------------------------------------------

constexpr std::size_t bins = 120;

std::vector<double> density_of(const ArmReport& arm, const LogAxis& axis) {
  std::vector<double> counts(bins + 1);
  arm.histogram.for_each([&](std::int64_t low, std::int64_t, std::int64_t count) {
    const double x = axis.pixel(static_cast<double>(low) * nanosecond);
    const double place = (x - chart_left) / (chart_right - chart_left) * static_cast<double>(bins);
    counts[static_cast<std::size_t>(place)] += static_cast<double>(count);
  });
  const double most = *std::max_element(counts.begin(), counts.end());
  if (most > 0) {
    for (double& count : counts) count /= most;
  }
  return counts;
}

void draw_ridge(Svg& svg, const LogAxis& axis, const ArmReport& arm, std::size_t index,
                double base) {
  constexpr double height = 46;
  std::vector<Point> points = {{chart_left, base}};
  const std::vector<double> density = density_of(arm, axis);
  for (std::size_t i = 0; i < density.size(); ++i) {
    const double x = chart_left + (chart_right - chart_left) * static_cast<double>(i) /
                                      static_cast<double>(bins);
    points.push_back({x, base - height * density[i]});
  }
  points.push_back({chart_right, base});
  svg.polygon(points, "ridge " + fill(index) + " " + stroke(index));
  svg.text({chart_left - 8, base - 4}, chart_name(arm.arm), Anchor::end, "label " + fill(index));
  if (arm.predicted.mean >= axis.low()) {
    svg.circle({axis.pixel(arm.predicted.mean), base}, 4, "hollow " + stroke(index));
  }
}

}  // namespace

std::string percentile_chart(const BenchReport& report, std::string_view style) {
  Svg svg(chart_width, 340, "Latency by percentile, measured and predicted");
  const auto [low, high] = range_of(report);
  const LogAxis axis(low, high, 300, 16);
  draw_grid(svg, axis, chart_left, chart_right - 90);
  for (const double share : {0.0, 0.5, 0.75, 0.9, 0.95, 0.99}) {
    svg.line({x_of_share(share), 16}, {x_of_share(share), 300}, "grid");
    svg.text({x_of_share(share), 318}, measure::format_share(share), Anchor::middle);
  }
  svg.text(
      {chart_left, 336},
      "of all events came within; ○ predicted; a line ends where fewer than ten events lie beyond",
      Anchor::start);
  std::vector<std::pair<double, std::size_t>> ends;
  for (std::size_t i = 0; i < report.arms.size(); ++i) {
    const ArmReport& arm = report.arms[i];
    if (!arm.has_times()) continue;
    draw_measured(svg, axis, arm, i);
    if (!arm.arm.control) draw_predicted(svg, axis, arm, i);
    ends.emplace_back(y_of_share(axis, arm, shares_of(arm).back()), i);
  }
  draw_names(svg, std::move(ends), report);
  return svg.finish(style);
}

std::string ridgeline_chart(const BenchReport& report) {
  const double bottom = 30 + 54 * static_cast<double>(report.arms.size());
  Svg svg(chart_width, bottom + 40, "How often each latency came");
  const auto [low, high] = range_of(report);
  const LogAxis axis(low, high, chart_left, chart_right);
  for (const double mark : axis.marks()) {
    svg.line({axis.pixel(mark), 16}, {axis.pixel(mark), bottom}, "grid");
    svg.text({axis.pixel(mark), bottom + 16}, duration(mark), Anchor::middle);
  }
  for (std::size_t i = 0; i < report.arms.size(); ++i) {
    if (!report.arms[i].has_times()) continue;
    draw_ridge(svg, axis, report.arms[i], i, 80 + 54 * static_cast<double>(i));
  }
  svg.text({chart_left, bottom + 34}, "latency; ○ predicted mean", Anchor::start);
  return svg.finish();
}

std::string rounds_chart(const BenchReport& report) {
  Svg svg(chart_width, 300, "The mean latency in each round");
  const auto [low, high] = range_of(report);
  const LogAxis axis(low, high, 260, below_keys(report.arms.size()));
  draw_grid(svg, axis, chart_left, chart_right);
  const double step =
      (chart_right - chart_left) / static_cast<double>(std::max<std::size_t>(report.rounds, 1));
  for (std::size_t i = 0; i < report.arms.size(); ++i) {
    const auto& means = report.arms[i].block_means;
    draw_key(svg, i, chart_name(report.arms[i].arm));
    svg.circle({place_of_key(i).x + 20, place_of_key(i).y - 4}, 3, fill(i));
    for (std::size_t round = 0; round < means.size(); ++round) {
      if (means[round] <= 0 || !report.arms[i].has_times()) continue;
      const double x = chart_left + step * (static_cast<double>(round) + 0.2 +
                                            0.6 * static_cast<double>(i) /
                                                static_cast<double>(report.arms.size()));
      svg.circle({x, axis.pixel(means[round])}, 3, fill(i));
    }
  }
  svg.text({chart_left, 284}, "rounds in the order of time; one point for each block",
           Anchor::start);
  return svg.finish();
}

namespace {

struct Series {
  std::string label = {};
  std::vector<Point> measured = {};  // x: step, y: seconds
  std::vector<Point> predicted = {};
};

std::vector<Series> series_of(const PresetReport& report) {
  std::vector<Series> all;
  for (std::size_t step = 0; step < report.steps.size(); ++step) {
    for (const ArmReport& arm : report.steps[step].report.arms) {
      if (arm.arm.control || !arm.has_times() || arm.mean <= 0) continue;  // no place on the axis
      const std::string label = label_of(arm.arm);
      auto found = std::find_if(all.begin(), all.end(),
                                [&label](const Series& each) { return each.label == label; });
      if (found == all.end()) found = all.insert(all.end(), Series{.label = label});
      found->measured.push_back({static_cast<double>(step), arm.mean});
      found->predicted.push_back({static_cast<double>(step), arm.predicted.mean});
    }
  }
  return all;
}

void draw_series(Svg& svg, const LogAxis& axis, const Series& series, std::size_t index,
                 double step) {
  std::vector<Point> points;
  for (const Point& each : series.measured) {
    points.push_back({chart_left + 30 + step * each.x, axis.pixel(each.y)});
    svg.circle(points.back(), 2.5, fill(index));
  }
  svg.polyline(points, stroke(index));
  for (const Point& each : series.predicted) {
    if (each.y < axis.low()) continue;
    svg.circle({chart_left + 30 + step * each.x, axis.pixel(each.y)}, 4, "hollow " + stroke(index));
  }
  const Point key = place_of_key(index);
  svg.line({key.x, key.y - 4}, {key.x + 24, key.y - 4}, "key " + stroke(index));
  draw_key(svg, index, series.label);
}

// Smallest and largest of what was measured and predicted; what is above 0 of the latter.
std::pair<double, double> range_of(const std::vector<Series>& all) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  const auto take = [&low, &high](const Point& point) {
    low = std::min(low, point.y);
    high = std::max(high, point.y);
  };
  for (const Series& each : all) {
    std::for_each(each.measured.begin(), each.measured.end(), take);
    for (const Point& point : each.predicted) {
      if (point.y > 0) take(point);
    }
  }
  return {low, high};
}

std::string steps_caption(const PresetReport& report, bool crosses) {
  return "mean latency" + (report.preset.varied.empty() ? "" : " by " + report.preset.varied) +
         "; ○ predicted" + (crosses ? "; the large rings: one overtakes another" : "");
}

// A ring where one line overtakes another, and a line down to the steps.
void draw_crossing(Svg& svg, const LogAxis& axis, const Crossing& crossing, double step) {
  const double x = chart_left + 30 + step * crossing.position;
  svg.line({x, axis.pixel(crossing.seconds)}, {x, 290}, "crossing");
  svg.circle({x, axis.pixel(crossing.seconds)}, 8, "hollow crossing");
}

}  // namespace

std::string steps_chart(const PresetReport& report, std::string_view style) {
  Svg svg(chart_width, 340, report.preset.question);
  const std::vector<Series> all = series_of(report);
  const auto [low, high] = range_of(all);
  if (high == 0) return svg.finish(style);
  const LogAxis axis(low, high, 290, below_keys(all.size()));
  draw_grid(svg, axis, chart_left, chart_right);
  const double step = (chart_right - chart_left - 60) /
                      static_cast<double>(std::max<std::size_t>(report.steps.size(), 2) - 1);
  for (std::size_t i = 0; i < report.steps.size(); ++i) {
    svg.text({chart_left + 30 + step * static_cast<double>(i), 308}, report.steps[i].value,
             Anchor::middle);
  }
  const std::vector<Crossing> crossings = crossings_of(report);
  svg.text({chart_left, 330}, steps_caption(report, !crossings.empty()), Anchor::start);
  for (std::size_t i = 0; i < all.size(); ++i) draw_series(svg, axis, all[i], i, step);
  for (const Crossing& each : crossings) draw_crossing(svg, axis, each, step);
  return svg.finish(style);
}

}  // namespace duplex::tools
