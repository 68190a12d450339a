// Numbers as text: units, digits, widths.
#include "measure/format.h"

#include <gtest/gtest.h>

#include <cmath>

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;

TEST(Format, FixedDecimals) {
  EXPECT_EQ(fixed(3.14159, 3), "3.142");
  EXPECT_EQ(fixed(-0.5, 0), "-0");
  EXPECT_EQ(fixed(HUGE_VAL, 2), "inf");
  EXPECT_EQ(fixed(1e300, 1).size(), 303u);
}

TEST(Format, ThreeSignificantDigits) {
  EXPECT_EQ(significant(0), "0");
  EXPECT_EQ(significant(1.2345), "1.23");
  EXPECT_EQ(significant(12.345), "12.3");
  EXPECT_EQ(significant(1234.5), "1234");
  EXPECT_EQ(significant(0.012345), "0.0123");
  EXPECT_EQ(significant(-20.25), "-20.2");
  EXPECT_EQ(significant(9.996), "10.0");
  EXPECT_EQ(significant(99.96), "100");
  EXPECT_EQ(significant(HUGE_VAL), "inf");
  EXPECT_EQ(significant(1e-12), "0.000000000");
}

TEST(Format, DurationsChooseTheirUnit) {
  EXPECT_EQ(format_duration(0s), "0 s");
  EXPECT_EQ(format_duration(12.3s), "12.3 s");
  EXPECT_EQ(format_duration(20.34ms), "20.3 ms");
  EXPECT_EQ(format_duration(145us), "145 µs");
  EXPECT_EQ(format_duration(30ns), "30.0 ns");
  EXPECT_EQ(format_duration(0.25ns), "0.250 ns");
  EXPECT_EQ(format_duration(-3ms), "-3.00 ms");
  EXPECT_EQ(format_duration(999.6us), "1.00 ms");
  EXPECT_EQ(format_duration(Seconds(HUGE_VAL)), "inf s");
}

TEST(Format, SizesChooseTheirUnit) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(495), "495 B");
  EXPECT_EQ(format_bytes(593.25), "593 B");
  EXPECT_EQ(format_bytes(65536), "64 KiB");
  EXPECT_EQ(format_bytes(1.5 * 1024 * 1024), "1.50 MiB");
  EXPECT_EQ(format_bytes(3.0 * 1024 * 1024 * 1024), "3 GiB");
}

TEST(Format, RatiosSharesAndRates) {
  EXPECT_EQ(format_ratio(1.9836), "1.98×");
  EXPECT_EQ(format_ratio(496.2), "496×");
  EXPECT_EQ(format_share(0.36), "36.0 %");
  EXPECT_EQ(format_share(0), "0 %");
  EXPECT_EQ(format_rate(9.343), "9.34/s");
}

TEST(Format, WidthCountsCodePoints) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("145 µs"), 6u);
  EXPECT_EQ(display_width("1.98×"), 5u);
}

TEST(Format, PaddingKeepsLongTextWhole) {
  EXPECT_EQ(pad_left("µs", 4), "  µs");
  EXPECT_EQ(pad_right("µs", 4), "µs  ");
  EXPECT_EQ(pad_left("longer", 3), "longer");
  EXPECT_EQ(pad_right("longer", 3), "longer");
}

}  // namespace
}  // namespace duplex::measure
