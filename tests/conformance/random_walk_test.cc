// A thousand random walks through a simulated world: see random_walk.h for what each of them holds
// the library to. DUPLEX_SEED=n walks that one again, DUPLEX_SEEDS=50000 that many.
#include "random_walk.h"

#include <gtest/gtest.h>

#include <string>

#include "../support/seeds.h"

namespace duplex::conformance {
namespace {

constexpr std::uint64_t part_count = 4;

std::uint64_t seeds_per_part() {
  return support::number_from_environment("DUPLEX_SEEDS", 1000) / part_count;
}

void walk(std::uint64_t seed) {
  SCOPED_TRACE("again with DUPLEX_SEED=" + std::to_string(seed));
  RandomWalk(seed).run();
}

// Several tests, so that one of them can run alone.
void walk_part(std::uint64_t part) {
  if (const std::uint64_t only = support::seed_from_environment(); only != 0) {
    if (only % part_count == part) walk(only);
    return;
  }
  const std::uint64_t first = part * seeds_per_part() + 1;
  for (std::uint64_t seed = first; seed < first + seeds_per_part(); ++seed) {
    walk(seed);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(RandomWalk, HoldsForTheFirstQuarterOfTheSeeds) { walk_part(0); }
TEST(RandomWalk, HoldsForTheSecondQuarterOfTheSeeds) { walk_part(1); }
TEST(RandomWalk, HoldsForTheThirdQuarterOfTheSeeds) { walk_part(2); }
TEST(RandomWalk, HoldsForTheFourthQuarterOfTheSeeds) { walk_part(3); }

TEST(RandomWalk, MakesTheSameCallsAgainWithTheSameSeed) {
  for (const std::uint64_t seed : {1U, 500U, 777U}) {
    EXPECT_EQ(RandomWalk(seed).run(), RandomWalk(seed).run()) << seed;
  }
}

}  // namespace
}  // namespace duplex::conformance
