// The slope of a server's memory, in made-up time.
#include "../../tools/duplex/load/memory_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "../../tools/duplex/load/process_use.h"
#include "child.h"

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
    if (++reads == 11) return std::nullopt;
    return 1000;
  });
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(watch.look(i * 1s));
  EXPECT_FALSE(watch.look(10s));
  EXPECT_EQ(watch.per_second(), 0.0) << "of what was seen";
}

// The slope after so many looks, one each `gap`.
std::optional<double> slope_after(int looks, nanoseconds gap) {
  std::uint64_t size = 1000;
  MemoryWatch watch(60s, [&size] { return size += 1000; });
  for (int i = 0; i < looks; ++i) watch.look(i * gap);
  return watch.per_second();
}

TEST(MemoryWatch, SaysNothingOfWhatWouldBeNoise) {
  EXPECT_FALSE(slope_after(3, 1s));
  EXPECT_FALSE(slope_after(9, 1s));
  EXPECT_TRUE(slope_after(10, 1s));
  EXPECT_FALSE(slope_after(20, 50ms)) << "within 950 ms";
  EXPECT_TRUE(slope_after(21, 50ms));
}

// It is still there, for its parent to ask how it ended.
TEST(MemoryWatch, ReadsNothingOfAProcessThatHasEnded) {
  const Child child([] { return ExitCode::ok; });
  siginfo_t how = {};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child.pid()), &how, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(kill(child.pid(), 0), 0);
  EXPECT_FALSE(resident_size(child.pid()));
  EXPECT_FALSE(process_use(child.pid()));
  EXPECT_EQ(child.wait(), 0);
}

TEST(MemoryWatch, ReadsTheMemoryOfAProcess) {
  const auto size = resident_size(getpid());
  ASSERT_TRUE(size);
  EXPECT_GT(*size, 100'000U);
  EXPECT_FALSE(resident_size(-1));
}

}  // namespace
}  // namespace duplex::tools
