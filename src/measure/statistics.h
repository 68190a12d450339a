// Order statistics, the bootstrap, and the rules for what may be claimed from a sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "measure/random.h"

namespace duplex::measure {

// Of an empty sample: 0.
double mean(std::span<const double> sample);
double stddev(std::span<const double> sample);  // of the sample, n - 1; 0 for fewer than two
double median(std::vector<double> sample);
// `share` in [0, 1]; interpolates between the neighbouring order statistics.
double quantile(std::vector<double> sample, double share);
double sorted_quantile(std::span<const double> ascending, double share);

struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;
};

struct Bootstrap {
  int resamples = 10'000;
  double confidence = 0.95;
};

// The median over rounds, with the percentile bootstrap interval: rounds are drawn again with
// replacement. One value per round (a block's own median, say), never single events.
Interval bootstrap_median(std::span<const double> rounds, Random random, Bootstrap options = {});

// a / b per round, paired: the exponential of the median log ratio, and its interval. Both positive
// and equally many.
Interval paired_ratio(std::span<const double> a, std::span<const double> b, Random random,
                      Bootstrap options = {});
// a - b per round, paired: the median difference, and its interval.
Interval paired_difference(std::span<const double> a, std::span<const double> b, Random random,
                           Bootstrap options = {});

// The median of a over that of b, where no round of one belongs to a round of the other: each side
// is drawn again by itself. All positive; neither empty.
Interval unpaired_ratio(std::span<const double> a, std::span<const double> b, Random random,
                        Bootstrap options = {});

// How far a ratio strays from 1 when a thing is measured against itself: the farther end of the
// interval of such a control, as a factor of at least 1.
double noise_floor(const Interval& control);
// Whether a ratio is told apart from 1: its interval excludes 1, and it lies outside the noise.
bool is_distinguishable(const Interval& ratio, double noise_floor);

// Ranks, from 1, between which the quantile of the population lies with 95 % confidence.
struct RankInterval {
  std::int64_t low = 1;
  std::int64_t high = 1;
};
RankInterval quantile_ranks(std::int64_t sample_size, double share);
Interval quantile_interval(std::span<const double> ascending, double share);

// Ten samples have to lie beyond a quantile before it may be printed: 1000 for the 99th percentile,
// 10,000 for the 99.9th. Shares of 0 and 1 are extremes, which any sample has.
std::int64_t minimum_sample_size(double share);
bool is_supported(double share, std::int64_t sample_size);

}  // namespace duplex::measure
