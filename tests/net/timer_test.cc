#include "net/timer.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "net/reactor.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Alarm final : Timer {
  ~Alarm() override = default;
  std::function<void()> task = [] {};
  void on_timer() override { task(); }
};

Clock::time_point at(int milliseconds) {
  return Clock::time_point(std::chrono::milliseconds(milliseconds));
}

TEST(TimerHeap, FiresInTheOrderOfDeadlinesAndThenOfArming) {
  TimerHeap heap;
  std::array<Alarm, 50> alarms;
  std::vector<std::size_t> fired;
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    alarms[i].task = [&fired, i] { fired.push_back(i); };
    heap.arm(alarms[i], at(static_cast<int>(i % 5)));
  }
  while (!heap.empty()) heap.fire_next();
  ASSERT_EQ(fired.size(), alarms.size());
  for (std::size_t i = 1; i < fired.size(); ++i) {
    const bool same_deadline = fired[i] % 5 == fired[i - 1] % 5;
    EXPECT_TRUE(same_deadline ? fired[i] > fired[i - 1] : fired[i] % 5 > fired[i - 1] % 5);
  }
}

TEST(TimerHeap, AgreesWithASortedListUnderRandomUse) {
  TimerHeap heap;
  std::mt19937 random(1);
  std::vector<Alarm> alarms(200);
  std::vector<int> deadlines(alarms.size(), -1);  // -1: not armed
  const auto earliest = [&] {
    int best = -1;
    for (const int deadline : deadlines) {
      if (deadline >= 0 && (best < 0 || deadline < best)) best = deadline;
    }
    return best;
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random() % alarms.size();
    if (random() % 3 != 0) {
      deadlines[i] = static_cast<int>(random() % 1000);
      heap.arm(alarms[i], at(deadlines[i]));
    } else {
      deadlines[i] = -1;
      heap.disarm(alarms[i]);
    }
    ASSERT_EQ(alarms[i].armed(), deadlines[i] >= 0);
    ASSERT_EQ(heap.empty(), earliest() < 0);
    if (!heap.empty()) {
      ASSERT_EQ(heap.next(), at(earliest()));
    }
  }
  for (Alarm& alarm : alarms) heap.disarm(alarm);
  EXPECT_EQ(heap.size(), 0U);
}

struct TimersTest : testing::Test {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {}};
  Clock::time_point start = kernel.time;

  // Turns until nothing is armed or requested, at most `turns` times.
  void run(int turns = 1000) {
    for (; turns > 0; --turns) {
      reactor.turn(nanoseconds(-1));
      if (kernel.waits.back() < 0ns) return;
    }
  }
};

TEST_F(TimersTest, FireAtTheirTimeAndOnlyOnce) {
  Alarm alarm;
  std::vector<nanoseconds> fired;
  alarm.task = [&] { fired.push_back(reactor.now() - start); };
  reactor.arm(alarm, start + 30ms);
  reactor.arm(alarm, start + 20ms);
  EXPECT_TRUE(alarm.armed());
  run();
  EXPECT_EQ(fired, std::vector<nanoseconds>{20ms});
  EXPECT_FALSE(alarm.armed());
}

TEST_F(TimersTest, AFarDeadlineCostsOneWakeUp) {
  Alarm alarm;
  nanoseconds fired = 0ns;
  alarm.task = [&] { fired = reactor.now() - start; };
  reactor.arm(alarm, start + 25s);
  run();
  EXPECT_EQ(fired, 25s);
  EXPECT_EQ(kernel.waits, (std::vector<nanoseconds>{25s, -1ns}));
}

TEST_F(TimersTest, R52AWaitIsAsLongAsTheClockSaysAfterASlowHandler) {
  Alarm slow;
  Alarm alarm;
  nanoseconds fired = 0ns;
  slow.task = [&] { kernel.time += 30ms; };
  alarm.task = [&] { fired = reactor.now() - start; };
  reactor.arm(slow, start + 1ms);
  reactor.arm(alarm, start + 50ms);
  run();
  EXPECT_EQ(fired, 50ms);
  EXPECT_EQ(kernel.waits, (std::vector<nanoseconds>{1ms, 19ms, -1ns}));
}

struct Busy final : ReadyHandler {
  std::function<void()> task = [] {};
  void on_ready(std::uint32_t) override { task(); }
};

