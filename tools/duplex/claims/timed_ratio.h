// What was timed, as a ratio over rounds. Pure.
#pragma once

#include <string>
#include <string_view>

#include "../bench/report.h"

namespace duplex::tools {

struct TimedRatio {
  double estimate = 0;    // not a number: no round had both
  double low = 0;         // of its 95 % interval, of few rounds, too
  std::string text = {};  // with its 95 % interval, where there are rounds enough for one
};

// Of the mean latencies, `arm` over WebSocket.
TimedRatio latency_ratio(const BenchReport& report, std::string_view arm);
// Of the server's CPU time for an event.
TimedRatio cpu_ratio(const BenchReport& report, std::string_view of, std::string_view to);

}  // namespace duplex::tools
