// When a bench has warmed up.
#include "warm_up.h"

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

bool WarmUpRule::add(const std::vector<std::chrono::nanoseconds>& latencies) {
  const std::chrono::duration<double> longest = longest_;
  const double median = median_of(latencies);
  outcome_.seconds += std::chrono::duration<double>(window).count();
  outcome_.deliveries += latencies.size();
  outcome_.change.reset();
  if (median > 0 && last_median_ > 0) outcome_.change = std::abs(median / last_median_ - 1);
  last_median_ = median;
  outcome_.settled = outcome_.seconds >= least_seconds && outcome_.deliveries >= least_deliveries &&
                     outcome_.change && *outcome_.change <= largest_change;
  return outcome_.settled || outcome_.seconds >= longest.count();
}

}  // namespace duplex::tools
