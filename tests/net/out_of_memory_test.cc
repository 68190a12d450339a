// R57: each allocation of a step fails once; the step fails or passes, nothing leaks, the loop goes
// on and the same step works when memory is back.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <new>
#include <string>

#include "../support/allocations.h"
#include "duplex/net/linux_kernel.h"
#include "net/connector.h"
#include "net/listener.h"
#include "net/resolver.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;

// Runs `step` with its 1st, 2nd, ... allocation failing, until it needs no more.
void with_each_failure(const std::function<void()>& step) {
  constexpr std::size_t plenty = 100;
  for (std::size_t n = 0; n < plenty; ++n) {
    const std::size_t before = support::allocation_count();
    bool failed = false;
    {
      const support::FailingAllocation failing(n);
      try {
        step();
      } catch (const std::bad_alloc&) {
        failed = true;
      } catch (const std::system_error& error) {
        failed = error.code() == std::errc::not_enough_memory;
        EXPECT_TRUE(failed) << error.what();
      }
    }
    if (!failed && support::allocation_count() - before < n) return;
  }
  ADD_FAILURE() << "never came to an end";
}

struct Handler final : ReadyHandler {
  void on_ready(std::uint32_t) override {}
};

struct Owner final : ListenerOwner, ConnectorOwner, ResolverOwner {
  Kernel& kernel;
  int connected = 0;
  int failed = 0;
  explicit Owner(Kernel& its_kernel) : kernel(its_kernel) {}
  void on_accept(int fd, const Address&) override { kernel.close(fd); }
  void on_connected(int fd, const Address&) override {
    kernel.close(fd);
    ++connected;
  }
  void on_connect_failed(std::error_code) override { ++failed; }
  void on_resolved(std::span<const Address>) override { ++connected; }
  void on_resolve_failed(std::error_code) override { ++failed; }
};

struct OutOfMemoryTest : testing::Test {
  LinuxKernel kernel;
  Owner owner{kernel};

  // Opened and not closed again, by all of the kernel's calls.
  std::uint64_t open_descriptors() const {
    const CallCounts& counts = kernel.counts();
    return counts.of(Call::socket) + counts.of(Call::epoll_create) + counts.of(Call::eventfd) +
           counts.of(Call::reserve_descriptor) - counts.of(Call::close);
  }
};

TEST_F(OutOfMemoryTest, WatchingReportsIt) {
  with_each_failure([&] {
    Reactor reactor(kernel, {.receive_buffer_size = 64, .max_events = 1});
    Handler handler;
    for (int i = 0; i < 10; ++i) {
      const int fd = kernel.eventfd();
      const auto id = reactor.watch(fd, Ready::in, handler);
      if (id) {
        reactor.unwatch(*id);
      } else {
        EXPECT_EQ(id.error(), std::errc::not_enough_memory);
      }
      kernel.close(fd);
    }
  });
  EXPECT_EQ(open_descriptors(), 0U);
}

TEST_F(OutOfMemoryTest, TimersAndTasksAreAllOrNothing) {
  EventLoop loop(kernel);
  int ran = 0;
  int wanted = 0;
  with_each_failure([&] {
    for (int i = 0; i < 20; ++i) {
      loop.run_after(0ms, [&ran, padding = std::array<char, 40>{}] { ran += 1 + padding[0]; });
      ++wanted;
      loop.post([&ran, padding = std::array<char, 40>{}] { ran += 1 + padding[0]; });
      ++wanted;
    }
  });
  while (ran < wanted) ASSERT_TRUE(loop.turn(1s));
  EXPECT_EQ(ran, wanted);
}

TEST_F(OutOfMemoryTest, ListeningLeavesNothingBehind) {
  Reactor reactor(kernel, {});
  const auto before = open_descriptors();
  with_each_failure(
      [&] { Listener listener(reactor, owner, {.unix_path = "@duplex-out-of-memory-test"}); });
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(OutOfMemoryTest, ConnectingFailsOrWorks) {
  Reactor peer(kernel, {});
  Listener listener(peer, owner, {});
  const auto before = open_descriptors();
  with_each_failure([&] {
    Reactor reactor(kernel, {});
    Connector connector(reactor, owner);
    connector.start(std::array{listener.address()}, reactor.now() + 5s);
    const int answers = owner.connected + owner.failed;
    while (owner.connected + owner.failed == answers) reactor.turn(1s);
  });
  EXPECT_GT(owner.connected, 0);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(OutOfMemoryTest, LookingUpALiteralFailsOrWorks) {
  with_each_failure([&] {
    Reactor reactor(kernel, {});
    Resolver resolver(reactor, owner);
    resolver.start("localhost", 80);
    while (resolver.busy()) reactor.turn(1s);
  });
  EXPECT_GT(owner.connected, 0);
}

}  // namespace
}  // namespace duplex::net
