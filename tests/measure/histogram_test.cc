// Histogram: the bucket layout and every figure against those of HdrHistogram's reference library.
#include "measure/histogram.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

namespace duplex::measure {
namespace {

constexpr HistogramLimits hour_in_us{.lowest = 1, .highest = 3'600'000'000, .digits = 3};

Histogram squares() {
  Histogram histogram(hour_in_us);
  for (std::int64_t i = 1; i <= 1000; ++i) histogram.record(i * i);
  return histogram;
}

TEST(Histogram, LayoutOfThreeDigitsOverAnHour) {
  const Histogram histogram(hour_in_us);
  EXPECT_EQ(histogram.sub_bucket_count(), 2048);
  EXPECT_EQ(histogram.bucket_count(), 22);
  EXPECT_EQ(histogram.counts_size(), 23552u);
}

TEST(Histogram, LayoutOfAMinuteInNanoseconds) {
  const Histogram fine;
  EXPECT_EQ(fine.bucket_count(), 26);
  EXPECT_EQ(fine.counts_size(), 27648u);
  const Histogram coarse(HistogramLimits{.digits = 2});
  EXPECT_EQ(coarse.counts_size(), 3840u);
}

TEST(Histogram, SquaresGiveTheReferencePercentiles) {
  const Histogram histogram = squares();
  EXPECT_EQ(histogram.total(), 1000);
  EXPECT_EQ(histogram.value_at_percentile(0), 1);
  EXPECT_EQ(histogram.value_at_percentile(50), 250111);
  EXPECT_EQ(histogram.value_at_percentile(90), 810495);
  EXPECT_EQ(histogram.value_at_percentile(99), 980479);
  EXPECT_EQ(histogram.value_at_percentile(99.9), 998399);
  EXPECT_EQ(histogram.value_at_percentile(100), 1000447);
  EXPECT_EQ(histogram.max(), 1000447);
  EXPECT_EQ(histogram.min(), 1);
}

TEST(Histogram, SquaresGiveTheReferenceMoments) {
  const Histogram histogram = squares();
  EXPECT_NEAR(histogram.mean(), 333850.623, 0.0006);
  EXPECT_NEAR(histogram.stddev(), 298429.008, 0.0006);
}

TEST(Histogram, TwoDigitsGiveTheReferenceFigures) {
  Histogram histogram(HistogramLimits{.highest = 3'600'000'000, .digits = 2});
  histogram.record(1);
  histogram.record(1000);
  histogram.record(2000, 3);
  histogram.record(1'000'000);
  EXPECT_EQ(histogram.bucket_count(), 25);
  EXPECT_EQ(histogram.total(), 6);
  EXPECT_EQ(histogram.max(), 1'003'519);
  EXPECT_NEAR(histogram.mean() / 1000, 168.081, 0.0006);
  EXPECT_NEAR(histogram.stddev() / 1000, 372.704, 0.0006);
}

TEST(Histogram, PercentilesOutsideTheRangeAreThoseAtItsEnds) {
  const Histogram histogram = squares();
  EXPECT_EQ(histogram.value_at_percentile(-5), 1);
  EXPECT_EQ(histogram.value_at_percentile(150), 1000447);
}

TEST(Histogram, LowestPercentileIsTheSmallestEquivalentValue) {
  Histogram histogram(hour_in_us);
  histogram.record(250'000);
  EXPECT_EQ(histogram.value_at_percentile(0), 249'984);
  EXPECT_EQ(histogram.value_at_percentile(1), 250'111);
  EXPECT_EQ(histogram.min(), 249'984);
}

TEST(Histogram, EmptyHasZeroesForAnswers) {
  const Histogram histogram(hour_in_us);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.stddev(), 0);
  EXPECT_EQ(histogram.value_at_percentile(50), 0);
  EXPECT_EQ(histogram.value_at_rank(1), 0);
}

TEST(Histogram, RanksFollowTheOrderOfTheValues) {
  Histogram histogram(hour_in_us);
  histogram.record(30);
  histogram.record(10);
  histogram.record(20, 2);
  EXPECT_EQ(histogram.value_at_rank(1), 10);
  EXPECT_EQ(histogram.value_at_rank(2), 20);
  EXPECT_EQ(histogram.value_at_rank(3), 20);
  EXPECT_EQ(histogram.value_at_rank(4), 30);
}

TEST(Histogram, EquivalentValuesShareACounter) {
  Histogram histogram(hour_in_us);
  histogram.record(250'000);
  histogram.record(250'111);
  histogram.record(250'112);
  EXPECT_EQ(histogram.count_at(249'984), 2);
  EXPECT_EQ(histogram.count_at(250'112), 1);
  EXPECT_EQ(histogram.lowest_equivalent(250'000), 249'984);
  EXPECT_EQ(histogram.median_equivalent(250'000), 250'048);
  EXPECT_EQ(histogram.highest_equivalent(250'000), 250'111);
}

TEST(Histogram, UnitCoarserThanOneMergesSmallValues) {
  Histogram histogram(HistogramLimits{.lowest = 1000, .highest = 1'000'000'000, .digits = 2});
  histogram.record(600);
  EXPECT_EQ(histogram.lowest_equivalent(600), 512);
  EXPECT_EQ(histogram.highest_equivalent(600), 1023);
  EXPECT_EQ(histogram.count_at(1023), 1);
  EXPECT_EQ(histogram.count_at(1024), 0);
}

TEST(Histogram, ValuesOutsideTheLimitsAreRefusedAndCounted) {
  Histogram histogram(HistogramLimits{.highest = 1000, .digits = 1});
  EXPECT_TRUE(histogram.record(0));
  EXPECT_FALSE(histogram.record(-1));
  EXPECT_FALSE(histogram.record(1024, 3));
  EXPECT_FALSE(histogram.record(std::numeric_limits<std::int64_t>::max()));
  EXPECT_FALSE(histogram.record(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(histogram.total(), 1);
  EXPECT_EQ(histogram.refused(), 6);
  EXPECT_EQ(histogram.count_at(-1), 0);
  EXPECT_EQ(histogram.count_at(1024), 0);
}

TEST(Histogram, HoldsEverythingUpToTheLargestInteger) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  Histogram histogram(HistogramLimits{.highest = largest, .digits = 5});
  EXPECT_TRUE(histogram.record(largest));
  EXPECT_EQ(histogram.max(), largest);
  EXPECT_EQ(histogram.value_at_percentile(50), largest);
}

TEST(Histogram, CountsDoNotStopAtThirtyTwoBits) {
  Histogram histogram(hour_in_us);
  constexpr std::int64_t many = 5'000'000'000;
  histogram.record(10, many);
  histogram.record(20, many);
  EXPECT_EQ(histogram.total(), 2 * many);
  EXPECT_EQ(histogram.count_at(10), many);
  EXPECT_EQ(histogram.value_at_percentile(50), 10);
}

TEST(Histogram, CorrectionFillsInTheSamplesThatADelaySwallowed) {
  Histogram histogram(hour_in_us);
  EXPECT_TRUE(histogram.record_corrected(1000, 100));
  EXPECT_EQ(histogram.total(), 10);
  for (std::int64_t value = 100; value <= 1000; value += 100) {
    EXPECT_EQ(histogram.count_at(value), 1) << value;
  }
}

TEST(Histogram, CorrectionAddsNothingWhereThereIsNothingToCorrect) {
  Histogram histogram(hour_in_us);
  EXPECT_TRUE(histogram.record_corrected(1000, 0));
  EXPECT_TRUE(histogram.record_corrected(1000, -7));
  EXPECT_TRUE(histogram.record_corrected(100, 100));
  EXPECT_FALSE(histogram.record_corrected(-1, 100));
  EXPECT_EQ(histogram.total(), 3);
}

TEST(Histogram, AddIsTheSameAsRecordingBoth) {
  Histogram odd(hour_in_us), even(hour_in_us);
  for (std::int64_t i = 1; i <= 1000; ++i) (i % 2 ? odd : even).record(i * i);
  EXPECT_TRUE(odd.add(even));
  const Histogram both = squares();
  EXPECT_EQ(odd.total(), both.total());
  EXPECT_EQ(odd.max(), both.max());
  EXPECT_EQ(odd.min(), both.min());
  EXPECT_EQ(odd.mean(), both.mean());
  EXPECT_EQ(odd.value_at_percentile(99), 980479);
}

TEST(Histogram, AddIntoANarrowerOneRefusesWhatDoesNotFit) {
  Histogram narrow(HistogramLimits{.highest = 1000, .digits = 2});
  Histogram wide(hour_in_us);
  wide.record(10);
  wide.record(1'000'000, 2);
  wide.record(-1);
  EXPECT_FALSE(narrow.add(wide));
  EXPECT_EQ(narrow.total(), 1);
  EXPECT_EQ(narrow.refused(), 3);
}

TEST(Histogram, AddingAnEmptyOneChangesNothing) {
  Histogram histogram = squares();
  EXPECT_TRUE(histogram.add(Histogram(hour_in_us)));
  EXPECT_EQ(histogram.total(), 1000);
  EXPECT_EQ(histogram.max(), 1000447);
}

TEST(Histogram, ResetForgetsEverything) {
  Histogram histogram = squares();
  histogram.record(-1);
  histogram.reset();
  EXPECT_EQ(histogram.total(), 0);
  EXPECT_EQ(histogram.refused(), 0);
  EXPECT_EQ(histogram.max(), 0);
  histogram.record(7);
  EXPECT_EQ(histogram.min(), 7);
  EXPECT_EQ(histogram.limits(), hour_in_us);
}

TEST(Histogram, IterationVisitsCountersInUseInOrder) {
  Histogram histogram(hour_in_us);
  histogram.record(250'000, 2);
  histogram.record(3);
  using Row = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
  std::vector<Row> rows;
  histogram.for_each([&](auto low, auto high, auto count) { rows.emplace_back(low, high, count); });
  EXPECT_EQ(rows, (std::vector<Row>{{3, 3, 1}, {249'984, 250'111, 2}}));
}

TEST(Histogram, EveryCounterBoundaryIsConsistent) {
  const Histogram histogram(HistogramLimits{.highest = 100'000, .digits = 1});
  std::int64_t value = 0;
  while (value < 100'000) {
    const std::int64_t high = histogram.highest_equivalent(value);
    EXPECT_EQ(histogram.lowest_equivalent(high), value);
    EXPECT_EQ(histogram.lowest_equivalent(value), value);
    EXPECT_LE(static_cast<double>(high - value), static_cast<double>(value) / 10 + 1);
    value = high + 1;
  }
}

TEST(Histogram, CountsNoFurtherThanItCan) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  Histogram histogram({.highest = 1000});
  EXPECT_TRUE(histogram.record(1, most - 1));
  EXPECT_FALSE(histogram.record(2, 2));
  EXPECT_TRUE(histogram.record(2, 1));
  EXPECT_EQ(histogram.total(), most);
  EXPECT_FALSE(histogram.record(3, most));
  EXPECT_EQ(histogram.refused(), most);
  EXPECT_FALSE(Histogram(histogram).add(histogram));
}

}  // namespace
}  // namespace duplex::measure
