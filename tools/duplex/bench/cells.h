// Cells that the tables of several reports share. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "measure/statistics.h"

namespace duplex::tools {

// Of tables: that of a terminal, where columns are few and short, and that of a page.
enum class Width { narrow, wide };

inline constexpr std::string_view no_figure = "–";

// Whose figures carry an interval of 95 %: fewer may all lie on one side of what is sought.
inline constexpr std::size_t rounds_for_interval = 6;

// Of seconds: "20.9 ms [20.6, 21.3]", the bounds in the unit of the estimate; without bounds where
// both are one.
std::string interval_cell(const measure::Interval& interval);

// Of a percentile; its interval where there is room for it.
std::string quantile_cell(const std::optional<measure::Interval>& quantile, Width width);

// "1.69× [1.53, 1.82]".
std::string ratio_cell(const measure::Interval& ratio);

}  // namespace duplex::tools
