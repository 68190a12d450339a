// Who spins never waits in a system call, and yet waits for as long as it was asked to.
#include "../../tools/duplex/spinning_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "duplex/duplex.h"
#include "duplex/net/linux_kernel.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// Remembers for how long it was to wait, each time.
class Remembering : public net::LinuxKernel {
 public:
  explicit Remembering(int empty_looks = 0) : empty_looks_(empty_looks) {}

  int epoll_wait(int epoll, std::span<net::Ready> ready,
                 std::chrono::nanoseconds timeout) override {
    timeouts.push_back(timeout);
    if (empty_looks_-- > 0) return 0;
    return LinuxKernel::epoll_wait(epoll, ready, timeout);
  }
  bool never_waits() const {
    return std::all_of(timeouts.begin(), timeouts.end(), [](auto each) { return each == 0ns; });
  }

  std::vector<std::chrono::nanoseconds> timeouts;

 private:
  int empty_looks_;
};

TEST(SpinningKernel, LooksUntilSomethingIsReady) {
  SpinningKernel<Remembering> kernel(100);
  const int epoll = kernel.epoll_create();
  const int eventfd = kernel.eventfd();
  kernel.epoll_ctl(epoll, net::EpollOperation::add, eventfd, {net::Ready::in, 7});
  kernel.wake(eventfd);
  std::array<net::Ready, 4> ready = {};
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, -1ns), 1);
  EXPECT_EQ(std::uint64_t{ready.front().data}, 7U);  // a member of a packed structure
  EXPECT_EQ(kernel.timeouts.size(), 101U);
  EXPECT_TRUE(kernel.never_waits());
  kernel.close(eventfd);
  kernel.close(epoll);
}

TEST(SpinningKernel, LooksUntilTheTimeIsUp) {
  SpinningKernel<Remembering> kernel;
  const int epoll = kernel.epoll_create();
  std::array<net::Ready, 4> ready = {};
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 0ns), 0);
  EXPECT_EQ(kernel.timeouts.size(), 1U);
  const auto end = kernel.now() + 5ms;
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 5ms), 0);
  EXPECT_GE(kernel.now(), end);
  EXPECT_TRUE(kernel.never_waits());
  EXPECT_EQ(kernel.counts().of(net::Call::epoll_wait), kernel.timeouts.size());
  kernel.close(epoll);
}

TEST(SpinningKernel, HandsOnWhatFails) {
  SpinningKernel<Remembering> kernel;
  std::array<net::Ready, 4> ready = {};
  EXPECT_EQ(kernel.epoll_wait(-1, ready, -1ns), -EBADF);
}

// With timers and another thread's task: nothing that a loop does needs a sleep.
TEST(SpinningKernel, TurnsALoop) {
  SpinningKernel<Remembering> kernel;
  EventLoop loop(kernel);
  bool fired = false;
  std::thread other;
  loop.run_after(1ms, [&] {
    fired = true;
    other = std::thread([&] { loop.post([&] { loop.stop(); }); });
  });
  loop.run();
  other.join();
  EXPECT_TRUE(fired);
  EXPECT_TRUE(kernel.never_waits());
}

TEST(SpinningKernel, IsMadeOnRequest) {
  EXPECT_EQ(dynamic_cast<SpinningKernel<Remembering>*>(make_kernel<Remembering>(false).get()),
            nullptr);
  EXPECT_NE(dynamic_cast<SpinningKernel<Remembering>*>(make_kernel<Remembering>(true, 3).get()),
            nullptr);
}

}  // namespace
}  // namespace duplex::tools
