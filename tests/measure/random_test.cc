// Random: a fixed sequence per seed, even over its range.
#include "measure/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace duplex::measure {
namespace {

TEST(Random, SequenceDependsOnTheSeedAlone) {
  Random one(42), same(42), other(43);
  std::vector<std::uint64_t> first, second, third;
  for (int i = 0; i < 8; ++i) {
    first.push_back(one());
    second.push_back(same());
    third.push_back(other());
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first, third);
}

TEST(Random, SequenceIsTheSameOnEveryPlatform) {
  Random random(0);
  EXPECT_EQ(random(), 0x99ec5f36cb75f2b4u);
  EXPECT_EQ(random(), 0xbf6e1f784956452au);
}

TEST(Random, CopiesGoOnFromTheSamePoint) {
  Random random(7);
  random();
  Random copy = random;
  EXPECT_EQ(random(), copy());
}

TEST(Random, UniformStaysBelowOneAndAveragesAHalf) {
  Random random(1);
  double sum = 0, largest = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double drawn = random.uniform();
    ASSERT_GE(drawn, 0);
    sum += drawn;
    largest = std::max(largest, drawn);
  }
  EXPECT_LT(largest, 1);
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}

TEST(Random, ExponentialHasTheMeanAskedFor) {
  Random random(2);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum += random.exponential(4);
  EXPECT_NEAR(sum / 100'000, 0.25, 0.003);
}

TEST(Random, BelowIsEvenOverItsRange) {
  Random random(3);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) ++seen[random.below(6)];
  for (int count : seen) EXPECT_NEAR(count, 10'000, 400);
}

TEST(Random, BelowDrawsAgainWhatWouldMakeItUneven) {
  // 2^63 + 1 leaves nearly half of the numbers over: without drawing again, small ones come twice.
  constexpr std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
  Random random(4);
  int low = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t drawn = random.below(bound);
    ASSERT_LT(drawn, bound);
    low += drawn < bound / 2;
  }
  EXPECT_NEAR(low, 10'000, 300);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, ServesTheStandardDistributions) {
  Random random(5);
  EXPECT_EQ(Random::min(), 0u);
  EXPECT_EQ(std::uniform_int_distribution<int>(3, 3)(random), 3);
}

TEST(Shuffle, KeepsEveryItemAndMixesEvenly) {
  Random random(6);
  std::array<int, 4> at_front{};
  for (int i = 0; i < 40'000; ++i) {
    std::array<int, 4> items{0, 1, 2, 3};
    shuffle(items, random);
    ++at_front[static_cast<std::size_t>(items[0])];
    std::sort(items.begin(), items.end());
    ASSERT_EQ(items, (std::array<int, 4>{0, 1, 2, 3}));
  }
  for (int count : at_front) EXPECT_NEAR(count, 10'000, 400);
}

TEST(Shuffle, LeavesNothingAndOneAlone) {
  Random random(6);
  std::vector<int> none, one{9};
  shuffle(none, random);
  shuffle(one, random);
  EXPECT_EQ(one, std::vector<int>{9});
}

}  // namespace
}  // namespace duplex::measure
