// Schedules of events: exact periods, exponential gaps, random phases.
#include "measure/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Schedule, PeriodicEventsStandAtMultiplesOfThePeriod) {
  Schedule schedule({.arrivals = Arrivals::periodic, .rate = 4}, Random(1));
  EXPECT_EQ(schedule.next(), 0ms);
  EXPECT_EQ(schedule.next(), 250ms);
  EXPECT_EQ(schedule.next(), 500ms);
}

TEST(Schedule, PeriodThatIsNoWholeNanosecondDoesNotDrift) {
  const auto instants =
      draw_schedule({.arrivals = Arrivals::periodic, .rate = 3}, Random(1), 3'000'001);
  EXPECT_EQ(instants[1], 333'333'333ns);
  EXPECT_EQ(instants[3], 1s);
  EXPECT_EQ(instants.back(), 1'000'000s);
}

TEST(Schedule, PhaseMovesTheWholeSchedule) {
  const ScheduleOptions early{.arrivals = Arrivals::poisson, .rate = 5};
  ScheduleOptions late = early;
  late.phase = 70ms;
  auto moved = draw_schedule(early, Random(9), 20);
  for (auto& instant : moved) instant += 70ms;
  EXPECT_EQ(draw_schedule(late, Random(9), 20), moved);
}

TEST(Schedule, SeedDecidesAPoissonSchedule) {
  const ScheduleOptions options{.rate = 5};
  EXPECT_EQ(draw_schedule(options, Random(9), 20), draw_schedule(options, Random(9), 20));
  EXPECT_NE(draw_schedule(options, Random(9), 20), draw_schedule(options, Random(8), 20));
}

TEST(Schedule, PoissonGapsHaveExponentialMeanAndSpread) {
  constexpr std::size_t count = 200'000;
  const auto instants = draw_schedule({.rate = 10}, Random(3), count);
  EXPECT_TRUE(std::is_sorted(instants.begin(), instants.end()));
  const double mean = static_cast<double>(instants.back().count()) / count;
  double squares = 0;
  long beyond_mean = 0;
  nanoseconds before = 0ns;
  for (const nanoseconds instant : instants) {
    const auto gap = static_cast<double>((instant - before).count());
    squares += gap * gap;
    beyond_mean += gap > 1e8;
    before = instant;
  }
  EXPECT_NEAR(mean, 1e8, 1e6);
  EXPECT_NEAR(squares / count, 2e16, 4e14);
  EXPECT_NEAR(static_cast<double>(beyond_mean) / count, 0.36788, 0.004);
}

TEST(RandomPhase, IsEvenOverThePeriod) {
  Random random(5);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const nanoseconds phase = random_phase(250ms, random);
    ASSERT_GE(phase, 0ns);
    ASSERT_LT(phase, 250ms);
    sum += static_cast<double>(phase.count());
  }
  EXPECT_NEAR(sum / 10'000, 125e6, 2e6);
}

}  // namespace
}  // namespace duplex::measure
