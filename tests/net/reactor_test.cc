#include "net/reactor.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Handler final : ReadyHandler {
  std::function<void(std::uint32_t)> ready = [](std::uint32_t) {};
  std::function<void()> flush = [] {};
  std::function<void()> resume = [] {};
  void on_ready(std::uint32_t events) override { ready(events); }
  void on_flush() override { flush(); }
  void on_resume() override { resume(); }
};

struct Alarm final : Timer {
  explicit Alarm(std::function<void()> call) : task(std::move(call)) {}
  std::function<void()> task;
  void on_timer() override { task(); }
};

struct Dying final : Mortal {
  std::function<void()> task;
  explicit Dying(std::function<void()> call) : task(std::move(call)) {}
  void destroy() override { task(); }
};

struct ReactorTest : testing::Test {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {}};
  std::string log;

  WatchId watch(int fd, Handler& handler) { return reactor.watch(fd, Ready::in, handler).value(); }
  std::uint64_t controls() const { return kernel.counts().of(Call::epoll_ctl); }
};

TEST_F(ReactorTest, ReportsWhatEpollReports) {
  Handler handler;
  std::uint32_t seen = 0;
  handler.ready = [&](std::uint32_t events) { seen = events; };
  const int fd = kernel.open_descriptor();
  watch(fd, handler);
  EXPECT_EQ(reactor.watched_count(), 2U);  // with the eventfd
  kernel.batches.push_back({{fd, Ready::in | Ready::hang_up}});
  EXPECT_TRUE(reactor.turn(nanoseconds(-1)));
  EXPECT_EQ(seen, Ready::in | Ready::hang_up);
}

TEST_F(ReactorTest, R22AnInterruptedWaitChangesNothing) {
  Alarm alarm([&] { log += 'a'; });
  reactor.arm(alarm, kernel.time + 50ms);
  kernel.fail(Call::epoll_wait, EINTR, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(reactor.turn(nanoseconds(-1)));
  EXPECT_EQ(log, "");
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "a");
  EXPECT_EQ(kernel.waits, std::vector<nanoseconds>(4, 50ms));
}

TEST_F(ReactorTest, AnEpollThatFailsIsReported) {
  kernel.fail(Call::epoll_wait, EBADF);
  EXPECT_THROW(reactor.turn(nanoseconds(-1)), std::system_error);
}

TEST_F(ReactorTest, R24AnEventForADescriptorClosedInTheSameBatchIsDropped) {
  Handler a;
  Handler b;
  const int fd_a = kernel.open_descriptor();
  const int fd_b = kernel.open_descriptor();
  watch(fd_a, a);
  const WatchId id_b = watch(fd_b, b);
  a.ready = [&](std::uint32_t) {
    reactor.unwatch(id_b);
    kernel.close(fd_b);
  };
  b.ready = [&](std::uint32_t) { log += 'b'; };
  kernel.batches.push_back({{fd_a, Ready::in}, {fd_b, Ready::in}});
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "");
}

TEST_F(ReactorTest, R25AReusedNumberDoesNotGetTheOldOnesEvent) {
  Handler a;
  Handler b;
  Handler successor;
  const int fd_a = kernel.open_descriptor();
  const int fd_b = kernel.open_descriptor();
  watch(fd_a, a);
  const WatchId id_b = watch(fd_b, b);
  WatchId id_successor = WatchId::none;
  a.ready = [&](std::uint32_t) {
    reactor.unwatch(id_b);
    kernel.close(fd_b);
    ASSERT_EQ(kernel.open_descriptor(), fd_b);
    id_successor = watch(fd_b, successor);
  };
  b.ready = successor.ready = [&](std::uint32_t) { log += 'x'; };
  kernel.batches.push_back({{fd_a, Ready::in}, {fd_b, Ready::in}});
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "");
  EXPECT_NE(id_successor, id_b);
  kernel.batches.push_back({{fd_b, Ready::in}});
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "x");
}

TEST_F(ReactorTest, R26AWatchThatFailsLeavesNothing) {
  Handler handler;
  const int fd = kernel.open_descriptor();
  for (const int error : {ENOMEM, ENOSPC}) {
    kernel.fail(Call::epoll_ctl, error);
    const auto id = reactor.watch(fd, Ready::in, handler);
    ASSERT_FALSE(id.has_value());
    EXPECT_EQ(id.error().value(), error);
    EXPECT_EQ(reactor.watched_count(), 1U);
  }
  EXPECT_TRUE(reactor.watch(fd, Ready::in, handler).has_value());
}

