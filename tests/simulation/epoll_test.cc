// Level-triggered readiness: who is reported, in which order, how often.
#include "simulation/epoll.h"

#include <gtest/gtest.h>

#include <set>

#include "connected.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;
using net::EpollOperation;
using net::Ready;

struct EpollTest : testing::Test {
  explicit EpollTest(WorldOptions options = {}) : world(options) {}

  int control(EpollOperation operation, int fd, std::uint32_t events = Ready::in) {
    return kernel.epoll_ctl(epoll, operation, fd, {events, static_cast<std::uint64_t>(fd)});
  }
  int watched_counter() {
    const int fd = kernel.eventfd();
    EXPECT_EQ(control(EpollOperation::add, fd), 0);
    return fd;
  }
  std::vector<std::uint64_t> wait(std::size_t room = 100) {
    std::vector<Ready> ready(room);
    const int count = kernel.epoll_wait(epoll, ready, 0ns);
    std::vector<std::uint64_t> data;
    for (int i = 0; i < count; ++i)
      data.push_back(std::uint64_t{ready[static_cast<std::size_t>(i)].data});
    return data;
  }
  using Data = std::vector<std::uint64_t>;

  World world;
  Kernel kernel{world};
  int epoll = kernel.epoll_create();
};

TEST_F(EpollTest, ControlSaysWhatIsWrong) {
  const int fd = kernel.eventfd();
  EXPECT_EQ(control(EpollOperation::modify, fd), -ENOENT);
  EXPECT_EQ(control(EpollOperation::remove, fd), -ENOENT);
  EXPECT_EQ(control(EpollOperation::add, fd), 0);
  EXPECT_EQ(control(EpollOperation::add, fd), -EEXIST);
  EXPECT_EQ(control(EpollOperation::modify, fd), 0);
  EXPECT_EQ(control(EpollOperation::remove, fd), 0);
  EXPECT_EQ(control(EpollOperation::add, 99), -EBADF);
  EXPECT_EQ(control(EpollOperation::add, epoll), -EINVAL);
  world.files().add("/a", "");
  EXPECT_EQ(control(EpollOperation::add, kernel.open_directory("/")), -EPERM);
  EXPECT_EQ(kernel.epoll_ctl(99, EpollOperation::add, fd, {}), -EBADF);
  EXPECT_EQ(kernel.epoll_ctl(fd, EpollOperation::add, fd, {}), -EINVAL);
  Ready ready;
  EXPECT_EQ(kernel.epoll_wait(99, {&ready, 1}, 0ns), -EBADF);
  EXPECT_EQ(kernel.epoll_wait(fd, {&ready, 1}, 0ns), -EINVAL);
  EXPECT_EQ(kernel.epoll_wait(epoll, {}, 0ns), -EINVAL);
}

TEST_F(EpollTest, ReportsAgainUntilTheReasonIsGone) {
  const int fd = watched_counter();
  EXPECT_EQ(wait(), Data{});
  kernel.wake(fd);
  const Data once{static_cast<std::uint64_t>(fd)};
  EXPECT_EQ(wait(), once);
  EXPECT_EQ(wait(), once);
  EXPECT_EQ(kernel.clear_wake(fd), 0);
  EXPECT_EQ(wait(), Data{});
}

TEST_F(EpollTest, ReportsInTheOrderOfBecomingReady) {
  const auto a = static_cast<std::uint64_t>(watched_counter());
  const auto b = static_cast<std::uint64_t>(watched_counter());
  const auto c = static_cast<std::uint64_t>(watched_counter());
  wait();
  for (const auto fd : {c, a, b}) kernel.wake(static_cast<int>(fd));
  EXPECT_EQ(wait(), (Data{c, a, b}));
}

TEST_F(EpollTest, R28NobodyStarvesWithLittleRoom) {
  constexpr std::size_t count = 10'000;
  constexpr std::size_t room = 64;
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < count; ++i) kernel.wake(watched_counter());
  for (std::size_t turn = 0; turn < count / room + 1; ++turn) {
    for (const auto data : wait(room)) seen.insert(data);
  }
  EXPECT_EQ(seen.size(), count);
}

