// The interval log of HdrHistogram (.hlog), version 1.2: histograms over time, each with a tag.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "measure/format.h"

namespace duplex::measure {

struct LogInterval {
  std::string tag = {};  // without spaces and commas
  Seconds start{0};      // since the start of the log
  Seconds length{0};
  Seconds max{0};
  std::string histogram = {};  // of encode_histogram(), in nanoseconds
};

// `start_time`: seconds since 1970, and the same in words.
std::string interval_log(Seconds start_time, std::string_view spelled,
                         const std::vector<LogInterval>& intervals);

}  // namespace duplex::measure
