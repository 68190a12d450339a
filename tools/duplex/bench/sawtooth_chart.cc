// The age of what one client of each arm held, drawn as it went.
#include <algorithm>
#include <cmath>

#include "../chart/svg.h"
#include "chart_layout.h"
#include "charts.h"
#include "measure/format.h"

namespace duplex::tools {
namespace {

constexpr double row_height = 74;
constexpr double tooth_height = 56;  // of the highest one
constexpr double most_events = 30;   // that are drawn, about

// The first block of an arm that has teeth.
const Block* block_of(const BenchReport& report, std::size_t arm) {
  const auto& blocks = report.run.blocks;
  const auto found = std::find_if(blocks.begin(), blocks.end(), [arm](const Block& block) {
    return block.arm == arm && !block.sawtooth.empty();
  });
  return found == blocks.end() ? nullptr : &*found;
}

double end_of(const Block& block, const BenchOptions& options) {
  const double length = std::chrono::duration<double>(block.length).count();
  return std::min(length, most_events / options.rate);
}

// x in seconds since the window began, y the age in seconds.
std::vector<Point> teeth_of(const Block& block, double end) {
  std::vector<Point> points;
  for (const measure::Refresh& refresh : block.sawtooth) {
    const double at = refresh.at.count();
    if (at > end) break;
    if (!points.empty()) points.push_back({at, points.back().y + at - points.back().x});
    points.push_back({at, refresh.age.count()});
  }
  if (!points.empty()) points.push_back({end, points.back().y + end - points.back().x});
  return points;
}

struct Row {
  std::size_t arm = 0;
  std::vector<Point> teeth = {};
};

std::vector<Row> rows_of(const BenchReport& report, double& end) {
  std::vector<Row> rows;
  for (std::size_t arm = 0; arm < report.arms.size(); ++arm) {
    if (report.arms[arm].arm.control) continue;
    const Block* const block = block_of(report, arm);
    if (block == nullptr) continue;
    end = std::max(end, end_of(*block, report.run.options));
    rows.push_back({arm, teeth_of(*block, end_of(*block, report.run.options))});
  }
  return rows;
}

void draw_row(Svg& svg, const BenchReport& report, Row row, double base, double end,
              double highest) {
  const ArmReport& arm = report.arms[row.arm];
  const auto x = [end](double at) { return chart_left + (chart_right - chart_left) * at / end; };
  const auto y = [&](double age) { return base - tooth_height * age / highest; };
  svg.line({chart_left, base}, {chart_right, base}, "grid");
  for (Point& point : row.teeth) point = {x(point.x), y(point.y)};
  svg.polyline(row.teeth, stroke(row.arm));
  svg.text({chart_left - 8, base - 16}, chart_name(arm.arm), Anchor::end, "label " + fill(row.arm));
  if (!arm.freshness) return;
  const double mean = y(arm.freshness->mean_age);
  svg.line({chart_left, mean}, {chart_right, mean}, "grid");
  svg.text({chart_left - 8, base - 1},
           "mean " + measure::format_duration(measure::Seconds(arm.freshness->mean_age)),
           Anchor::end);
}

}  // namespace

std::string sawtooth_chart(const BenchReport& report) {
  double end = 0;
  const std::vector<Row> rows = rows_of(report, end);
  const double bottom = 8 + row_height * static_cast<double>(rows.size());
  Svg svg(chart_width, bottom + 30, "The age of what a client held");
  double highest = 0;
  for (const Row& row : rows) {
    for (const Point& point : row.teeth) highest = std::max(highest, point.y);
  }
  if (highest <= 0 || end <= 0) return svg.finish();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    draw_row(svg, report, rows[i], row_height * static_cast<double>(i + 1), end, highest);
  }
  const std::string words = measure::format_duration(measure::Seconds(end)) +
                            " from left to right; a row is " +
                            measure::format_duration(measure::Seconds(highest)) + " high";
  svg.text({chart_left, bottom + 16}, words, Anchor::start);
  return svg.finish();
}

}  // namespace duplex::tools
