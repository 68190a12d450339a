// Delays between attempts.
#include "duplex/socketio/backoff.h"

#include <gtest/gtest.h>

namespace duplex::socketio {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, DoublesUpToItsLimit) {
  Backoff backoff;
  for (const int expected : {1000, 2000, 4000, 5000, 5000}) {
    EXPECT_EQ(backoff.next(0.5), milliseconds(expected));
  }
  EXPECT_EQ(backoff.attempts(), 5U);
  backoff.reset();
  EXPECT_EQ(backoff.attempts(), 0U);
  EXPECT_EQ(backoff.next(0.5), milliseconds(1000));
}

TEST(BackoffTest, SpreadsByItsJitter) {
  EXPECT_EQ(Backoff().next(0), milliseconds(500));
  EXPECT_EQ(Backoff().next(0.75), milliseconds(1250));
  EXPECT_EQ(Backoff({.jitter = 0}).next(0), milliseconds(1000));
  EXPECT_EQ(Backoff({.max_delay = milliseconds(700)}).next(0.9), milliseconds(700));
}

TEST(BackoffTest, GoesOnForEver) {
  Backoff backoff({.max_delay = milliseconds(10'000)});
  for (int i = 0; i < 5000; ++i) backoff.next(0);
  EXPECT_EQ(backoff.next(0.999), milliseconds(10'000));
}

}  // namespace
}  // namespace duplex::socketio
