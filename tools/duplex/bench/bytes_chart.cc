// Bytes of an event, drawn: on the wire from its payload outwards, or at the server's sockets.
#include <algorithm>

#include "../chart/svg.h"
#include "chart_layout.h"
#include "charts.h"
#include "measure/format.h"
#include "wire_parts.h"

namespace duplex::tools {
namespace {

constexpr double row_height = 30;
constexpr double bar_height = 20;
constexpr double room_for_sum = 90;
constexpr double narrowest_with_number = 34;

double scale_to(double most) {
  return (chart_right - room_for_sum - chart_left) / std::max(most, 1.0);
}
double y_of_row(std::size_t row) { return 14 + row_height * static_cast<double>(row); }

void draw_name(Svg& svg, const ArmReport& arm, std::size_t row) {
  svg.text({chart_left - 8, y_of_row(row) + 15}, chart_name(arm.arm), Anchor::end, "label");
}

void draw_sum(Svg& svg, double x, std::size_t row, double bytes) {
  svg.text({x + 6, y_of_row(row) + 15}, measure::format_bytes(bytes), Anchor::start);
}

// --- At the server's sockets ---------------------------------------------------------------------

std::string socket_chart(const BenchReport& report) {
  const double bottom = y_of_row(report.arms.size()) + 6;
  Svg svg(chart_width, bottom + 24, "Bytes of an event at the server's sockets");
  double most = 1;
  for (const ArmReport& arm : report.arms) most = std::max(most, arm.per_delivery.bytes);
  const double scale = scale_to(most);
  const auto payload = static_cast<double>(report.run.options.event_size);
  for (std::size_t i = 0; i < report.arms.size(); ++i) {
    const ArmReport& arm = report.arms[i];
    if (arm.delivery_count == 0) continue;
    const double inside = std::min(payload, arm.per_delivery.bytes);
    const double around = arm.per_delivery.bytes - inside;
    draw_name(svg, arm, i);
    svg.rect({chart_left, y_of_row(i)}, inside * scale, bar_height, fill(i),
             measure::format_bytes(inside) + " payload");
    svg.rect({chart_left + inside * scale, y_of_row(i)}, around * scale, bar_height,
             "around " + fill(i), measure::format_bytes(around) + " of frames and heads");
    draw_sum(svg, chart_left + arm.per_delivery.bytes * scale, i, arm.per_delivery.bytes);
  }
  svg.text({chart_left, bottom + 16},
           "full: payload; pale: frames, heads, openings; TCP/IP and Ethernet come on top",
           Anchor::start);
  return svg.finish();
}

// --- On the wire ---------------------------------------------------------------------------------

// The sum is written beside the bar, each part of some width inside it.
void draw_stack(Svg& svg, const ArmReport& arm, std::size_t row, double scale) {
  draw_name(svg, arm, row);
  double x = chart_left;
  const std::vector<WirePart> parts = wire_parts(arm);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double width = parts[i].bytes * scale;
    if (parts[i].bytes <= 0) continue;
    svg.rect({x, y_of_row(row)}, width, bar_height, "part " + fill(i),
             std::string(parts[i].heading) + ": " + measure::format_bytes(parts[i].bytes));
    if (width >= narrowest_with_number) {
      svg.text({x + width / 2, y_of_row(row) + 14}, measure::significant(parts[i].bytes),
               Anchor::middle, "inside");
    }
    x += width;
  }
  draw_sum(svg, x, row, arm.wire->total());
}

// Colours and names of the parts that any bar has, in their order.
void draw_legend(Svg& svg, const BenchReport& report, double y) {
  double x = chart_left;
  std::size_t part_count = 0;
  for (const ArmReport& arm : report.arms) {
    part_count = std::max(part_count, wire_parts(arm).size());
  }
  for (std::size_t i = 0; i < part_count; ++i) {
    double most = 0;
    std::string_view heading;
    for (const ArmReport& arm : report.arms) {
      const std::vector<WirePart> parts = wire_parts(arm);
      if (parts.empty()) continue;
      most = std::max(most, parts[i].bytes);
      heading = parts[i].heading;
    }
    if (most <= 0) continue;
    svg.rect({x, y - 9}, 10, 10, "part " + fill(i));
    svg.text({x + 14, y}, heading, Anchor::start);
    x += 30 + 7 * static_cast<double>(heading.size());
  }
}

std::string stacked_chart(const BenchReport& report) {
  const double bottom = y_of_row(report.arms.size()) + 6;
  Svg svg(chart_width, bottom + 24, "Bytes of an event on the wire");
  double most = 1;
  for (const ArmReport& arm : report.arms) {
    if (arm.wire) most = std::max(most, arm.wire->total());
  }
  for (std::size_t i = 0; i < report.arms.size(); ++i) {
    if (!wire_parts(report.arms[i]).empty()) draw_stack(svg, report.arms[i], i, scale_to(most));
  }
  draw_legend(svg, report, bottom + 14);
  return svg.finish();
}

}  // namespace

std::string bytes_chart(const BenchReport& report) {
  const bool watched = std::any_of(report.arms.begin(), report.arms.end(),
                                   [](const ArmReport& arm) { return !wire_parts(arm).empty(); });
  return watched ? stacked_chart(report) : socket_chart(report);
}

}  // namespace duplex::tools
