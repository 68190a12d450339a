// Long polls served one event at a time, and in pairs.
#include "measure/long_poll_variants.h"

#include <gtest/gtest.h>

#include <cmath>

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;

Scenario feed(double rate) { return {.one_way_delay = 50ms, .rate = rate}; }

TEST(OneEventLongPoll, IsAQueueThatOverflows) {
  EXPECT_EQ(one_event_long_poll_mean(feed(10)), Seconds(HUGE_VAL));
  EXPECT_NEAR(one_event_long_poll_mean(feed(5)).count(), 0.1, 1e-12);
  EXPECT_NEAR(one_event_long_poll_mean(feed(0.001)).count(), 0.05, 1e-5);
}

TEST(TwoParkedLongPolls, AreAPushWhileEventsAreRare) {
  const TwoParkedPolls rare = two_parked_long_polls(feed(0.01));
  EXPECT_NEAR(rare.mean.count(), 0.05, 1e-6);
  EXPECT_NEAR(rare.requests_per_event, 1, 1e-3);
}

TEST(TwoParkedLongPolls, HalveTheWaitOfABusyFeed) {
  const TwoParkedPolls busy = two_parked_long_polls(feed(5000));
  EXPECT_NEAR(busy.mean.count(), 0.05 + 0.025, 1e-4);
  EXPECT_NEAR(busy.requests_per_event * 5000, 20, 0.1);
}

TEST(TwoParkedLongPolls, NeverWaitLongerThanOne) {
  for (const double rate : {0.5, 2.0, 10.0, 40.0}) {
    EXPECT_LT(two_parked_long_polls(feed(rate)).mean,
              predict(Transport::long_poll, feed(rate)).latency.mean());
  }
}

TEST(TwoParkedLongPolls, WaitForNothingOnAPathWithoutDelay) {
  Scenario scenario = feed(10);
  scenario.one_way_delay = 0s;
  EXPECT_EQ(two_parked_long_polls(scenario).mean, 0s);
}

}  // namespace
}  // namespace duplex::measure