TEST_F(ReactorTest, AnUnchangedInterestCostsNoCall) {
  Handler handler;
  const int fd = kernel.open_descriptor();
  const WatchId id = watch(fd, handler);
  const auto before = controls();
  EXPECT_FALSE(reactor.change_interest(id, Ready::in));
  EXPECT_EQ(controls(), before);
  EXPECT_FALSE(reactor.change_interest(id, Ready::in | Ready::out));
  EXPECT_FALSE(reactor.change_interest(id, Ready::in | Ready::out));
  EXPECT_EQ(controls(), before + 1);
  EXPECT_EQ(kernel.interests[fd].events, Ready::in | Ready::out);
}

TEST_F(ReactorTest, R27ControlsThatFailAreReportedOrIgnored) {
  Handler handler;
  const WatchId id = watch(kernel.open_descriptor(), handler);
  kernel.fail(Call::epoll_ctl, ENOENT);
  EXPECT_EQ(reactor.change_interest(id, Ready::out), std::errc::no_such_file_or_directory);
  EXPECT_FALSE(reactor.change_interest(id, Ready::out));  // not remembered as done
  kernel.fail(Call::epoll_ctl, EBADF);
  reactor.unwatch(id);
  EXPECT_EQ(reactor.watched_count(), 1U);
  EXPECT_EQ(reactor.change_interest(id, Ready::in), std::errc::bad_file_descriptor);
}

TEST_F(ReactorTest, StaleAndUnknownIdsAreIgnored) {
  Handler handler;
  const WatchId id = watch(kernel.open_descriptor(), handler);
  handler.flush = handler.resume = [&] { log += 'x'; };
  reactor.request_flush(id);
  reactor.request_resume(id);
  reactor.unwatch(id);
  const auto before = controls();
  reactor.unwatch(id);
  reactor.forget(id);
  reactor.unwatch(WatchId::none);
  reactor.unwatch(static_cast<WatchId>(99));
  EXPECT_EQ(controls(), before);
  reactor.turn(nanoseconds(0));
  reactor.turn(nanoseconds(0));
  EXPECT_EQ(log, "");
}

TEST_F(ReactorTest, ForgettingCostsNoCall) {
  Handler handler;
  const WatchId id = watch(kernel.open_descriptor(), handler);
  const auto before = controls();
  reactor.forget(id);
  EXPECT_EQ(controls(), before);
  EXPECT_EQ(reactor.watched_count(), 1U);
}

TEST(ReactorConstruction, R29FailingLeavesNoDescriptor) {
  for (const Call call : {Call::epoll_create, Call::eventfd, Call::epoll_ctl}) {
    ScriptedKernel kernel;
    kernel.fail(call, EMFILE);
    try {
      Reactor reactor(kernel, {});
      ADD_FAILURE() << name_of(call);
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::too_many_files_open);
      EXPECT_NE(std::string(error.what()).find(name_of(call)), std::string::npos) << error.what();
    }
    EXPECT_TRUE(kernel.open.empty()) << name_of(call);
  }
}

TEST_F(ReactorTest, ATurnHasItsOrder) {
  Handler handler;
  const int fd = kernel.open_descriptor();
  const WatchId id = watch(fd, handler);
  Alarm alarm([&] { log += "timer "; });
  Dying dying([&] { log += "destroy "; });
  handler.resume = [&] { log += "resume "; };
  handler.flush = [&] { log += "flush "; };
  handler.ready = [&](std::uint32_t) {
    log += "ready ";
    reactor.bury(dying);
    reactor.request_flush(id);
  };
  reactor.request_resume(id);
  reactor.arm(alarm, kernel.time);
  reactor.mailbox()->post([&] { log += "task "; });
  kernel.time += 1ms;
  kernel.batches.push_back({{fd, Ready::in}, {*kernel.open.begin() + 1, Ready::in}});
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "ready resume timer task flush destroy ");
}

