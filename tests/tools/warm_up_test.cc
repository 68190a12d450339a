// When a bench has warmed up.
#include "../../tools/duplex/bench/warm_up.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::vector<std::chrono::nanoseconds> latencies(std::size_t count, std::chrono::nanoseconds each) {
  return std::vector(count, each);
}

TEST(WarmUpRule, WantsTimeDeliveriesAndSteadyMedians) {
  WarmUpRule rule(1min);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rule.add(latencies(500, 10ms))) << i;  // 1.5 s
  EXPECT_FALSE(rule.add(latencies(500, 11ms)));                                   // 10 % away
  EXPECT_FALSE(rule.outcome().settled);
  EXPECT_NEAR(*rule.outcome().change, 0.1, 1e-9);
  EXPECT_TRUE(rule.add(latencies(500, 10500us)));  // 4.5 % away
  EXPECT_TRUE(rule.outcome().settled);
  EXPECT_EQ(rule.outcome().seconds, 2.5);
  EXPECT_EQ(rule.outcome().deliveries, 2500U);
}

TEST(WarmUpRule, WaitsForAThousandDeliveries) {
  WarmUpRule rule(1min);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(rule.add(latencies(100, 10ms))) << i;
  EXPECT_TRUE(rule.add(latencies(100, 10ms)));
}

TEST(WarmUpRule, GivesUpAfterTheLongestTime) {
  WarmUpRule rule(1s);
  EXPECT_FALSE(rule.add({}));
  EXPECT_TRUE(rule.add({}));
  EXPECT_FALSE(rule.outcome().settled);
  EXPECT_EQ(rule.outcome().change, std::nullopt);
}

// 700 ms are half a second, and the rest of it.
TEST(WarmUpRule, ListensNoLongerThanTheLongestTime) {
  WarmUpRule rule(700ms);
  EXPECT_EQ(rule.next_window(), 500ms);
  EXPECT_FALSE(rule.add({}));
  EXPECT_EQ(rule.next_window(), 200ms);
  EXPECT_TRUE(rule.add({}));
  EXPECT_NEAR(rule.outcome().seconds, 0.7, 1e-9);
}

}  // namespace
}  // namespace duplex::tools
