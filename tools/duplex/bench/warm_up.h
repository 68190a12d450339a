// When a bench has warmed up: enough time, enough deliveries, and medians that no longer move.
// Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace duplex::tools {

struct WarmUp {
  double seconds = 0;
  std::uint64_t deliveries = 0;
  // By how much the last two half-second medians differ, as a share; absent before there are two.
  std::optional<double> change = {};
  bool settled = false;  // otherwise the longest time was up before
};

// Two seconds at least, a thousand deliveries, and two half-seconds in a row whose medians are
// within 5 %; but at most `longest`, as a slow feed would take minutes to deliver so much.
class WarmUpRule {
 public:
  static constexpr std::chrono::milliseconds window{500};

  explicit WarmUpRule(std::chrono::nanoseconds longest) : longest_(longest) {}

  // How long to listen next: half a second, or what is left of the longest time.
  std::chrono::nanoseconds next_window() const noexcept;
  // What came in that window. True when that was enough.
  bool add(const std::vector<std::chrono::nanoseconds>& latencies);
  const WarmUp& outcome() const noexcept { return outcome_; }

 private:
  std::chrono::nanoseconds longest_;
  std::chrono::nanoseconds listened_{0};
  double last_median_ = 0;
  WarmUp outcome_ = {};
};

}  // namespace duplex::tools
