// What the lab page asks once a second: the server's counters, and what the lanes of its race cost.
// Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "../serve/server_metrics.h"
#include "lane_usage.h"

namespace duplex::tools::lab {

struct LabState {
  ServerMetrics server = {};
  LaneUsages lanes = {};
  std::chrono::nanoseconds now{0};  // of the clock that stamps events
  double cpu_seconds = 0;
  std::uint64_t resident_size = 0;  // bytes of the process in memory
};

// JSON: {"now": ns, "server": {"requests": n, ...}, "lanes": {"ws": {"bytes_sent": n, ...}, ...}}.
std::string state_json(const LabState& state);

}  // namespace duplex::tools::lab
