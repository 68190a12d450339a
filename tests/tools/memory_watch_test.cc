// The slope of a server's memory, in made-up time.
#include "../../tools/duplex/load/memory_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "../../tools/duplex/load/process_use.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(MemorySlope, NeedsTwoTimes) {
  MemorySlope slope;
  EXPECT_EQ(slope.per_second(), std::nullopt);
  slope.add(1, 100);
  EXPECT_EQ(slope.per_second(), std::nullopt);
  slope.add(1, 200);
  EXPECT_EQ(slope.per_second(), std::nullopt);
  slope.add(2, 250);
  EXPECT_DOUBLE_EQ(slope.per_second().value(), 100);
}

// Of (0, 0), (1, 3), (2, 1), (3, 4): 5 / 5. What is added to all changes nothing, however large.
TEST(MemorySlope, HasTheLeastSquares) {
  for (const double base : {0.0, 1e12}) {
    MemorySlope slope;
    const std::vector<double> bytes = {0, 3, 1, 4};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      slope.add(static_cast<double>(i), base + bytes[i]);
    }
    EXPECT_NEAR(slope.per_second().value(), 1, 1e-3) << base;
  }
}

// The times at which it looks, with memory that grows by 1,000 bytes per second.
std::vector<nanoseconds> looks_of(nanoseconds duration) {
  std::vector<nanoseconds> times;
  nanoseconds now = 0ns;
  MemoryWatch watch(duration, [&] {
    times.push_back(now);
    return 5'000'000 + static_cast<std::uint64_t>(now / 1ms);
  });
  while (const auto wait = watch.look(now)) now += *wait;
  EXPECT_NEAR(watch.per_second().value(), 1000, 1);
  return times;
}

TEST(MemoryWatch, LooksEachSecondAsLongAsTheLoadLasts) {
  EXPECT_EQ(looks_of(60s).size(), 61U);
  EXPECT_EQ(looks_of(60s)[1], 1s);
  EXPECT_EQ(looks_of(60s).back(), 60s);
  EXPECT_EQ(looks_of(2s).size(), 21U);
  EXPECT_EQ(looks_of(2s)[1], 100ms);
}

TEST(MemoryWatch, EndsWithTheServer) {
  int reads = 0;
  MemoryWatch watch(60s, [&]() -> std::optional<std::uint64_t> {
    if (++reads == 3) return std::nullopt;
    return 1000;
  });
  EXPECT_TRUE(watch.look(0s));
  EXPECT_TRUE(watch.look(1s));
  EXPECT_FALSE(watch.look(2s));
  EXPECT_EQ(watch.per_second(), 0.0) << "of what was seen";
}

TEST(MemoryWatch, ReadsTheMemoryOfAProcess) {
  const auto size = resident_size(getpid());
  ASSERT_TRUE(size);
  EXPECT_GT(*size, 100'000U);
  EXPECT_FALSE(resident_size(-1));
}

}  // namespace
}  // namespace duplex::tools
