// A frame from the call that sends it to the acknowledgement, drawn.
#include <algorithm>

#include "../chart/axis.h"
#include "../chart/svg.h"
#include "chart_layout.h"
#include "charts.h"
#include "measure/format.h"

namespace duplex::tools {

std::string ladder_chart(const Ladder& ladder) {
  constexpr double row_height = 26;
  constexpr double shortest = 1e-7;  // seconds
  const double bottom = 14 + row_height * static_cast<double>(ladder_step_count);
  Svg svg(chart_width, bottom + 40, "A frame step by step");
  if (ladder.frames == 0) return svg.finish();
  double low = 1;
  double high = shortest;
  for (const LadderRow& row : ladder.rows) {
    low = std::min(low, row.at_p50);
    high = std::max(high, row.at_p99);
  }
  const LogAxis axis(std::max(low, shortest), std::max(high, 2 * shortest), chart_left,
                     chart_right);
  for (const double mark : axis.marks()) {
    svg.line({axis.pixel(mark), 10}, {axis.pixel(mark), bottom}, "grid");
    svg.text({axis.pixel(mark), bottom + 16}, measure::format_duration(measure::Seconds(mark)),
             Anchor::middle);
  }
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    const LadderRow& row = ladder.rows[i];
    const double y = 24 + row_height * static_cast<double>(i);
    svg.text({chart_left - 8, y + 4}, ladder_step_names[i], Anchor::end, "label");
    svg.polyline({{axis.pixel(row.at_p50), y}, {axis.pixel(row.at_p99), y}}, stroke(0));
    svg.circle({axis.pixel(row.at_p50), y}, 4.5, fill(0));
    svg.circle({axis.pixel(row.at_p99), y}, 4.5, "hollow " + stroke(0));
  }
  svg.text({chart_left, bottom + 34}, "since send() was called; ● half of the frames, ○ 99 of 100",
           Anchor::start);
  return svg.finish();
}

}  // namespace duplex::tools
