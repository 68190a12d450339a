// Numbers with units on the command line.
#include "../../tools/duplex/units.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

TEST(Units, ReadsDurationsInEveryUnit) {
  EXPECT_EQ(parse_duration("5ns"), 5ns);
  EXPECT_EQ(parse_duration("20us"), 20us);
  EXPECT_EQ(parse_duration("20µs"), 20us);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1000h"), 1000h);
  EXPECT_EQ(parse_duration("250MS"), 250ms);
  EXPECT_EQ(parse_duration("0"), 0ns);
}

TEST(Units, RefusesDurationsWithoutUnitSignOrSense) {
  for (const auto* text : {"", "20", "ms", "-5ms", "+5ms", "5 ms", "5msx", "infs", "0x10s", "1e3s",
                           "99999999999h", "1001h", ".5s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Units, ReadsCountsInThousandsAndMillions) {
  EXPECT_EQ(parse_count("250"), 250U);
  EXPECT_EQ(parse_count("10k"), 10'000U);
  EXPECT_EQ(parse_count("1.5m"), 1'500'000U);
  EXPECT_EQ(parse_count("1G"), 1'000'000'000U);
  EXPECT_EQ(parse_count("0.0005k"), std::nullopt);
  EXPECT_EQ(parse_count("99999999999G"), std::nullopt);
  EXPECT_EQ(parse_count("3x"), std::nullopt);
}

TEST(Units, ReadsRatesPerSecond) {
  EXPECT_EQ(parse_rate("4/s"), 4.0);
  EXPECT_EQ(parse_rate("100Hz"), 100.0);
  EXPECT_EQ(parse_rate("30/m"), 0.5);
  EXPECT_EQ(parse_rate("4"), 4.0);
  EXPECT_EQ(parse_rate("20k/s"), 20000.0);
  EXPECT_EQ(parse_rate("0.001"), 0.001);
  EXPECT_EQ(parse_rate("1000000/s"), 1e6);
  for (const auto* text : {"0", "0.0009/s", "0.01/m", "1000001/s", "100000000000/s"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_rate("4/h"), std::nullopt);
}

TEST(Units, ReadsSizesInPowersOfTwoAndTen) {
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("16MiB"), std::uint64_t{16} << 20);
  EXPECT_EQ(parse_size("1GiB"), std::uint64_t{1} << 30);
  EXPECT_EQ(parse_size("10kB"), 10'000U);
  EXPECT_EQ(parse_size("1MB"), 1'000'000U);
  EXPECT_EQ(parse_size("1.5"), std::nullopt);
  EXPECT_EQ(parse_size("many"), std::nullopt);
}

TEST(Units, SpellsSizesAsShortAsTheyCanBeReadBack) {
  for (const auto* text : {"0", "500", "1KiB", "1025", "16MiB", "3GiB"}) {
    EXPECT_EQ(spell_size(*parse_size(text)), text);
  }
}

TEST(Units, SpellsDurationsSoThatTheyReadBack) {
  for (const auto duration : {std::chrono::nanoseconds(7), std::chrono::nanoseconds(20us),
                              std::chrono::nanoseconds(250ms), std::chrono::nanoseconds(90s)}) {
    EXPECT_EQ(parse_duration(spell_duration(duration)), duration);
  }
  EXPECT_EQ(spell_duration(250ms), "250ms");
  EXPECT_EQ(spell_duration(2s), "2s");
  EXPECT_EQ(spell_duration(1500us), "1500us");
}

}  // namespace
}  // namespace duplex::tools
