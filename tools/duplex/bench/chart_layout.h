// What the charts of a report have in common. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plan.h"

namespace duplex::tools {

// Pixels: of the drawing, and where names end and the plot ends.
inline constexpr double chart_width = 720;
inline constexpr double chart_left = 130;
inline constexpr double chart_right = 690;

// Classes of the style sheet.
inline std::string numbered(std::string_view prefix, std::size_t index) {
  return std::string(prefix) + std::to_string(index % 7);
}
inline std::string stroke(std::size_t index) { return numbered("s", index); }
inline std::string fill(std::size_t index) { return numbered("f", index); }

// The arm's name as far as there is room for it on the left.
inline std::string chart_name(const ArmSpec& arm) {
  constexpr std::size_t room = 16;
  const std::string label = label_of(arm);
  return label.size() <= room ? label : arm.name;
}

}  // namespace duplex::tools
