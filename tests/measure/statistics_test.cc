// Statistics of rounds, and the rules for what a sample supports.
#include "measure/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace duplex::measure {
namespace {

using Sample = std::vector<double>;

TEST(Statistics, OfNothingIsZero) {
  EXPECT_EQ(mean({}), 0);
  EXPECT_EQ(stddev({}), 0);
  EXPECT_EQ(stddev(Sample{3}), 0);
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(quantile({}, 0.5), 0);
}

TEST(Statistics, MomentsOfASample) {
  const Sample sample{2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_EQ(mean(sample), 5);
  EXPECT_DOUBLE_EQ(stddev(sample), std::sqrt(32.0 / 7));
}

TEST(Statistics, MedianOfOddAndEvenSamples) {
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({9, 1, 5, 6}), 5.5);
  EXPECT_EQ(median({4}), 4);
}

TEST(Statistics, QuantileInterpolates) {
  const Sample sample{40, 10, 20, 30};
  EXPECT_EQ(quantile(sample, 0), 10);
  EXPECT_EQ(quantile(sample, 1), 40);
  EXPECT_EQ(quantile(sample, 0.5), 25);
  EXPECT_DOUBLE_EQ(quantile(sample, 0.9), 37);
}

TEST(Bootstrap, CoversTheMedianAndRepeatsFromItsSeed) {
  Random random(1);
  Sample rounds(21);
  for (double& value : rounds) value = 100 + random.uniform();
  const Interval first = bootstrap_median(rounds, Random(7));
  const Interval again = bootstrap_median(rounds, Random(7));
  EXPECT_EQ(first.estimate, median(rounds));
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_LT(first.low, first.estimate);
  EXPECT_GT(first.high, first.estimate);
}

TEST(Bootstrap, CoversTheTruthAboutAsOftenAsItSays) {
  Random random(11);
  int covered = 0;
  for (int trial = 0; trial < 300; ++trial) {
    Sample rounds(25);
    for (double& value : rounds) value = random.exponential(1);
    const Interval interval = bootstrap_median(rounds, Random(random()), {.resamples = 400});
    covered += interval.low <= std::log(2.0) && std::log(2.0) <= interval.high;
  }
  EXPECT_NEAR(covered / 300.0, 0.95, 0.04);
}

TEST(Bootstrap, LessConfidenceIsNarrower) {
  Random random(3);
  Sample rounds(30);
  for (double& value : rounds) value = random.uniform();
  const Interval wide = bootstrap_median(rounds, Random(1), {.confidence = 0.99});
  const Interval narrow = bootstrap_median(rounds, Random(1), {.confidence = 0.5});
  EXPECT_LT(narrow.high - narrow.low, wide.high - wide.low);
}

TEST(Bootstrap, OfNothingIsZero) { EXPECT_EQ(bootstrap_median({}, Random(1)).high, 0); }

TEST(Paired, RatioIsExactWhenEveryRoundAgrees) {
  // The rounds differ by a factor of ten, the ratio in each does not: pairing removes the noise.
  const Sample base{1, 10, 3, 5, 2};
  Sample twice = base;
  for (double& value : twice) value *= 2;
  const Interval ratio = paired_ratio(twice, base, Random(1));
  EXPECT_NEAR(ratio.estimate, 2, 1e-12);
  EXPECT_NEAR(ratio.low, 2, 1e-12);
  EXPECT_NEAR(ratio.high, 2, 1e-12);
}

TEST(Paired, RatioTurnedRoundIsItsInverse) {
  const Sample a{1, 2, 3, 4, 5}, b{2, 3, 3, 5, 4};
  const Interval forth = paired_ratio(a, b, Random(5)), back = paired_ratio(b, a, Random(5));
  EXPECT_NEAR(forth.estimate * back.estimate, 1, 1e-12);
  EXPECT_NEAR(forth.low * back.high, 1, 1e-9);
}

TEST(Paired, DifferenceOfRounds) {
  const Sample a{11, 22, 33}, b{1, 2, 3};
  const Interval difference = paired_difference(a, b, Random(1));
  EXPECT_EQ(difference.estimate, 20);
  EXPECT_EQ(difference.low, 10);
  EXPECT_EQ(difference.high, 30);
}

TEST(Bootstrap, ComparesWhatIsNotPaired) {
  const Sample slower = {12, 13, 11, 12, 12.5, 11.5};
  const Sample faster = {10, 10.5, 9.5, 10};
  const Interval ratio = unpaired_ratio(slower, faster, Random(3));
  EXPECT_DOUBLE_EQ(ratio.estimate, 1.2);
  EXPECT_GT(ratio.low, 1.05);
  EXPECT_LT(ratio.low, 1.2);
  EXPECT_GT(ratio.high, 1.2);
  EXPECT_LT(ratio.high, 1.36);
  const Interval same = unpaired_ratio(Sample{2}, Sample{2}, Random(3));
  EXPECT_EQ(same.low, 1);
  EXPECT_EQ(same.high, 1);
}

TEST(Noise, FloorIsTheFartherEndOfTheControl) {
  EXPECT_DOUBLE_EQ(noise_floor({1.0, 0.98, 1.01}), 1 / 0.98);
  EXPECT_DOUBLE_EQ(noise_floor({1.01, 1.0, 1.05}), 1.05);
  EXPECT_DOUBLE_EQ(noise_floor({1, 1, 1}), 1);
}

TEST(Noise, OnlyWhatLiesOutsideItIsADifference) {
  EXPECT_TRUE(is_distinguishable({2.0, 1.9, 2.1}, 1.03));
  EXPECT_TRUE(is_distinguishable({0.5, 0.4, 0.6}, 1.03));
  EXPECT_FALSE(is_distinguishable({1.02, 1.01, 1.03}, 1.03));
  EXPECT_FALSE(is_distinguishable({0.99, 0.98, 0.995}, 1.03));
  EXPECT_FALSE(is_distinguishable({1.5, 0.9, 2.1}, 1.03));
}

TEST(QuantileInterval, RanksFollowTheBinomialDistribution) {
  const RankInterval median_ranks = quantile_ranks(100, 0.5);
  EXPECT_EQ(median_ranks.low, 40);
  EXPECT_EQ(median_ranks.high, 60);
  const RankInterval tail = quantile_ranks(100, 0.99);
  EXPECT_EQ(tail.low, 97);
  EXPECT_EQ(tail.high, 100);
  EXPECT_EQ(quantile_ranks(5, 0.01).low, 1);
}

TEST(QuantileInterval, TakesItsEndsFromTheSample) {
  Sample sample(101);
  for (std::size_t i = 0; i < sample.size(); ++i) sample[i] = static_cast<double>(i);
  const Interval interval = quantile_interval(sample, 0.5);
  EXPECT_EQ(interval.estimate, 50);
  EXPECT_EQ(interval.low, 39);
  EXPECT_EQ(interval.high, 60);
  EXPECT_EQ(quantile_interval({}, 0.5).high, 0);
}

TEST(MinimumSampleSize, TenSamplesBeyondTheQuantile) {
  EXPECT_EQ(minimum_sample_size(0.5), 20);
  EXPECT_EQ(minimum_sample_size(0.9), 100);
  EXPECT_EQ(minimum_sample_size(0.95), 200);
  EXPECT_EQ(minimum_sample_size(0.99), 1000);
  EXPECT_EQ(minimum_sample_size(0.999), 10'000);
  EXPECT_EQ(minimum_sample_size(0.9999), 100'000);
  EXPECT_EQ(minimum_sample_size(0.01), 1000);
  EXPECT_EQ(minimum_sample_size(1), 1);
  EXPECT_EQ(minimum_sample_size(0), 1);
}

TEST(MinimumSampleSize, RefusesWhatTooFewSamplesCannotShow) {
  EXPECT_FALSE(is_supported(0.999, 9'999));
  EXPECT_TRUE(is_supported(0.999, 10'000));
  EXPECT_FALSE(is_supported(0.9999, 99'999));
  EXPECT_FALSE(is_supported(1, 0));
}

}  // namespace
}  // namespace duplex::measure
