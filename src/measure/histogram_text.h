// Percentile listings of a histogram, as HdrHistogram's plotters read them.
#pragma once

#include <string>

#include "measure/histogram.h"

namespace duplex::measure {

struct PercentileTextOptions {
  double scale = 1e6;               // values are divided by it: 1e6 turns ns into ms
  int ticks_per_half_distance = 5;  // lines until the distance to 100 % has halved
};

// The .hgrm listing ("classic"): a heading, aligned lines, and a footer with the moments.
std::string percentile_text(const Histogram& histogram, const PercentileTextOptions& options = {});
// The same lines as comma-separated values, with a heading and no footer.
std::string percentile_csv(const Histogram& histogram, const PercentileTextOptions& options = {});

}  // namespace duplex::measure
