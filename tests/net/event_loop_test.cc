#include "duplex/net/event_loop.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "duplex/net/linux_kernel.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct EventLoopTest : testing::Test {
  ScriptedKernel kernel;
  EventLoop loop{kernel};
  std::string log;

  void turns(int count) {
    for (int i = 0; i < count; ++i) loop.turn(nanoseconds(-1));
  }
};

TEST_F(EventLoopTest, RunsTasksAfterTheirDelay) {
  loop.run_after(20ms, [&] { log += 'b'; });
  loop.run_after(10ms, [&] { log += 'a'; });
  loop.run_after(20ms, [&] { log += 'c'; });
  turns(1);
  EXPECT_EQ(log, "a");
  turns(1);
  EXPECT_EQ(log, "abc");
  EXPECT_EQ(loop.now(), kernel.time);
}

TEST_F(EventLoopTest, ADelayCountsFromTheCallNotFromTheTurn) {
  loop.post([&] {
    kernel.time += 1s;  // a slow task
    loop.run_after(10ms, [&] { log += 'x'; });
  });
  turns(2);
  EXPECT_EQ(kernel.waits.back(), 10ms);
  EXPECT_EQ(log, "x");
}

TEST_F(EventLoopTest, ANegativeOrEndlessDelayIsNoTrouble) {
  const TimerId never = loop.run_after(Clock::duration::max(), [&] { log += 'n'; });
  const TimerId never_either =
      loop.run_after(std::chrono::milliseconds::max(), [&] { log += 'm'; });
  loop.run_after(-1h, [&] { log += 'x'; });
  loop.run_after(std::chrono::hours::min(), [&] { log += 'x'; });
  turns(1);
  EXPECT_EQ(log, "xx");
  loop.cancel(never);
  loop.cancel(never_either);
  loop.cancel(loop.run_after(Clock::duration::min(), [] {}));
}

TEST_F(EventLoopTest, CancelledTasksDoNotRun) {
  const TimerId id = loop.run_after(1ms, [&] { log += 'x'; });
  loop.cancel(id);
  loop.cancel(id);
  loop.cancel(TimerId::none);
  loop.cancel(static_cast<TimerId>(~std::uint64_t{0}));
  turns(1);
  EXPECT_EQ(log, "");
  EXPECT_LT(kernel.waits.back(), 0ns);
}

TEST_F(EventLoopTest, IdsOfTheSameSlotNeverAlias) {
  const TimerId first = loop.run_after(1ms, [] {});
  loop.cancel(first);
  const TimerId second = loop.run_after(1ms, [&] { log += 'x'; });
  EXPECT_NE(first, second);
  loop.cancel(first);
  turns(1);
  EXPECT_EQ(log, "x");
}

TEST_F(EventLoopTest, R51ATaskMayCancelItselfAndOthersAndAskAgain) {
  std::array<TimerId, 2> ids = {};
  ids[0] = loop.run_after(0ms, [&] {
    log += 'a';
    loop.cancel(ids[0]);
    loop.cancel(ids[1]);
    loop.run_after(0ms, [&] { log += 'c'; });
  });
  ids[1] = loop.run_after(0ms, [&] { log += 'b'; });
  turns(1);
  EXPECT_EQ(log, "a");
  turns(1);
  EXPECT_EQ(log, "ac");
}

TEST_F(EventLoopTest, WhatACancelledTaskHoldsMayUseTheLoopAsItGoes) {
  struct Holder {
    EventLoop& loop;
    std::string& log;
    Holder(EventLoop& its_loop, std::string& its_log) : loop(its_loop), log(its_log) {}
    ~Holder() {
      loop.run_after(0ms, [&text = log] { text += 'h'; });
    }
  };
  const TimerId id =
      loop.run_after(1h, [held = std::make_shared<Holder>(loop, log)] { held->log += 'x'; });
  loop.cancel(id);
  turns(1);
  EXPECT_EQ(log, "h");
}

TEST_F(EventLoopTest, PostedTasksRunInTheTurnAfterInOrderWithOneWakeUp) {
  EXPECT_TRUE(loop.post([&] {
    log += 'a';
    loop.post([&] { log += 'c'; });
  }));
  EXPECT_TRUE(loop.post([&] { log += 'b'; }));
  turns(1);
  EXPECT_EQ(log, "ab");
  turns(1);
  EXPECT_EQ(log, "abc");
  EXPECT_EQ(kernel.counts().of(Call::eventfd_read), 2U);
  turns(1);
  EXPECT_GT(kernel.waits.back(), 0ns) << "a glance, and then for ever";
  turns(1);
  EXPECT_LT(kernel.waits.back(), 0ns);
}

TEST_F(EventLoopTest, R40WhatTasksThrowIsReported) {
  int reported = 0;
  loop.on_exception([&](std::exception_ptr) { ++reported; });
  loop.post([] { throw 1; });
  loop.post([&] { log += 'a'; });
  loop.run_after(0ms, [] { throw 1; });
  turns(2);
  EXPECT_EQ(reported, 2);
  EXPECT_EQ(log, "a");
}

TEST_F(EventLoopTest, StopEndsTheRunThatGoesOnOrElseTheNextOne) {
  loop.stop();
  loop.run();  // at once
  EXPECT_TRUE(kernel.waits.empty());
  loop.post([&] { loop.stop(); });
  loop.post([&] { log += 'a'; });  // the turn is finished
  loop.run();
  EXPECT_EQ(log, "a");
  EXPECT_TRUE(loop.turn(0ns));
  loop.stop();
  EXPECT_FALSE(loop.turn(0ns));
  EXPECT_TRUE(loop.turn(0ns));
}

