// Topics and who listens to them, when memory runs out.
#include "endpoint/topics.h"

#include <gtest/gtest.h>

#include <new>
#include <string>

#include "../support/allocations.h"

namespace duplex::endpoint {
namespace {

struct Somebody : Subscriber {};

// True when the allocation after `successes` more failed, and subscribing with it.
bool fails_to_subscribe(Topics& topics, Subscriber& subscriber, std::size_t successes) {
  const support::FailingAllocation failing(successes);
  try {
    topics.subscribe(subscriber, "a topic whose name is not short");
  } catch (const std::bad_alloc&) {
    return true;
  }
  return failing.struck();
}

TEST(Topics, WithoutMemoryNothingIsSubscribedAndNothingIsLeft) {
  for (std::size_t successes = 0;; ++successes) {
    ASSERT_LT(successes, 20U);
    Topics topics;
    Somebody somebody;
    const std::size_t before = support::live_allocation_count();
    if (!fails_to_subscribe(topics, somebody, successes)) return;
    EXPECT_EQ(topics.subscriber_count("a topic whose name is not short"), 0U);
    topics.unsubscribe_all(somebody);
    EXPECT_EQ(support::live_allocation_count(), before) << successes;
  }
}

TEST(Topics, ASecondSubscriberFailsAlone) {
  Topics topics;
  Somebody first;
  Somebody second;
  topics.subscribe(first, "a topic whose name is not short");
  for (std::size_t successes = 0; fails_to_subscribe(topics, second, successes); ++successes) {
    ASSERT_LT(successes, 20U);
    EXPECT_EQ(topics.subscriber_count("a topic whose name is not short"), 1U);
  }
  EXPECT_EQ(topics.subscriber_count("a topic whose name is not short"), 2U);
  topics.unsubscribe_all(first);
  topics.unsubscribe_all(second);
  EXPECT_EQ(topics.subscriber_count("a topic whose name is not short"), 0U);
}

// Counted, not timed: the list of one subscriber grows as any vector does.
TEST(Topics, ManyTopicsOfOneSubscriberCostFewAllocationsEach) {
  Topics topics;
  Somebody somebody;
  const std::size_t before = support::allocation_count();
  for (int i = 0; i < 1000; ++i) topics.subscribe(somebody, "t" + std::to_string(i));
  EXPECT_LT(support::allocation_count() - before, 3 * 1000U + 100U);
  topics.unsubscribe_all(somebody);
}

}  // namespace
}  // namespace duplex::endpoint
