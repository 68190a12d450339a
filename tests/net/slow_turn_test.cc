// R61: turns whose handlers took too long are counted, and a busy loop pays nothing for it.
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "net/reactor.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// A descriptor with work to do, each piece of it in a turn of its own; then the loop stops.
struct SlowTurns : testing::Test, ReadyHandler {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {.slow_turn = 100ms}};
  const int fd = kernel.open_descriptor();
  const WatchId id = reactor.watch(fd, Ready::in, *this).value();
  std::deque<nanoseconds> work;

  void on_ready(std::uint32_t) override {
    kernel.time += work.front();
    work.pop_front();
    if (work.empty()) reactor.stop();
  }

  // Turns one behind the other, each of which takes as long; then one of no time.
  EventLoopStats run(std::deque<nanoseconds> lengths) {
    work = std::move(lengths);
    work.push_back(0ns);
    for (std::size_t i = 0; i < work.size(); ++i) kernel.batches.push_back({{fd, Ready::in}});
    reactor.run();
    return reactor.stats();
  }

  // Nothing is ready until `rest` has passed.
  void rest(nanoseconds rest) {
    wake.task = [] {};
    reactor.arm(wake, kernel.time + rest);
  }
  struct Alarm final : Timer {
    std::function<void()> task;
    void on_timer() override { task(); }
  } wake;
};

TEST_F(SlowTurns, R61OneOfManyThatBlocksIsCountedWithItsTime) {
  const EventLoopStats stats = run({1ms, 1ms, 5s, 1ms, 1ms, 300ms, 1ms});
  EXPECT_EQ(stats.slow_turns, 2U);
  EXPECT_LE(stats.slow_time, 5300ms);
  EXPECT_GE(stats.slow_time, 5100ms) << "less at most the limit for each";
}

TEST_F(SlowTurns, R61WhenNothingComesBehindItTheTimeIsExact) {
  work = {1ms, 5s};
  kernel.batches = {{{fd, Ready::in}}, {{fd, Ready::in}}, {}};
  wake.task = [this] { reactor.stop(); };
  reactor.arm(wake, kernel.time + 30s);
  work.push_back(0ns);
  reactor.run();
  EXPECT_EQ(reactor.stats().slow_turns, 1U);
  EXPECT_EQ(reactor.stats().slow_time, 5s);
  reactor.disarm(wake);
}

TEST_F(SlowTurns, R61InALoopThatHasRestedAnythingAboveTheLimitIsCounted) {
  work = {100ms, 100ms + 1ns, 0ns};
  kernel.batches = {{}, {{fd, Ready::in}}, {{fd, Ready::in}}, {{fd, Ready::in}}};
  rest(1h);
  reactor.run();
  EXPECT_EQ(reactor.stats().slow_turns, 1U);
  EXPECT_EQ(reactor.stats().slow_time, 100ms + 1ns);
}

TEST_F(SlowTurns, R61ManyWithinTheLimitAreNone) {
  EXPECT_EQ(run(std::deque<nanoseconds>(1000, 9ms)).slow_turns, 0U);
  EXPECT_EQ(run(std::deque<nanoseconds>(1000, 100ms)).slow_turns, 0U);
}

TEST_F(SlowTurns, R61RestIsNoWork) {
  work = {1ms, 1ms, 0ns};
  kernel.batches = {{{fd, Ready::in}}, {}, {}, {{fd, Ready::in}}, {{fd, Ready::in}}};
  rest(24h);
  reactor.run();
  EXPECT_EQ(reactor.stats().slow_turns, 0U);
}

TEST_F(SlowTurns, R61TimersCountToo) {
  wake.task = [this] {
    kernel.time += 2s;
    reactor.stop();
  };
  reactor.arm(wake, kernel.time + 1ms);
  reactor.run();
  EXPECT_EQ(run({}).slow_turns, 0U) << "what passes between two runs belongs to neither";
  wake.task = [this] { kernel.time += 2s; };
  reactor.arm(wake, kernel.time + 1ms);
  kernel.batches.push_back({});
  EXPECT_EQ(run({}).slow_turns, 1U);
}

TEST_F(SlowTurns, R61ABusyLoopLooksAtTheClockOncePerTurn) {
  run({1ms});
  const std::size_t before = kernel.clock_reads;
  run(std::deque<nanoseconds>(100, 1ms));
  EXPECT_LE(kernel.clock_reads, before + 102) << "one for each turn, one for the start";
}

TEST(SlowTurnsOfOthers, R61WhoTurnsTheLoopHimselfIsNotWatched) {
  ScriptedKernel kernel;
  EventLoop loop(kernel);
  for (int i = 0; i < 3; ++i) {
    loop.run_after(1ms, [&] { kernel.time += 5s; });
    loop.turn(1s);
    kernel.time += 10s;
  }
  EXPECT_EQ(loop.stats().slow_turns, 0U);
  loop.run_after(1ms, [&] { kernel.time += 5s; });
  loop.run_after(2ms, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(loop.stats().slow_turns, 1U);
}

TEST(SlowTurnsOff, R61ALimitOfNothingCountsNothing) {
  ScriptedKernel kernel;
  Reactor reactor(kernel, {.slow_turn = 0ns});
  SlowTurns::Alarm alarm;
  alarm.task = [&] {
    kernel.time += 1h;
    reactor.stop();
  };
  reactor.arm(alarm, kernel.time + 1ms);
  reactor.run();
  EXPECT_EQ(reactor.stats().slow_turns, 0U);
}

}  // namespace
}  // namespace duplex::net
