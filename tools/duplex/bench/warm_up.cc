// When a bench has warmed up.
#include "warm_up.h"

#include <algorithm>
#include <cmath>

#include "measure/statistics.h"

namespace duplex::tools {
namespace {

constexpr double least_seconds = 2;
constexpr std::uint64_t least_deliveries = 1000;
constexpr double largest_change = 0.05;

double median_of(const std::vector<std::chrono::nanoseconds>& latencies) {
  std::vector<double> sample;
  for (const auto each : latencies) {
    sample.push_back(std::chrono::duration<double>(each).count());
  }
  return measure::median(std::move(sample));
}

}  // namespace

std::chrono::nanoseconds WarmUpRule::next_window() const noexcept {
  return std::min<std::chrono::nanoseconds>(window, longest_ - listened_);
}

bool WarmUpRule::add(const std::vector<std::chrono::nanoseconds>& latencies) {
  const double median = median_of(latencies);
  listened_ += next_window();
  outcome_.seconds = std::chrono::duration<double>(listened_).count();
  outcome_.deliveries += latencies.size();
  outcome_.change.reset();
  if (median > 0 && last_median_ > 0) outcome_.change = std::abs(median / last_median_ - 1);
  last_median_ = median;
  outcome_.settled = outcome_.seconds >= least_seconds && outcome_.deliveries >= least_deliveries &&
                     outcome_.change && *outcome_.change <= largest_change;
  return outcome_.settled || listened_ >= longest_;
}

}  // namespace duplex::tools
