// Storms of clients that come back: figures by hand, and a whole one in virtual time.
#include "../../tools/duplex/bench/storm.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/bench/runner.h"
#include "../../tools/duplex/bench/storm_bench.h"
#include "../../tools/duplex/serve/serve_loop.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

TEST(Storm, CountsTheWorstTenthOfASecond) {
  const StormRecord record = {.attempts = {250ms, 1s, 1099ms, 1100ms, 1150ms, 3s},
                              .returns = {3s, 1150ms, 1200ms}};
  const StormFigures figures = figures_of(record, 3, 1s);
  EXPECT_EQ(figures.attempts, 2);
  EXPECT_EQ(figures.peak_rate, 30);  // 1099, 1100 and 1150 ms
  EXPECT_EQ(figures.back, 2);
}

TEST(Storm, LeavesOutTheLastHundredth) {
  StormRecord record = {.attempts = {1s}, .returns = std::vector<std::chrono::nanoseconds>(99, 2s)};
  record.returns.push_back(9s);
  EXPECT_EQ(figures_of(record, 100, 1s).back, 1);
}

StormFigures drawn(const StormOptions& options) {
  return figures_of(draw_storm(options, options.outage, measure::Random(7)), options.clients,
                    options.outage);
}

// 1 s and 3 s after the loss; the last attempt finds the server.
TEST(Storm, WithoutJitterAllComeAtOnce) {
  const StormFigures figures = drawn({.clients = 1000, .outage = 2s, .jitter = "none"});
  EXPECT_EQ(figures.attempts, 2);
  EXPECT_EQ(figures.peak_rate, 10'000);
  EXPECT_EQ(figures.back, 1);
}

// The first attempts spread over 0.5 to 1.5 s, or 0 to 2 s.
TEST(Storm, JitterSpreadsTheFirstAttempts) {
  const auto peak = [](const char* jitter) {
    return drawn({.clients = 10'000, .outage = 100ms, .jitter = jitter}).peak_rate;
  };
  EXPECT_NEAR(peak("half"), 10'000, 1000);
  EXPECT_NEAR(peak("full"), 5'000, 700);
}

TEST(Storm, IsATable) {
  const std::vector<Storm> storms = {{.clients = 500,
                                      .outage = 2,
                                      .jitter = "half",
                                      .measured = {.attempts = 2, .peak_rate = 600, .back = 1.5},
                                      .predicted = {.attempts = 2.5, .peak_rate = 500, .back = 1}}};
  EXPECT_EQ(storm_table(storms).csv(),
            "storm,away for,attempts/client,predicted,peak SYN/s,predicted,99 % back after,"
            "predicted\r\n\"500 clients, jitter half\",2.00 s,2.00,2.50,600,500,1.50 s,1.00 s\r\n");
  EXPECT_TRUE(storm_note(storms).starts_with("storm: the server was killed"));
  EXPECT_EQ(storm_note({}), "");
}

// One loop for both sides, whose waiting moves the time.
class StormWorld {
 public:
  StormWorld() { restart(); }

  std::optional<Storm> measure(const StormOptions& options, bool stopped = false) {
    StormBench bench(loop_, options,
                     {.http = "127.0.0.1",
                      .kill = [this] { serve_.clear(); },
                      .restart = [this] { restart(); }});
    return bench.measure([stopped] { return stopped; }, 1);
  }
  void kill() { serve_.clear(); }

 private:
  void restart() {
    ServeOptions options = {.port = 80};
    options.socketio = std::make_shared<SocketCluster>();
    serve_.push_back(std::make_unique<ServeLoop>(loop_, options, serve_));
  }

  simulation::World world_{{.seed = 3, .link = {.delay = 1ms}}};
  simulation::Kernel kernel_{world_};
  EventLoop loop_{kernel_};
  ServeLoops serve_;
};

TEST(StormBench, MeetsWhatIsDrawn) {
  for (const char* jitter : {"none", "half"}) {
    const auto storm = StormWorld().measure({.clients = 200, .outage = 2s, .jitter = jitter});
    ASSERT_TRUE(storm);
    EXPECT_EQ(storm->clients, 200U);
    EXPECT_NEAR(storm->outage, 2, 0.01);
    EXPECT_NEAR(storm->measured.attempts, storm->predicted.attempts, 0.2) << jitter;
    EXPECT_NEAR(storm->measured.peak_rate / storm->predicted.peak_rate, 1, 0.3) << jitter;
    // By when the last two of 200 are left: chance has its say.
    EXPECT_NEAR(storm->measured.back, storm->predicted.back, 0.6) << jitter;
  }
}

// Back before anybody has noticed.
TEST(StormBench, WaitsUntilTheLossIsNoticed) {
  const auto storm = StormWorld().measure({.clients = 20, .outage = 1ns, .jitter = "none"});
  ASSERT_TRUE(storm);
  EXPECT_GT(storm->measured.back, 0.9);
  EXPECT_EQ(storm->measured.attempts, 1);
}

TEST(StormBench, MayBeStopped) {
  EXPECT_EQ(StormWorld().measure({.clients = 3, .outage = 1s}, true), std::nullopt);
}

TEST(StormBench, SaysThatNobodyIsThere) {
  StormWorld world;
  world.kill();
  try {
    world.measure({.clients = 3, .outage = 1s});
    FAIL() << "it measured";
  } catch (const BenchFailure& failure) {
    EXPECT_STREQ(failure.what(), "--storm: 0 of 3 clients were there before the storm");
  }
}

TEST(StormBench, NamesTheLimitOfDescriptors) {
  EXPECT_THROW(StormWorld().measure({.clients = 10'000'000}), BenchFailure);
}

}  // namespace
}  // namespace duplex::tools