TEST_F(TimersTest, R61AHandlerThatBlocksDoesNotMakeDistantTimersLate) {
  Busy busy;
  const int fd = kernel.open_descriptor();
  ASSERT_TRUE(reactor.watch(fd, Ready::in, busy).has_value());
  busy.task = [&] { kernel.time += 5s; };
  Alarm alarm;
  nanoseconds fired = 0ns;
  alarm.task = [&] { fired = reactor.now() - start; };
  reactor.arm(alarm, start + 25s);
  kernel.batches.push_back({{fd, Ready::in}});
  run();
  EXPECT_EQ(fired, 25s);
  EXPECT_EQ(kernel.waits.size(), 4U);  // ready, halfway, due, asleep
}

TEST_F(TimersTest, ABusyLoopLooksAtTheClockOncePerTurn) {
  Busy busy;
  const int fd = kernel.open_descriptor();
  ASSERT_TRUE(reactor.watch(fd, Ready::in, busy).has_value());
  Alarm alarm;
  reactor.arm(alarm, start + 25s);
  kernel.batches.assign(11, {{fd, Ready::in}});
  reactor.turn(nanoseconds(-1));
  const std::size_t before = kernel.clock_reads;
  for (int i = 0; i < 10; ++i) reactor.turn(nanoseconds(-1));
  EXPECT_EQ(kernel.clock_reads, before + 10);
  reactor.disarm(alarm);
}

TEST_F(TimersTest, R52SubMillisecondDeadlinesNeitherSpinNorFireEarly) {
  Alarm alarm;
  nanoseconds fired = 0ns;
  alarm.task = [&] { fired = reactor.now() - start; };
  reactor.arm(alarm, start + 300us);
  run();
  EXPECT_EQ(fired, 300us);
  EXPECT_EQ(kernel.waits.size(), 2U);
}

TEST_F(TimersTest, MaxWaitBoundsTheWait) {
  Alarm alarm;
  reactor.arm(alarm, start + 50ms);
  reactor.turn(10ms);
  reactor.turn(0ms);
  EXPECT_EQ(kernel.waits, (std::vector<nanoseconds>{10ms, 0ms}));
  reactor.disarm(alarm);
  reactor.turn(7ms);
  EXPECT_EQ(kernel.waits.back(), 7ms);
}

TEST_F(TimersTest, R51RearmingWithNoDelayWaitsForTheNextTurn) {
  Alarm alarm;
  int fired = 0;
  alarm.task = [&] {
    if (++fired < 5) reactor.arm(alarm, reactor.now());
  };
  reactor.arm(alarm, reactor.now() - 1h);
  for (int turn = 1; turn <= 5; ++turn) {
    reactor.turn(nanoseconds(-1));
    EXPECT_EQ(fired, turn);
  }
}

TEST_F(TimersTest, R51ACallbackMayDisarmAndDestroyOthersThatAreDue) {
  auto victim = std::make_unique<Alarm>();
  Alarm spared;
  Alarm killer;
  bool fired = false;
  victim->task = spared.task = [&] { fired = true; };
  killer.task = [&] {
    reactor.disarm(*victim);
    victim.reset();
    reactor.disarm(spared);
    reactor.disarm(killer);
  };
  reactor.arm(killer, start);
  reactor.arm(*victim, start);
  reactor.arm(spared, start);
  run();
  EXPECT_FALSE(fired);
}

TEST_F(TimersTest, T22ManyDueTimersAllFireWithDescriptorsServedBetween) {
  constexpr int count = 100'000;
  std::vector<Alarm> alarms(count);
  int fired = 0;
  for (Alarm& alarm : alarms) {
    alarm.task = [&] { ++fired; };
    reactor.arm(alarm, start + 1ms);
  }
  Busy busy;
  const int fd = kernel.open_descriptor();
  ASSERT_TRUE(reactor.watch(fd, Ready::in, busy).has_value());
  kernel.batches.assign(count / 1000, {{fd, Ready::in}});
  int served = 0;
  busy.task = [&] { ++served; };
  kernel.time += 1s;
  for (int turn = 1; fired < count; ++turn) {
    reactor.turn(nanoseconds(-1));
    ASSERT_EQ(fired, 1000 * turn);
    ASSERT_EQ(served, turn);
    ASSERT_EQ(kernel.waits.back(), 0ns);
  }
}

TEST_F(TimersTest, R50LargeClocksAndLargeDeadlines) {
  kernel.time = Clock::time_point(std::chrono::hours(24 * 365 * 100));
  Alarm soon;
  Alarm never;
  bool fired = false;
  soon.task = [&] { fired = true; };
  reactor.arm(never, Clock::time_point::max());
  reactor.arm(soon, kernel.time + 5ms);
  reactor.turn(nanoseconds(-1));
  EXPECT_TRUE(fired);
  EXPECT_TRUE(never.armed());
  reactor.turn(1ms);
  reactor.disarm(never);
}

}  // namespace
}  // namespace duplex::net