TEST_F(EpollTest, ChangedInterestCounts) {
  const int fd = watched_counter();
  EXPECT_EQ(wait(), Data{});
  EXPECT_EQ(control(EpollOperation::modify, fd, Ready::out), 0);
  EXPECT_EQ(wait(), Data{static_cast<std::uint64_t>(fd)});
  EXPECT_EQ(control(EpollOperation::modify, fd, 0), 0);
  EXPECT_EQ(wait(), Data{});
}

TEST_F(EpollTest, ClosedDescriptorIsForgottenAndItsNumberMayComeBack) {
  const int fd = watched_counter();
  kernel.wake(fd);
  kernel.close(fd);
  EXPECT_EQ(wait(), Data{});
  EXPECT_EQ(watched_counter(), fd);
  EXPECT_EQ(wait(), Data{});
  kernel.wake(fd);
  EXPECT_EQ(wait(), Data{static_cast<std::uint64_t>(fd)});
}

TEST_F(EpollTest, ClosedEpollLetsItsDescriptorsGo) {
  const int fd = watched_counter();
  kernel.close(epoll);
  kernel.wake(fd);
  epoll = kernel.epoll_create();
  EXPECT_EQ(control(EpollOperation::add, fd), 0);
  EXPECT_EQ(wait().size(), 1U);
}

TEST_F(EpollTest, ErrorsAreReportedUnasked) {
  const int fd = kernel.socket(net::AddressFamily::ipv4);
  kernel.connect(fd, plug::loopback(1));
  EXPECT_EQ(control(EpollOperation::add, fd, 0), 0);
  Ready ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, 0ns), 1);
  EXPECT_EQ(plug::event_names(ready.events), "ERR HUP");
}

TEST_F(EpollTest, WaitMovesTheClockToItsDeadline) {
  Ready ready;
  const auto begin = world.now();
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, 1500us), 0);
  EXPECT_EQ(world.now() - begin, 1500us);
}

TEST_F(EpollTest, WaitMovesTheClockToWhatHappensBefore) {
  const int fd = watched_counter();
  const auto begin = world.now();
  world.after(1ms, [&] { kernel.wake(fd); });
  Ready ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, 1s), 1);
  EXPECT_EQ(world.now() - begin, 1ms);
}

TEST_F(EpollTest, WaitAtTheVeryDeadlineSeesWhatHappensThen) {
  const int fd = watched_counter();
  world.after(1ms, [&] { kernel.wake(fd); });
  Ready ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, 1ms), 1);
}

TEST_F(EpollTest, WaitingForEverForNothingIsReported) {
  Ready ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, -1ns), -EDEADLK);
}

TEST_F(EpollTest, DrivenWaitNotesItsDeadline) {
  world.set_driven(true);
  Ready ready;
  const auto begin = world.now();
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, 1ms), 0);
  EXPECT_TRUE(kernel.idle());
  EXPECT_EQ(world.now(), begin);
  EXPECT_EQ(kernel.wake_up_time(), begin + 1ms);
  EXPECT_EQ(kernel.epoll_wait(epoll, {&ready, 1}, -1ns), 0);
  EXPECT_EQ(kernel.wake_up_time(), std::nullopt);
}

struct ShuffledEpoll : EpollTest {
  ShuffledEpoll() : EpollTest({.shuffle_events = true}) {}
};

TEST_F(ShuffledEpoll, ReportsEverybodyInAnyOrder) {
  Data sorted;
  for (int i = 0; i < 10; ++i) {
    kernel.wake(watched_counter());
    sorted.push_back(static_cast<std::uint64_t>(epoll + 1 + i));
  }
  Data order = wait();
  EXPECT_NE(order, sorted);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, sorted);
}

}  // namespace
}  // namespace duplex::simulation
