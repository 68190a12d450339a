// Percentile listings: the layout that HdrHistogram's plotters read, line by line.
#include "measure/histogram_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace duplex::measure {
namespace {

constexpr HistogramLimits hour_in_us{.lowest = 1, .highest = 3'600'000'000, .digits = 3};
constexpr PercentileTextOptions us_to_ms{.scale = 1000};

TEST(HistogramText, OneValueGivesTheWholeLayout) {
  Histogram histogram(hour_in_us);
  histogram.record(1500);
  EXPECT_EQ(percentile_text(histogram, us_to_ms),
            "       Value   Percentile   TotalCount 1/(1-Percentile)\n"
            "\n"
            "       1.500     0.000000            1         1.00\n"
            "       1.500     1.000000            1          inf\n"
            "#[Mean    =        1.500, StdDeviation   =        0.000]\n"
            "#[Max     =        1.500, Total count    =            1]\n"
            "#[Buckets =           22, SubBuckets     =         2048]\n");
}

TEST(HistogramText, FiveLinesPerHalfDistance) {
  Histogram histogram(hour_in_us);
  for (std::int64_t value = 1; value <= 10; ++value) histogram.record(value * 1000);
  EXPECT_EQ(percentile_csv(histogram, us_to_ms),
            "\"Value\",\"Percentile\",\"TotalCount\",\"1/(1-Percentile)\"\n"
            "1.000,0.000000,1,1.00\n"
            "1.000,0.100000,1,1.11\n"
            "2.000,0.200000,2,1.25\n"
            "3.001,0.300000,3,1.43\n"
            "4.001,0.400000,4,1.67\n"
            "5.003,0.500000,5,2.00\n"
            "6.003,0.550000,6,2.22\n"
            "6.003,0.600000,6,2.50\n"
            "7.003,0.650000,7,2.86\n"
            "7.003,0.700000,7,3.33\n"
            "8.003,0.750000,8,4.00\n"
            "8.003,0.775000,8,4.44\n"
            "8.003,0.800000,8,5.00\n"
            "9.007,0.825000,9,5.71\n"
            "9.007,0.850000,9,6.67\n"
            "9.007,0.875000,9,8.00\n"
            "9.007,0.887500,9,8.89\n"
            "9.007,0.900000,9,10.00\n"
            "10.007,0.912500,10,11.43\n"
            "10.007,1.000000,10,inf\n");
}

TEST(HistogramText, TwoDigitsAndNanosecondsByDefault) {
  Histogram histogram(HistogramLimits{.digits = 2});
  histogram.record(20'000'000);
  const std::string text = percentile_text(histogram);
  EXPECT_NE(text.find("\n       20.05     0.000000            1         1.00\n"), std::string::npos)
      << text;
}

TEST(HistogramText, TicksAreACallersChoice) {
  Histogram histogram(hour_in_us);
  for (std::int64_t value = 1; value <= 4; ++value) histogram.record(value);
  EXPECT_EQ(percentile_csv(histogram, {.scale = 1, .ticks_per_half_distance = 1}),
            "\"Value\",\"Percentile\",\"TotalCount\",\"1/(1-Percentile)\"\n"
            "1.000,0.000000,1,1.00\n"
            "2.000,0.500000,2,2.00\n"
            "3.000,0.750000,3,4.00\n"
            "4.000,0.875000,4,8.00\n"
            "4.000,1.000000,4,inf\n");
}

TEST(HistogramText, EmptyHasOneLine) {
  const std::string text = percentile_csv(Histogram(hour_in_us), us_to_ms);
  EXPECT_EQ(text.substr(text.find('\n') + 1), "0.000,1.000000,0,inf\n");
}

TEST(HistogramText, ComesToAnEndWhenOneValueInATrillionIsLarger) {
  Histogram histogram(hour_in_us);
  histogram.record(10, std::int64_t{1} << 60);
  histogram.record(2000);
  const std::string text = percentile_text(histogram, us_to_ms);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 400);
  EXPECT_NE(text.find("     1.000000"), std::string::npos);
}

}  // namespace
}  // namespace duplex::measure
