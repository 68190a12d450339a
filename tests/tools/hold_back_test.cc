// A slow link played by the server, in virtual time.
#include "../../tools/duplex/serve/hold_back.h"

#include <gtest/gtest.h>

#include "../support/simulated.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

class HoldBackTest : public testing::Test {
 protected:
  EventLoop& loop() { return world_.server_side.loop; }
  HoldBack::Task note(int number) {
    return [this, number] { seen_.emplace_back(number, world_.world.elapsed()); };
  }

  support::SimulatedServer world_;
  std::vector<std::pair<int, net::Clock::duration>> seen_;
};

TEST_F(HoldBackTest, EachTaskComesALinkLaterAndInOrder) {
  HoldBack link(loop(), 20ms);
  link.pass(note(1));
  link.pass(note(2));
  world_.runner.run_for(5ms);
  link.pass(note(3));
  EXPECT_TRUE(seen_.empty());
  world_.runner.run_for(100ms);
  ASSERT_EQ(seen_.size(), 3U);
  EXPECT_EQ(seen_[0], std::pair(1, net::Clock::duration(20ms)));
  EXPECT_EQ(seen_[1], std::pair(2, net::Clock::duration(20ms)));
  EXPECT_EQ(seen_[2], std::pair(3, net::Clock::duration(25ms)));
}

TEST_F(HoldBackTest, WithoutDelayATaskRunsAtOnce) {
  HoldBack link(loop(), 0ms);
  link.pass(note(1));
  EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(HoldBackTest, ATaskMayPassAnother) {
  HoldBack link(loop(), 20ms);
  link.pass([&] { link.pass(note(1)); });
  world_.runner.run_for(100ms);
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].second, 40ms);
}

TEST_F(HoldBackTest, WhatIsHeldGoesWithIt) {
  {
    HoldBack link(loop(), 20ms);
    link.pass(note(1));
  }
  world_.runner.run_for(100ms);
  EXPECT_TRUE(seen_.empty());
}

}  // namespace
}  // namespace duplex::tools
