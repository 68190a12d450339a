#include "net/resolver.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Owner final : ResolverOwner {
  std::vector<std::string> addresses;
  std::error_code error;
  int answers = 0;
  std::function<void()> then = [] {};
  void on_resolved(std::span<const Address> found) override {
    ++answers;
    for (const Address& address : found) addresses.push_back(address.text());
    then();
  }
  void on_resolve_failed(std::error_code reason) override {
    ++answers;
    error = reason;
    then();
  }
};

struct ResolverTest : testing::Test {
  ScriptedKernel kernel;
  std::optional<Reactor> reactor{std::in_place, kernel, EventLoopOptions{}};
  Owner owner;
  std::optional<Resolver> resolver{std::in_place, *reactor, owner};
  using Texts = std::vector<std::string>;

  void turn() { reactor->turn(nanoseconds(-1)); }
};

TEST_F(ResolverTest, LiteralsAreAnsweredLaterWithoutALookUp) {
  resolver->start("192.0.2.1", 80);
  EXPECT_TRUE(resolver->busy());
  EXPECT_EQ(owner.answers, 0);
  turn();
  EXPECT_EQ(owner.addresses, Texts{"192.0.2.1:80"});
  EXPECT_FALSE(resolver->busy());
  EXPECT_EQ(kernel.counts().of(Call::resolve), 0U);
}

TEST_F(ResolverTest, LocalhostIsLoopbackInBothFamilies) {
  resolver->start("localhost", 80);
  turn();
  EXPECT_EQ(owner.addresses, (Texts{"127.0.0.1:80", "[::1]:80"}));
}

TEST_F(ResolverTest, AKernelThatDoesNotBlockIsAskedDirectly) {
  kernel.on_resolve = [](std::span<Address> out) {
    EXPECT_EQ(out.size(), Resolver::max_addresses);
    out[0] = *Address::parse("::2", 80);
    out[1] = *Address::parse("192.0.2.2", 80);
    return 2;
  };
  resolver->start("example.com", 80);
  EXPECT_EQ(owner.answers, 0);
  turn();
  EXPECT_EQ(owner.addresses, (Texts{"[::2]:80", "192.0.2.2:80"}));
}

TEST_F(ResolverTest, R47FailuresAreReported) {
  resolver->start("example.com", 80);
  turn();
  EXPECT_EQ(owner.error.value(), ENXIO);
  EXPECT_EQ(owner.answers, 1);
}

TEST_F(ResolverTest, TheOwnerMayDestroyOrRestartItInTheAnswer) {
  owner.then = [&] {
    owner.then = [&] { resolver.reset(); };
    resolver->start("192.0.2.2", 80);
  };
  resolver->start("192.0.2.1", 80);
  turn();
  turn();
  EXPECT_EQ(owner.addresses, (Texts{"192.0.2.1:80", "192.0.2.2:80"}));
  EXPECT_FALSE(resolver.has_value());
}

TEST_F(ResolverTest, CancellingALiteralMeansNoAnswer) {
  resolver->start("192.0.2.1", 80);
  resolver->cancel();
  turn();
  EXPECT_EQ(owner.answers, 0);
}

// A name server that answers when the test opens the gate.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int waiting = 0;
  int done = 0;

  void set_open(bool value) {
    const std::lock_guard lock(mutex);
    open = value;
    changed.notify_all();
  }
  void wait_for(int Gate::*count, int value) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return this->*count >= value; });
  }
  static Gate& instance() {
    static Gate gate;
    return gate;
  }
  static int resolve(const std::string& host, std::uint16_t port, std::span<Address> out) {
    Gate& gate = instance();
    std::unique_lock lock(gate.mutex);
    ++gate.waiting;
    gate.changed.notify_all();
    gate.changed.wait(lock, [&] { return gate.open; });
    ++gate.done;
    gate.changed.notify_all();
    if (host != "example.com") return -ENXIO;
    out[0] = *Address::parse("192.0.2.9", port);
    return 1;
  }
};

struct SlowResolverTest : ResolverTest {
  Gate& gate = Gate::instance();

  // Real waiting and waking, scripted answers.
  struct SlowKernel;

  SlowResolverTest() {
    gate.set_open(false);
    gate.waiting = gate.done = 0;
    kernel.thread_resolve = Gate::resolve;
  }
  void turn_until_answered() {
    while (owner.answers == 0) turn();
  }
};

TEST_F(SlowResolverTest, R47TheLoopTurnsWhileTheNameServerThinks) {
  resolver->start("example.com", 80);
  gate.wait_for(&Gate::waiting, 1);
  turn();
  EXPECT_EQ(owner.answers, 0);
  EXPECT_TRUE(resolver->busy());
  gate.set_open(true);
  turn_until_answered();
  EXPECT_EQ(owner.addresses, Texts{"192.0.2.9:80"});
  EXPECT_FALSE(resolver->busy());
}

TEST_F(SlowResolverTest, R47FailuresComeBackFromTheThread) {
  gate.set_open(true);
  resolver->start("nowhere.example", 80);
  turn_until_answered();
  EXPECT_EQ(owner.error.value(), ENXIO);
}

TEST_F(SlowResolverTest, R47TheResolverMayGoMeanwhile) {
  resolver->start("example.com", 80);
  gate.wait_for(&Gate::waiting, 1);
  resolver.reset();
  gate.set_open(true);
  gate.wait_for(&Gate::done, 1);
  for (int i = 0; i < 10; ++i) turn();
  EXPECT_EQ(owner.answers, 0);
}

TEST_F(SlowResolverTest, R47AnOldAnswerIsNotTakenForANewOne) {
  resolver->start("nowhere.example", 80);
  gate.wait_for(&Gate::waiting, 1);
  resolver->cancel();
  resolver->start("example.com", 80);
  gate.wait_for(&Gate::waiting, 2);
  gate.set_open(true);
  turn_until_answered();
  EXPECT_EQ(owner.addresses, Texts{"192.0.2.9:80"});
  for (int i = 0; i < 10; ++i) turn();
  EXPECT_EQ(owner.answers, 1);
}

TEST_F(SlowResolverTest, R47TheLoopMayGoMeanwhile) {
  resolver->start("example.com", 80);
  gate.wait_for(&Gate::waiting, 1);
  resolver.reset();
  reactor.reset();
  gate.set_open(true);
  gate.wait_for(&Gate::done, 1);
  EXPECT_EQ(owner.answers, 0);
}

}  // namespace
}  // namespace duplex::net