TEST_F(ReactorTest, RequestsMadeWhileTheyAreAnsweredWaitForTheNextTurn) {
  Handler handler;
  const WatchId id = watch(kernel.open_descriptor(), handler);
  handler.flush = [&] {
    log += 'f';
    if (log.size() < 3) reactor.request_flush(id);
  };
  reactor.request_flush(id);
  reactor.turn(1s);
  EXPECT_EQ(log, "f");
  while (log.size() < 3) reactor.turn(1s);
  EXPECT_EQ(kernel.waits, std::vector<nanoseconds>(3, 0ns));  // none of them waited
  log.clear();
  handler.resume = [&] {
    log += 'r';
    if (log.size() < 2) reactor.request_resume(id);
  };
  reactor.request_resume(id);
  reactor.turn(1s);
  EXPECT_EQ(log, "r");
  reactor.turn(1s);
  EXPECT_EQ(log, "rr");
}

TEST_F(ReactorTest, AResumeAskedForByAHandlerComesInTheNextTurn) {
  Handler handler;
  const int fd = kernel.open_descriptor();
  const WatchId id = watch(fd, handler);
  handler.ready = [&](std::uint32_t) { reactor.request_resume(id); };
  handler.resume = [&] { log += 'r'; };
  kernel.batches.push_back({{fd, Ready::in}});
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "");
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "r");
}

TEST_F(ReactorTest, WhatDiesMayBuryMore) {
  Dying second([&] { log += '2'; });
  Dying first([&] {
    log += '1';
    reactor.bury(second);
  });
  Dying other([&] { log += 'o'; });
  reactor.bury(first);
  reactor.bury(other);
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(log, "1o2");
  EXPECT_EQ(kernel.waits.back(), 0ns);
}

TEST(ReactorDestruction, DestroysWhatIsBuriedAndLeavesTimersUnarmed) {
  ScriptedKernel kernel;
  bool destroyed = false;
  Dying dying([&] { destroyed = true; });
  Alarm alarm([] {});
  {
    Reactor reactor(kernel, {});
    reactor.bury(dying);
    reactor.arm(alarm, kernel.time + 1s);
  }
  EXPECT_TRUE(destroyed);
  EXPECT_FALSE(alarm.armed());
  EXPECT_TRUE(kernel.open.empty());
}

TEST_F(ReactorTest, R40WhatHandlersThrowIsReportedAndTheLoopGoesOn) {
  Handler handler;
  const int fd = kernel.open_descriptor();
  const WatchId id = watch(fd, handler);
  Alarm alarm([] { throw 1; });
  Dying dying([] { throw 1; });
  handler.ready = [](std::uint32_t) { throw std::bad_alloc(); };
  handler.flush = [] { throw 1; };
  int reported = 0;
  reactor.on_exception([&](std::exception_ptr) { ++reported; });
  reactor.arm(alarm, kernel.time);
  reactor.request_flush(id);
  reactor.bury(dying);
  kernel.time += 1ms;
  kernel.batches.push_back({{fd, Ready::in}});
  EXPECT_TRUE(reactor.turn(nanoseconds(-1)));
  EXPECT_EQ(reported, 4);
  reactor.on_exception([&](std::exception_ptr) {
    ++reported;
    throw 2;
  });
  kernel.batches.push_back({{fd, Ready::in}});
  EXPECT_TRUE(reactor.turn(nanoseconds(-1)));
  EXPECT_EQ(reported, 5);
  reactor.on_exception({});
  kernel.batches.push_back({{fd, Ready::in}});
  EXPECT_TRUE(reactor.turn(nanoseconds(-1)));
}

TEST_F(ReactorTest, HasAReceiveBufferWithMargins) {
  Reactor small(kernel, {.receive_buffer_size = 512, .max_events = 0});
  const MutableBytes buffer = small.receive_buffer();
  EXPECT_EQ(buffer.size(), 512U);
  buffer.data()[-static_cast<std::ptrdiff_t>(Reactor::receive_margin)] = std::byte{1};
  buffer.data()[buffer.size() + Reactor::receive_margin - 1] = std::byte{1};
}

TEST_F(ReactorTest, TheClockIsReadOncePerTurnAndFreshBetweenTurns) {
  Handler handler;
  const int fd = kernel.open_descriptor();
  watch(fd, handler);
  const auto start = kernel.time;
  handler.ready = [&](std::uint32_t) {
    kernel.time += 5ms;
    EXPECT_EQ(reactor.now(), start);
  };
  kernel.batches.push_back({{fd, Ready::in}});
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(reactor.now(), start + 5ms);
}

}  // namespace
}  // namespace duplex::net
