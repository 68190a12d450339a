// T21: what peers have time for does not pass while the loop does not listen to them.
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "net/reactor.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Deadline final : Timer {
  int fired = 0;
  void on_timer() override { ++fired; }
};

// Three descriptors, of which one wait reports two.
struct FairTime : testing::Test, ReadyHandler {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {.max_events = 2}};
  std::vector<int> fds;
  Deadline deadline;
  int read = 0;
  nanoseconds work{0};  // what it takes to read one

  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      fds.push_back(kernel.open_descriptor());
      reactor.watch(fds.back(), Ready::in, *this).value();
    }
    reactor.arm_fairly(deadline, reactor.fair_now() + 5s);
    reactor.turn(0ns);
  }
  void TearDown() override { reactor.disarm_fairly(deadline); }

  void on_ready(std::uint32_t) override {
    ++read;
    kernel.time += work;
  }

  // Its process is stopped that long, or the turn before took as long.
  void turn_after(nanoseconds time) {
    kernel.time += time;
    reactor.turn(0ns);
  }
  void make_ready(std::initializer_list<std::size_t> which) {
    std::vector<ScriptedKernel::Event> batch;
    for (const std::size_t i : which) batch.push_back({fds[i], Ready::in});
    kernel.batches.push_back(batch);
  }
};

TEST_F(FairTime, T21ADeadlineDoesNotComeNearerWhileTheProcessIsStopped) {
  const auto before = reactor.fair_now();
  turn_after(2s);
  turn_after(60s);
  EXPECT_EQ(deadline.fired, 0);
  EXPECT_EQ(reactor.fair_now(), before + 2s);
  turn_after(3s - 1ns);
  EXPECT_EQ(deadline.fired, 0);
  turn_after(1ns);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, T21NorWhileAHandlerBlocks) {
  work = 30s;
  make_ready({0});
  reactor.turn(0ns);
  reactor.turn(0ns);
  EXPECT_EQ(deadline.fired, 0);
}

TEST_F(FairTime, WhoIsALittleLateIsLate) {
  turn_after(5s + 100ms);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, ARestUntilTheDeadlineIsListening) {
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(kernel.waits.back(), 5s);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, TheWaitKnowsWhatWasMissed) {
  turn_after(60s);
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(kernel.waits.back(), 5s);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, T21NobodyIsJudgedUntilAllThatCameIsRead) {
  turn_after(4990ms);
  for (int batch = 0; batch < 2; ++batch) make_ready({0, 1});
  make_ready({2});
  turn_after(60s);
  turn_after(20ms);
  EXPECT_EQ(read, 4);
  EXPECT_EQ(deadline.fired, 0);
  turn_after(0s);
  EXPECT_EQ(read, 5);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, NorWhenTheLoopIsALittleLate) {
  make_ready({0, 1});
  turn_after(5s + 90ms);
  EXPECT_EQ(deadline.fired, 0);
  turn_after(0s);
  EXPECT_EQ(deadline.fired, 1);
}

// SIGCONT ends a wait, even of a process for which something is ready.
TEST_F(FairTime, T21AnInterruptedWaitHasReadNothing) {
  turn_after(4990ms);
  kernel.fail(Call::epoll_wait, EINTR);
  turn_after(60s);
  kernel.fail(Call::epoll_wait, EINTR);
  turn_after(20ms);
  EXPECT_EQ(deadline.fired, 0);
  make_ready({0});
  turn_after(0s);
  EXPECT_EQ(read, 1);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, T21AStopAfterAnotherDoesNotCountEither) {
  for (int stop = 0; stop < 2; ++stop) {
    make_ready({0});
    turn_after(60s);
    for (int i = 0; i < 400; ++i) {
      make_ready({0});
      turn_after(5ms);
    }
  }
  EXPECT_EQ(deadline.fired, 0);
}

TEST_F(FairTime, ButNotLongerThanThatCanTake) {
  for (int batch = 0; batch < 10; ++batch) make_ready({0, 1});
  kernel.time += 4990ms;
  turn_after(60s);
  int turns = 1;
  for (; deadline.fired == 0 && turns < 10; ++turns) turn_after(6s);
  EXPECT_EQ(turns, 4) << "four are watched: three batches at most, then one more";
}

TEST_F(FairTime, ALoopThatIsAlwaysLateJudgesAllTheSame) {
  int turns = 0;
  for (; deadline.fired == 0 && turns < 10; ++turns) turn_after(10s);
  EXPECT_EQ(turns, 2);
}

TEST_F(FairTime, SlowTurnsAndQuickOnesInTurnsExcuseNobodyForEver) {
  const auto start = kernel.time;
  while (deadline.fired == 0 && kernel.time - start < 1h) {
    turn_after(1s);
    turn_after(10ms);
  }
  EXPECT_LT(kernel.time - start, 10s);
}

TEST_F(FairTime, BetweenTurnsItDoesNotGoBack) {
  Deadline other;
  kernel.time += 60s;
  reactor.arm_fairly(other, reactor.fair_now() + 1s);
  const auto before = reactor.fair_now();
  reactor.turn(0ns);
  EXPECT_EQ(reactor.fair_now(), before);
  turn_after(1s);
  EXPECT_EQ(other.fired, 1);
}

TEST_F(FairTime, NorWithoutADeadlineBefore) {
  reactor.disarm_fairly(deadline);
  kernel.time += 60s;
  reactor.arm_fairly(deadline, reactor.fair_now() + 10s);
  turn_after(70s);
  EXPECT_EQ(deadline.fired, 0);
  turn_after(10s);
  EXPECT_EQ(deadline.fired, 1);
}

TEST_F(FairTime, TimersOfTheLoopAreNotPutOff) {
  Deadline own;
  reactor.arm(own, reactor.now() + 5s);
  turn_after(60s);
  EXPECT_EQ(own.fired, 1);
  EXPECT_EQ(deadline.fired, 0);
}

TEST_F(FairTime, WhatTheClockNeverReachesIsNoDeadline) {
  turn_after(60s);
  reactor.arm_fairly(deadline, Clock::time_point::max());
  reactor.turn(nanoseconds(-1));
  EXPECT_LT(kernel.waits.back(), 0ns);
  EXPECT_EQ(deadline.fired, 0);
}

}  // namespace
}  // namespace duplex::net
