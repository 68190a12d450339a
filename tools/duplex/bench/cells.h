// Cells that the tables of several reports share. Pure.
#pragma once

#include <string>

#include "measure/statistics.h"

namespace duplex::tools {

// Of seconds: "20.9 ms [20.6, 21.3]", the bounds in the unit of the estimate.
std::string interval_cell(const measure::Interval& interval);

// "1.69× [1.53, 1.82]".
std::string ratio_cell(const measure::Interval& ratio);

}  // namespace duplex::tools
