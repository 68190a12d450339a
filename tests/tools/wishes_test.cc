// Signals that ask a command to end, and how often they ask.
#include "../../tools/duplex/wishes.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

constexpr net::Clock::time_point at(int milliseconds) {
  return net::Clock::time_point(std::chrono::milliseconds(milliseconds));
}

TEST(Wishes, ASignalThatIsPassedOnIsTheSameWish) {
  Wishes wishes;
  EXPECT_EQ(wishes.count(), 0);
  EXPECT_TRUE(wishes.hear(at(5000)));
  EXPECT_FALSE(wishes.hear(at(5000)));
  EXPECT_FALSE(wishes.hear(at(5100)));
  EXPECT_EQ(wishes.count(), 1);
}

TEST(Wishes, ASignalLaterOnIsAnotherOne) {
  Wishes wishes;
  EXPECT_TRUE(wishes.hear(at(0)));
  EXPECT_TRUE(wishes.hear(at(101)));
  EXPECT_FALSE(wishes.hear(at(102)));
  EXPECT_TRUE(wishes.hear(at(1000)));
  EXPECT_EQ(wishes.count(), 3);
}

}  // namespace
}  // namespace duplex::tools
