// What is known of a clock elsewhere, and the bench against a server that has one.
#include "../../tools/duplex/bench/server_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/bench/runner.h"
#include "../../tools/duplex/forwarding_kernel.h"
#include "../../tools/duplex/serve/serve_loop.h"
#include "run_fixtures.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// A question at `asked` that takes so long there and back, of a clock that is ahead.
ClockReading reading(nanoseconds asked, nanoseconds there, nanoseconds back, nanoseconds ahead) {
  return {.asked = asked, .said = asked + there + ahead, .answered = asked + there + back};
}

TEST(ServerClock, IsOursWhenEveryAnswerLiesWithinItsRoundTrip) {
  ServerClock clock;
  clock.compare(std::vector{reading(5s, 1ms, 90us, 0ns), reading(6s, 20us, 30us, 0ns)});
  EXPECT_FALSE(clock.is_foreign());
  EXPECT_EQ(clock.ahead(), 0ns);
  EXPECT_EQ(clock.error(), 0ns);
  EXPECT_FALSE(clock.is_due(1h));
  EXPECT_FALSE(clock.summary());
}

TEST(ServerClock, IsKnownByTheQuickestAnswer) {
  ServerClock clock;
  clock.compare(std::vector{reading(5s, 9ms, 90us, -70s), reading(6s, 40us, 60us, -70s)});
  EXPECT_TRUE(clock.is_foreign());
  EXPECT_EQ(clock.ahead(), -70s - 10us);
  EXPECT_EQ(clock.error(), 50us);
}

TEST(ServerClock, IsAsWrongAsItHasMovedMeanwhile) {
  ServerClock clock;
  clock.compare(std::vector{reading(5s, 50us, 50us, 1h)});
  EXPECT_FALSE(clock.is_due(9s));
  EXPECT_TRUE(clock.is_due(11s));
  clock.compare(std::vector{reading(11s, 20us, 20us, 1h + 30us)});
  EXPECT_EQ(clock.ahead(), 1h + 30us);
  EXPECT_EQ(clock.error(), 50us + 30us);
  EXPECT_FALSE(clock.is_due(12s));
  ASSERT_TRUE(clock.summary());
  EXPECT_EQ(clock.summary()->comparisons, 2U);
}

// 20 ms one way, 28 ms, 166 ms; and an echo, which one clock measures.
TEST(ServerClock, ShowsNoTimeThatTwoClocksCannotTell) {
  std::vector<Block> blocks = good_blocks();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].arm == 1) blocks[i] = block_of(1, blocks[i].round, 21ms);
  }
  BenchRun run = run_of(std::move(blocks));
  run.arms[1] = arms_of({"echo"})[1];
  run.clock = {.ahead = 3600, .error = 0.025, .comparisons = 2};
  const BenchReport report = make_report(run);
  EXPECT_FALSE(report.find("ws")->has_times());
  EXPECT_TRUE(report.find("echo")->has_times());
  EXPECT_TRUE(report.find("lp")->has_times());
  EXPECT_EQ(report.find("sp")->ratio, std::nullopt);
  const std::string text = render_text(report);
  EXPECT_NE(text.find("websocket              –    20.0 ms  –"), std::string::npos) << text;
  EXPECT_NE(text.find("the server's clock is not ours: 3600 s ahead by 2 comparisons, so that a "
                      "time one way is off by up to ±25.0 ms"),
            std::string::npos)
      << text;
  EXPECT_TRUE(
      verdict(report).starts_with("WebSocket's time is less than what the two clocks may "
                                  "be apart (±25.0 ms)"));
  EXPECT_NE(render_json(report).find("\"mean\": null"), std::string::npos);
  run.clock->error = 0.02;
  EXPECT_TRUE(make_report(run).find("ws")->has_times());
}

// Fixtures have 100 events in each block of a second.
TEST(ServerElsewhere, HasAnotherFeedThanWasMeant) {
  BenchRun run = good_run();
  run.options.rate = 40;
  EXPECT_FALSE(make_report(run).is_other_feed);
  run.options.server = "127.0.0.1:9001";
  const BenchReport report = make_report(run);
  EXPECT_EQ(report.feed_rate, 100);
  EXPECT_TRUE(
      verdict(report).starts_with("The server made 100 events/s where --rate says 40.0 "
                                  "events/s: the predictions are of another feed.\n"))
      << verdict(report);
  run.options.rate = 103;  // by chance: 2,000 events at random differ by 224 at most
  EXPECT_FALSE(make_report(run).is_other_feed);
}

// Counts of 100 events that lie so far on both sides of what is expected.
TEST(ServerElsewhere, HasOtherGapsThanWereMeant) {
  const auto report_of = [](bool poisson, std::uint64_t off, const char* server) {
    BenchRun run = good_run(5);
    run.options.rate = 100;
    run.options.poisson = poisson;
    run.options.server = server;
    for (Block& block : run.blocks) {
      block.event_count = block.round % 2 == 0 ? 100 - off : 100 + off;
    }
    return make_report(run);
  };
  const char* const server = "127.0.0.1:9001";
  EXPECT_TRUE(report_of(true, 1, server).has_other_gaps);
  EXPECT_FALSE(report_of(true, 10, server).has_other_gaps);
  EXPECT_TRUE(report_of(false, 10, server).has_other_gaps);
  EXPECT_FALSE(report_of(false, 1, server).has_other_gaps);
  EXPECT_FALSE(report_of(true, 1, "").has_other_gaps);
  EXPECT_TRUE(verdict(report_of(true, 1, server))
                  .starts_with("The server's events came at equal gaps, not at random, as --dist "
                               "says: the predictions are of another feed.\n"))
      << verdict(report_of(true, 1, server));
}

