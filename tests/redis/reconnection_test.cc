// When a client connects again, and how it finds out that it must.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

#include "client_stage.h"
#include "duplex/redis/client.h"

namespace duplex::redis {
namespace {

using namespace std::chrono_literals;

class RedisReconnection : public ClientStage {};

TEST_F(RedisReconnection, TriesAgainWithLongerAndLongerWaits) {
  world_.redis.stop();
  std::vector<std::chrono::milliseconds> at;
  client_.emplace(world_.loop, "redis://127.0.0.1",
                  ConnectionHandlers{.on_disconnect = [&](const Error& error) {
                    EXPECT_EQ(error.message,
                              "cannot connect to 127.0.0.1:6379: Connection refused");
                    EXPECT_EQ(error.error, std::errc::connection_refused);
                    at.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(
                        world_.world.now().time_since_epoch()));
                  }});
  run_for(60s);
  ASSERT_GE(at.size(), 12U);
  for (std::size_t i = 1; i < at.size(); ++i) {
    const auto most = std::min(100ms * (1 << std::min<std::size_t>(i - 1, 10)), 5000ms);
    EXPECT_GE(at[i] - at[i - 1], most / 2) << i;
    EXPECT_LE(at[i] - at[i - 1], most + 5ms) << i;
  }
}

// Two clients do not come at the same time.
TEST_F(RedisReconnection, DrawsItsWaits) {
  world_.redis.stop();
  std::vector<net::Clock::time_point> at;
  const ConnectionHandlers handlers = {
      .on_disconnect = [&](const Error&) { at.push_back(world_.world.now()); }};
  Client one(world_.loop, "redis://127.0.0.1", handlers);
  Client other(world_.loop, "redis://127.0.0.1", handlers);
  run_for(2s);
  ASSERT_GE(at.size(), 6U);
  EXPECT_NE(at[2], at[3]);
  EXPECT_NE(at[4], at[5]);
}

TEST_F(RedisReconnection, WaitsTheWholeTimeWithoutRandomBytes) {
  world_.redis.stop();
  world_.kernel.faults().fail_call(net::Call::random, 1, EAGAIN, simulation::Repeat::for_ever);
  connect();
  run_for(97ms);
  world_.redis.listen();
  run_for(2ms);
  EXPECT_FALSE(client_->is_connected());
  run_for(10ms);
  EXPECT_TRUE(client_->is_connected());
}

TEST_F(RedisReconnection, GivesUpAnAttemptThatTakesTooLong) {
  world_.redis.set_deaf(true);
  connect("redis://127.0.0.1", {.connect_timeout = 300ms});
  run_for(299ms);
  EXPECT_EQ(log(), "");
  run_for(5ms);
  EXPECT_EQ(log(), "disconnect: no connection to 127.0.0.1:6379 in time\n");
  EXPECT_EQ(last_error_.error, std::errc::timed_out);
  world_.redis.set_deaf(false);
  run_for(200ms);
  EXPECT_EQ(log(), "connect\n");
}

TEST_F(RedisReconnection, AsksASilentRedisForASignOfLife) {
  connect("redis://127.0.0.1", {.ping_interval = 1s, .ping_timeout = 500ms});
  run_for(10s);
  EXPECT_EQ(log(), "connect\n");
  EXPECT_GE(world_.redis.commands().size(), 4U);
  world_.redis.set_deaf(true);
  client_->command({"GET", "a"}, note());
  run_for(3s);
  const std::string why = "127.0.0.1:6379 gives no sign of life\n";
  EXPECT_EQ(log(), "lost: " + why + "disconnect: " + why);
}

TEST_F(RedisReconnection, HearsALongAnswerWithoutAskingForMore) {
  connect("redis://127.0.0.1", {.ping_interval = 100ms, .ping_timeout = 50ms});
  run_for(10ms);
  world_.redis.set_cut(1);
  client_->command({"GET", std::string(1000, 'x')}, note());
  run_for(2s);
  EXPECT_EQ(log(), "connect\n\"GET " + std::string(1000, 'x') + "\"\n");
}

TEST_F(RedisReconnection, DoesNotConnectToWhatHasNoName) {
  connect("redis://nowhere.invalid");
  run_for(10ms);
  EXPECT_EQ(log(),
            "disconnect: cannot connect to nowhere.invalid:6379: no address is known for this "
            "name\n");
  EXPECT_THROW(connect("redis://a:0"), std::invalid_argument);
}

}  // namespace
}  // namespace duplex::redis
