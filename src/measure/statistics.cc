// Statistics of rounds: medians, paired comparisons, bootstrap and order-statistic intervals.
#include "measure/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace duplex::measure {
namespace {

template <class Combine>
std::vector<double> pairwise(std::span<const double> a, std::span<const double> b,
                             Combine combine) {
  assert(a.size() == b.size());
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), combine);
  return result;
}

// Selects instead of sorting: the bootstrap does this ten thousand times.
double median_in_place(std::vector<double>& sample) {
  if (sample.empty()) return 0;
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::nth_element(sample.begin(), middle, sample.end());
  if (sample.size() % 2 == 1) return *middle;
  return (*std::max_element(sample.begin(), middle) + *middle) / 2;
}

double resampled_median(std::span<const double> rounds, std::vector<double>& scratch,
                        Random& random) {
  for (double& value : scratch) value = rounds[random.below(rounds.size())];
  return median_in_place(scratch);
}

// The middle of what draw() gives.
template <class Draw>
Interval bootstrap(double estimate, const Bootstrap& options, Draw draw) {
  assert(options.resamples > 0);
  std::vector<double> drawn(static_cast<std::size_t>(options.resamples));
  std::generate(drawn.begin(), drawn.end(), draw);
  std::sort(drawn.begin(), drawn.end());
  const double tail = (1 - options.confidence) / 2;
  return {.estimate = estimate,
          .low = sorted_quantile(drawn, tail),
          .high = sorted_quantile(drawn, 1 - tail)};
}

}  // namespace

double mean(std::span<const double> sample) {
  if (sample.empty()) return 0;
  return std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
}

double stddev(std::span<const double> sample) {
  if (sample.size() < 2) return 0;
  const double centre = mean(sample);
  double sum = 0;
  for (const double value : sample) sum += (value - centre) * (value - centre);
  return std::sqrt(sum / static_cast<double>(sample.size() - 1));
}

double median(std::vector<double> sample) { return median_in_place(sample); }

double quantile(std::vector<double> sample, double share) {
  std::sort(sample.begin(), sample.end());
  return sorted_quantile(sample, share);
}

double sorted_quantile(std::span<const double> ascending, double share) {
  assert(share >= 0 && share <= 1);
  if (ascending.empty()) return 0;
  const double position = share * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], position - std::floor(position));
}

Interval bootstrap_median(std::span<const double> rounds, Random random, Bootstrap options) {
  if (rounds.empty()) return {};
  std::vector<double> scratch(rounds.begin(), rounds.end());
  const double estimate = median_in_place(scratch);
  return bootstrap(estimate, options, [&] { return resampled_median(rounds, scratch, random); });
}

Interval unpaired_ratio(std::span<const double> a, std::span<const double> b, Random random,
                        Bootstrap options) {
  assert(!a.empty() && !b.empty());
  std::vector<double> scratch_a(a.begin(), a.end());
  std::vector<double> scratch_b(b.begin(), b.end());
  const double estimate = median_in_place(scratch_a) / median_in_place(scratch_b);
  return bootstrap(estimate, options, [&] {
    return resampled_median(a, scratch_a, random) / resampled_median(b, scratch_b, random);
  });
}

Interval paired_ratio(std::span<const double> a, std::span<const double> b, Random random,
                      Bootstrap options) {
  const auto logs = pairwise(a, b, [](double x, double y) { return std::log(x / y); });
  const Interval log_ratio = bootstrap_median(logs, random, options);
  return {.estimate = std::exp(log_ratio.estimate),
          .low = std::exp(log_ratio.low),
          .high = std::exp(log_ratio.high)};
}

Interval paired_difference(std::span<const double> a, std::span<const double> b, Random random,
                           Bootstrap options) {
  const auto differences = pairwise(a, b, [](double x, double y) { return x - y; });
  return bootstrap_median(differences, random, options);
}

double noise_floor(const Interval& control) {
  return std::max({control.high, 1 / control.low, 1.0});
}

bool is_distinguishable(const Interval& ratio, double noise_floor) {
  const bool excludes_one = ratio.low > 1 || ratio.high < 1;
  return excludes_one && std::max(ratio.estimate, 1 / ratio.estimate) > noise_floor;
}

RankInterval quantile_ranks(std::int64_t sample_size, double share) {
  assert(sample_size > 0);
  const auto n = static_cast<double>(sample_size);
  const double centre = n * share;
  const double reach = 1.96 * std::sqrt(n * share * (1 - share));
  const auto rank = [&](double position) {
    return static_cast<std::int64_t>(std::clamp(position, 1.0, n));
  };
  return {.low = rank(std::floor(centre - reach)), .high = rank(std::ceil(centre + reach))};
}

Interval quantile_interval(std::span<const double> ascending, double share) {
  if (ascending.empty()) return {};
  const auto ranks = quantile_ranks(static_cast<std::int64_t>(ascending.size()), share);
  const auto at = [&](std::int64_t rank) { return ascending[static_cast<std::size_t>(rank - 1)]; };
  return {
      .estimate = sorted_quantile(ascending, share), .low = at(ranks.low), .high = at(ranks.high)};
}

std::int64_t minimum_sample_size(double share) {
  assert(share >= 0 && share <= 1);
  const double beyond = std::min(share, 1 - share);
  if (beyond == 0) return 1;
  // 1 - 0.9999 is a little off 0.0001: the rounding must not ask for one sample more.
  return std::llround(std::ceil(10 / beyond * (1 - 1e-9)));
}

bool is_supported(double share, std::int64_t sample_size) {
  return sample_size >= minimum_sample_size(share);
}

}  // namespace duplex::measure