// --- A server with a clock of its own ------------------------------------------------------------

// Ahead, and faster or slower by millionths.
class OtherClock final : public ForwardingKernel {
 public:
  OtherClock(net::Kernel& system, nanoseconds ahead, std::int64_t millionths)
      : ForwardingKernel(system), ahead_(ahead), millionths_(millionths) {}

  net::Clock::time_point now() override {
    const auto now = ForwardingKernel::now();
    return now + ahead_ + (now - start_) * millionths_ / 1'000'000;
  }
  void jump(nanoseconds by) { ahead_ += by; }

 private:
  nanoseconds ahead_;
  std::int64_t millionths_;
  net::Clock::time_point start_ = ForwardingKernel::now();
};

// Of the clients: while they wait, the others turn.
class WaitingKernel final : public ForwardingKernel {
 public:
  WaitingKernel(net::Kernel& system, simulation::Runner& others)
      : ForwardingKernel(system), others_(others) {}

  int epoll_wait(int epoll, std::span<net::Ready> ready, nanoseconds timeout) override {
    const auto deadline = now() + timeout;
    for (;;) {
      others_.settle();
      const int count = ForwardingKernel::epoll_wait(epoll, ready, 0ns);
      if (count != 0 || now() >= deadline) return count;
      if (!others_.step(deadline)) others_.run_until(deadline);
    }
  }

 private:
  simulation::Runner& others_;
};

class ForeignServer : public testing::Test {
 protected:
  ForeignServer() {
    options_.server = "127.0.0.1";
    options_.arms = {"sp", "echo"};
    options_.delay = 20ms;
    options_.clients = 4;
    options_.rounds = 4;
    options_.duration = 200s;
    options_.warm_up = 0s;
  }

  // Against a server whose clock is so far ahead; it jumps before the last block.
  BenchRun measured(nanoseconds ahead, std::int64_t millionths = 0, nanoseconds jump = 0ns) {
    simulation::World world({.seed = 1, .link = {.delay = options_.delay}});
    simulation::Kernel server_system(world);
    simulation::Kernel client_system(world);
    OtherClock server_kernel(server_system, ahead, millionths);
    EventLoop server_loop(server_kernel);
    ServeLoops serve;
    const ServeOptions options = {
        .port = 80,
        .feed = {.rate = options_.rate, .poisson = options_.poisson, .start = server_kernel.now()}};
    serve.push_back(std::make_unique<ServeLoop>(server_loop, options, serve));
    simulation::Runner others(world);
    others.add(server_system, [&](nanoseconds longest) { return server_loop.turn(longest); });
    WaitingKernel client_kernel(client_system, others);
    EventLoop loop(client_kernel);
    std::string unknown;
    BenchRun run = {.options = options_, .arms = *make_arms(options_.arms, unknown)};
    BenchRunner runner(loop, options_, run.arms, {.direct = "127.0.0.1", .http = "127.0.0.1"});
    measure::Random random(options_.seed);
    std::vector<PlannedBlock> planned = plan_blocks(options_, run.arms, random);
    const auto keep = [&run](std::optional<Block> block) {
      if (block) run.blocks.push_back(*std::move(block));
    };
    for (std::size_t i = 0; i < planned.size(); ++i) {
      if (i + 1 == planned.size()) server_kernel.jump(jump);
      keep(runner.run(planned[i]));
    }
    keep(runner.finish());
    run.clock = runner.look_at_clock();
    return run;
  }

  BenchOptions options_;
};

TEST_F(ForeignServer, IsMeasuredAsOneWhoseClockIsOurs) {
  const BenchReport ours = make_report(measured(0ns));
  EXPECT_FALSE(ours.run.clock);
  for (const nanoseconds ahead : {nanoseconds(3h), nanoseconds(-2s)}) {
    const BenchReport theirs = make_report(measured(ahead));
    ASSERT_TRUE(theirs.run.clock);
    EXPECT_NEAR(theirs.run.clock->ahead, std::chrono::duration<double>(ahead).count(), 1e-6);
    EXPECT_NEAR(theirs.run.clock->error, 0.02, 1e-6);
    for (const std::string_view name : {"ws", "sp", "echo"}) {
      EXPECT_NEAR(theirs.find(name)->mean, ours.find(name)->mean, 0.02 * ours.find(name)->mean)
          << name;
    }
  }
}

// 100 millionths are half a millisecond in the 5 s after which clocks are compared again; a block
// here is 13 s long.
TEST_F(ForeignServer, IsComparedAgainWhileItsClockDrifts) {
  const BenchReport report = make_report(measured(1h, 100));
  ASSERT_TRUE(report.run.clock);
  EXPECT_GE(report.run.clock->comparisons, 16U);
  EXPECT_GT(report.run.clock->error, 0.021);
  EXPECT_LT(report.run.clock->error, 0.023);
  EXPECT_NEAR(report.find("sp")->mean, report.find("sp")->predicted.mean, 0.015);
}

TEST_F(ForeignServer, WhoseClockJumpsIsNotMeasured) {
  try {
    measured(1h, 0, 10s);
    FAIL() << "it measured";
  } catch (const BenchFailure& failure) {
    EXPECT_NE(std::string_view(failure.what()).find("its clock has jumped"), std::string_view::npos)
        << failure.what();
  }
}

}  // namespace
}  // namespace duplex::tools
