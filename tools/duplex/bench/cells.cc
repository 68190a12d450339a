// Cells that the tables of several reports share.
#include "cells.h"

#include "measure/format.h"

namespace duplex::tools {

namespace {

// Of a single round.
bool is_point(const measure::Interval& interval) { return interval.low == interval.high; }

}  // namespace

std::string interval_cell(const measure::Interval& interval) {
  const std::string text = measure::format_duration(measure::Seconds(interval.estimate));
  if (is_point(interval)) return text;
  const std::string unit = text.substr(text.find(' ') + 1);
  const double scale = unit == "s" ? 1 : unit == "ms" ? 1e3 : unit == "µs" ? 1e6 : 1e9;
  return text + " [" + measure::significant(scale * interval.low) + ", " +
         measure::significant(scale * interval.high) + "]";
}

std::string quantile_cell(const std::optional<measure::Interval>& quantile, Width width) {
  if (!quantile) return std::string(no_figure);
  if (width == Width::wide) return interval_cell(*quantile);
  return measure::format_duration(measure::Seconds(quantile->estimate));
}

std::string ratio_cell(const measure::Interval& ratio) {
  const std::string text = measure::format_ratio(ratio.estimate);
  if (is_point(ratio)) return text;
  return text + " [" + measure::significant(ratio.low) + ", " + measure::significant(ratio.high) +
         "]";
}

}  // namespace duplex::tools
