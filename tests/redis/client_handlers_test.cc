// What handlers of a client may do.
#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>

#include "client_stage.h"
#include "duplex/redis/client.h"

namespace duplex::redis {
namespace {

using namespace std::chrono_literals;

class RedisClientHandlers : public ClientStage {};

TEST_F(RedisClientHandlers, MaySendFromItsHandlers) {
  client_.emplace(world_.loop, "redis://127.0.0.1",
                  ConnectionHandlers{.on_connect =
                                         [&] {
                                           client_->command({"GET", "c"}, note());
                                         },
                                     .on_disconnect =
                                         [&](const Error&) {
                                           client_->command({"GET", "d"}, note());
                                         }});
  client_->command({"GET", "a"}, [this](const Reply&) { client_->command({"GET", "b"}, note()); });
  run_for(10ms);
  EXPECT_EQ(log(), "\"GET c\"\n\"GET b\"\n");
  world_.redis.set_answer([](const Words&) { return ""; });
  client_->command({"GET", "e"}, [this](const Reply& reply) {
    EXPECT_FALSE(reply);
    client_->command({"GET", "f"}, note());
  });
  run_for(5ms);
  world_.redis.drop();
  world_.redis.set_answer(usual_answer);
  run_for(200ms);
  EXPECT_EQ(log(), "\"GET f\"\n\"GET d\"\n\"GET c\"\n");
}

TEST_F(RedisClientHandlers, MayBeClosedByItsHandlers) {
  connect();
  client_->command({"GET", "a"}, [this](const Reply&) { client_->close(); });
  client_->command({"GET", "b"}, note());
  run_for(10s);
  EXPECT_EQ(log(), "connect\n");
  EXPECT_EQ(client_->pending_count(), 0U);
  EXPECT_FALSE(client_->command({"GET", "c"}, note()));
  EXPECT_FALSE(client_->is_connected());
  EXPECT_EQ(world_.redis.connections(), 0U);
  EXPECT_EQ(world_.redis.accepted(), 1U);
}

TEST_F(RedisClientHandlers, MayBeDestroyedByItsHandlers) {
  connect().command({"GET", "a"}, [this](const Reply&) { client_.reset(); });
  client_->command({"GET", "b"}, note());
  run_for(10ms);
  EXPECT_EQ(log(), "connect\n");
  client_.emplace(world_.loop, "redis://127.0.0.1",
                  ConnectionHandlers{.on_connect = [&] { client_.reset(); }});
  run_for(10ms);
  EXPECT_FALSE(client_);
  client_.emplace(world_.loop, "redis://127.0.0.1",
                  ConnectionHandlers{.on_disconnect = [&](const Error&) { client_.reset(); }});
  run_for(10ms);
  world_.redis.drop();
  run_for(10ms);
  EXPECT_FALSE(client_);
  world_.redis.set_answer([](const Words& command) {
    return command[0] == "PING" ? usual_answer(command) : std::string();
  });
  connect().command({"GET", "a"}, [this](const Reply&) { client_.reset(); });
  client_->command({"GET", "b"}, note());
  run_for(10ms);
  world_.redis.drop();
  run_for(10ms);
  EXPECT_FALSE(client_);
  EXPECT_EQ(log(), "connect\n");
  EXPECT_EQ(world_.redis.connections(), 0U);
}

TEST_F(RedisClientHandlers, MayBeDestroyedAtAnyTime) {
  for (auto time = 0us; time < 6ms; time += 100us) {
    connect().command({"GET", "a"});
    world_.runner.run_for(time);
    if (time > 1ms) world_.redis.serve();
    client_.reset();
    run_for(2ms);
    EXPECT_EQ(world_.redis.connections(), 0U) << time.count();
  }
}

TEST_F(RedisClientHandlers, GoesOnBehindAHandlerThatThrows) {
  int thrown = 0;
  world_.loop.on_exception([&](std::exception_ptr) { ++thrown; });
  connect().command({"GET", "a"}, [](const Reply&) { throw std::runtime_error("mine"); });
  client_->command({"GET", "b"}, note());
  run_for(10ms);
  EXPECT_EQ(thrown, 1);
  EXPECT_EQ(log(), "connect\n\"GET b\"\n");
}

}  // namespace
}  // namespace duplex::redis
