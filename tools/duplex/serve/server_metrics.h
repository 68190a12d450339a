// What /metrics of `duplex serve` says: the counters of all its threads, as Prometheus text.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "duplex/duplex.h"

namespace duplex::tools {

// A value: each thread fills one, they are added up.
struct ServerMetrics {
  endpoint::ServerStats stats = {};
  net::EventLoopStats loop = {};
  std::array<std::uint64_t, net::call_count> calls = {};
  std::uint64_t feed_events = 0;  // the same stream on every thread: not added up
  std::uint64_t parked_polls = 0;

  void add(const ServerMetrics& other) noexcept;
};

// Prometheus text exposition format, version 0.0.4.
std::string prometheus_text(const ServerMetrics& metrics, double cpu_seconds);

// The samples of such a text by name, labels and all: {"duplex_requests_total", 7}. Lines that are
// no samples are passed over, and values beyond 2^53, where whole numbers are no longer exact.
std::map<std::string, double> parse_prometheus(std::string_view text);

}  // namespace duplex::tools