TEST(EventLoopDestruction, DropsTasksAndRefusesNewOnes) {
  ScriptedKernel kernel;
  std::function<bool(EventLoop::Task)> post;
  bool refused = false;
  struct Poster {
    std::function<bool(EventLoop::Task)>& post;
    bool& refused;
    Poster(std::function<bool(EventLoop::Task)>& its_post, bool& its_refused)
        : post(its_post), refused(its_refused) {}
    ~Poster() {
      refused = !post([] {});
    }
  };
  {
    EventLoop loop(kernel);
    post = loop.poster();
    EXPECT_TRUE(post([] {}));
    loop.post([held = std::make_shared<Poster>(post, refused)] { static_cast<void>(held); });
    loop.run_after(1s, [] {});
  }
  EXPECT_TRUE(refused);
  EXPECT_FALSE(post([] {}));
  EXPECT_TRUE(kernel.open.empty());
}

// --- With threads and signals, on Linux

TEST(EventLoopOnLinux, R53EveryTaskPostedByFourThreadsRuns) {
  constexpr int per_thread = 2'500'000;
  EventLoop loop;
  int ran = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < per_thread; ++n) {
        loop.post([&] {
          if (++ran == 4 * per_thread) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, 4 * per_thread);
}

// Each thread posts when its last task has run, so that the loop falls asleep again and again, and
// a wake-up that comes just then is the only one.
TEST(EventLoopOnLinux, R53APostWakesALoopThatFallsAsleep) {
  constexpr int per_thread = 5'000;
  EventLoop loop;
  std::array<std::atomic<int>, 4> ran = {};
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (std::atomic<int>& mine : ran) {
    threads.emplace_back([&] {
      for (int n = 0; n < per_thread && !over; ++n) {
        loop.post([&] { mine.store(mine + 1, std::memory_order_release); });
        while (mine <= n && !over) std::this_thread::yield();
      }
      loop.post([&, all = 4 * per_thread] {
        if (std::accumulate(ran.begin(), ran.end(), 0) == all) loop.stop();
      });
    });
  }
  loop.run_after(60s, [&] { loop.stop(); });  // then one has been lost
  loop.run();
  over = true;
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int>& one : ran) EXPECT_EQ(one, per_thread);
}

TEST(EventLoopOnLinux, R53AFullCounterStillWakes) {
  LinuxKernel kernel;
  const int fd = kernel.eventfd();
  const int epoll = kernel.epoll_create();
  ASSERT_EQ(kernel.epoll_ctl(epoll, EpollOperation::add, fd, {.events = Ready::in, .data = 7}), 0);
  ASSERT_EQ(kernel.wake(fd), 0);
  ASSERT_EQ(kernel.wake(fd), 0);
  std::array<Ready, 4> ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 0ns), 1);
  EXPECT_EQ(std::uint64_t{ready[0].data}, 7U);
  EXPECT_EQ(kernel.clear_wake(fd), 0);
  EXPECT_EQ(kernel.clear_wake(fd), -EAGAIN);
  kernel.close(fd);
  kernel.close(epoll);
}

TEST(EventLoopOnLinux, R54PostingWhileTheLoopIsDestroyedIsRefused) {
  for (int round = 0; round < 50; ++round) {
    auto loop = std::make_optional<EventLoop>();
    std::thread thread([post = loop->poster()] {
      while (post([] {})) {
      }
    });
    loop->turn(0ns);
    loop.reset();
    thread.join();
  }
}

TEST(EventLoopOnLinux, StopComesFromAnotherThread) {
  EventLoop loop;
  std::thread thread([&] { loop.stop(); });
  loop.run();
  thread.join();
}

TEST(EventLoopOnLinux, R55SignalsArriveAsEvents) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    EventLoop loop;
    std::vector<int> seen;
    const std::array signals = {SIGTERM, SIGHUP};
    loop.on_signal(signals, [&](int signal) {
      seen.push_back(signal);
      if (seen.size() == 2) loop.stop();
      throw 1;  // does not lose the second one
    });
    ::raise(SIGTERM);
    ::raise(SIGHUP);
    loop.run();
    EXPECT_EQ(seen, (std::vector<int>{SIGHUP, SIGTERM}));
    const std::array bad = {-1};
    EXPECT_THROW(loop.on_signal(bad, [](int) {}), std::system_error);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(EventLoopOnLinux, AnIdleLoopSleeps) {
  EventLoop loop;
  std::thread thread([&] {
    std::this_thread::sleep_for(50ms);
    loop.stop();
  });
  loop.run();
  thread.join();
  EXPECT_EQ(loop.kernel().counts().of(Call::epoll_wait), 1U);
}

TEST(EventLoopOnLinux, TimersAreNeverEarly) {
  EventLoop loop;
  const auto start = Clock::now();
  Clock::time_point fired = start;
  loop.run_after(1500us, [&] {
    fired = Clock::now();
    loop.stop();
  });
  loop.run();
  EXPECT_GE(fired - start, 1500us);
  EXPECT_LE(loop.kernel().counts().of(Call::epoll_wait), 3U);
}

}  // namespace
}  // namespace duplex::net
