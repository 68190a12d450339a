// Event loops in virtual time.
#include "simulation/runner.h"

#include <gtest/gtest.h>

#include <array>

#include "net/reactor.h"
#include "plug.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;

// Sends back what it reads.
class Echo final : public net::ReadyHandler {
 public:
  Echo(net::EventLoop& loop, int fd) : kernel_(loop.kernel()), fd_(fd) {
    static_cast<void>(loop.reactor().watch(fd, net::Ready::in, *this));
  }
  void on_ready(std::uint32_t) override { plug::send(kernel_, fd_, plug::receive(kernel_, fd_)); }

 private:
  net::Kernel& kernel_;
  int fd_;
};

// Notes what it reads, and when.
class Listener final : public net::ReadyHandler {
 public:
  Listener(net::EventLoop& loop, int fd) : loop_(loop), fd_(fd) {
    static_cast<void>(loop.reactor().watch(fd, net::Ready::in, *this));
  }
  void on_ready(std::uint32_t) override {
    text += plug::receive(loop_.kernel(), fd_);
    time = loop_.now();
  }

  std::string text;
  net::Clock::time_point time{};

 private:
  net::EventLoop& loop_;
  int fd_;
};

// Two processes with a connection between them.
struct TwoProcesses {
  explicit TwoProcesses(std::chrono::nanoseconds delay) : world({.link = {.delay = delay}}) {
    net::Address address = plug::loopback();
    const int listener = plug::listen(server, address);
    client_fd = client.socket(address.family());
    client.connect(client_fd, address);
    world.advance_by(3 * delay);
    server_fd = server.accept(listener, nullptr);
    runner.add(server_loop);
    runner.add(client_loop);
  }

  World world;
  Kernel server{world, {.name = "server"}};
  Kernel client{world, {.name = "client"}};
  net::EventLoop server_loop{server};
  net::EventLoop client_loop{client};
  Runner runner{world};
  int server_fd = -1;
  int client_fd = -1;
};

TEST(Runner, RoundTripTakesTwoDelaysExactly) {
  TwoProcesses both(5ms);
  Echo echo(both.server_loop, both.server_fd);
  Listener listener(both.client_loop, both.client_fd);
  const auto begin = both.world.now();
  plug::send(both.client, both.client_fd, "hello");
  EXPECT_TRUE(both.runner.run_until([&] { return listener.text == "hello"; }));
  EXPECT_EQ(listener.time - begin, 10ms);
}

TEST(Runner, TimersOfAllLoopsFireOnTimeAndInOrder) {
  TwoProcesses both(0ms);
  std::string order;
  both.server_loop.run_after(3ms, [&] { order += "c"; });
  both.client_loop.run_after(1ms, [&] { order += "a"; });
  both.client_loop.run_after(2ms, [&] {
    order += "b";
    both.client_loop.post([&] { order += "p"; });
  });
  const auto begin = both.world.now();
  both.runner.run_for(10ms);
  EXPECT_EQ(order, "abpc");
  EXPECT_EQ(both.world.now() - begin, 10ms);
}

TEST(Runner, ConditionThatNeverComesIsReported) {
  TwoProcesses both(0ms);
  EXPECT_FALSE(both.runner.run_until([] { return false; }));
}

TEST(Runner, ConditionIsAwaitedNoLongerThanTheLimit) {
  TwoProcesses both(0ms);
  std::function<void()> tick = [&] { both.server_loop.run_after(1s, tick); };
  tick();
  const auto begin = both.world.now();
  EXPECT_FALSE(both.runner.run_until([] { return false; }, 10s));
  EXPECT_EQ(both.world.now() - begin, 10s);
}

TEST(Runner, StoppedLoopIsTurnedNoMore) {
  TwoProcesses both(0ms);
  int ticks = 0;
  std::function<void()> tick = [&] {
    if (++ticks == 3) both.server_loop.stop();
    both.server_loop.run_after(1s, tick);
  };
  both.server_loop.run_after(1s, tick);
  both.runner.run_for(10s);
  EXPECT_EQ(ticks, 3);
}

TEST(Runner, RestlessLoopIsFound) {
  World world;
  Kernel kernel(world);
  Runner runner(world);
  runner.add(kernel, [](std::chrono::nanoseconds) { return true; });
  EXPECT_THROW(runner.settle(), std::runtime_error);
}

TEST(Runner, ChecksRunAfterEveryRound) {
  TwoProcesses both(1ms);
  int rounds = 0;
  both.runner.on_round([&] { ++rounds; });
  both.runner.settle();
  EXPECT_GE(rounds, 1);
  both.runner.remove(both.server);
  both.runner.settle();
}

TEST(Runner, QuietComesWhenAllHasArrived) {
  TwoProcesses both(5ms);
  Listener listener(both.client_loop, both.client_fd);
  plug::send(both.server, both.server_fd, "hello");
  both.client_loop.run_after(1h, [] {});
  const auto begin = both.world.now();
  EXPECT_TRUE(both.runner.run_until_quiet());
  EXPECT_EQ(listener.text, "hello");
  EXPECT_EQ(both.world.now() - begin, 10ms);  // the acknowledgement has come back, too
}

TEST(Runner, OneLoopAloneNeedsNoRunner) {
  World world;
  Kernel kernel(world);
  net::EventLoop loop(kernel);
  const auto begin = world.now();
  loop.run_after(24h, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(world.now() - begin, 24h);
}

TEST(Runner, LoopWithNothingToWaitForSaysSo) {
  World world;
  Kernel kernel(world);
  net::EventLoop loop(kernel);
  EXPECT_THROW(loop.run(), std::system_error);
}

}  // namespace
}  // namespace duplex::simulation
