// What a bench found: one row per arm, the noise floor, and what may be said. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "block.h"
#include "measure/histogram.h"
#include "measure/model.h"
#include "measure/statistics.h"
#include "plan.h"

namespace duplex::tools {

struct ArmReport {
  ArmSpec arm = {};
  std::uint64_t event_count = 0;
  std::uint64_t delivery_count = 0;
  std::uint64_t missing = 0;
  std::uint64_t duplicates = 0;
  // Seconds. A quantile is absent when the sample is too small for it.
  double mean = 0;
  double predicted_mean = 0;
  std::optional<double> p50 = {};
  std::optional<double> p95 = {};
  std::optional<double> p99 = {};
  measure::Interval ratio = {.estimate = 1, .low = 1, .high = 1};  // to WebSocket, of the means
  bool distinguishable = false;                                    // from WebSocket
  Costs per_delivery = {};
  std::vector<double> block_means = {};  // seconds, by round; 0: not measured
  measure::Histogram histogram{};        // nanoseconds

  bool as_predicted() const noexcept;  // the mean, within 15 % and 2 ms
};

struct BenchReport {
  BenchOptions options = {};
  std::vector<ArmReport> arms = {};  // the first one is WebSocket
  double noise_floor = 1;            // a factor: what WebSocket differs from itself
  bool has_control = false;          // a round had both; otherwise the floor is not known
  std::string scheduling = {};       // "real-time", "nice -20", "normal"
  std::size_t rounds = 0;            // that were completed, at least in part
  double max_lateness = 0;           // seconds: how late the feed was at worst

  const ArmReport* find(std::string_view name) const noexcept;
};

BenchReport make_report(const BenchOptions& options, const std::vector<ArmSpec>& arms,
                        const std::vector<Block>& blocks);

// A few sentences for a person, each computed from the report.
std::string verdict(const BenchReport& report);

// Why the expectations of --check do not hold, or nothing: WebSocket before long polling before
// short polling, and every mean as predicted.
std::optional<std::string> missed_expectation(const BenchReport& report);

// Nothing was delivered in some arm, or WebSocket differs from itself by more than a fifth.
bool is_inconclusive(const BenchReport& report);

}  // namespace duplex::tools
