// Commands to a scripted Redis and their answers.
#include "duplex/redis/client.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "client_stage.h"

namespace duplex::redis {
namespace {

using namespace std::chrono_literals;

class RedisClient : public ClientStage {};

TEST_F(RedisClient, SendsCommandsAndGetsTheirAnswersInOrder) {
  connect();
  EXPECT_TRUE(client_->command({"GET", "a"}, note()));
  EXPECT_FALSE(client_->is_connected());
  run_for(10ms);
  EXPECT_TRUE(client_->is_connected());
  client_->command({"SET", "b", "c", "PX", "5000"}, note());
  client_->command({"GET", "b"});
  client_->command({"GET", "d"}, note());
  EXPECT_EQ(client_->pending_count(), 3U);
  EXPECT_EQ(log(), "connect\n\"GET a\"\n");
  run_for(5ms);
  EXPECT_EQ(client_->pending_count(), 0U);
  EXPECT_EQ(log(), "+OK\n\"GET d\"\n");
  EXPECT_EQ(commands(), "PING\nGET a\nSET b c PX 5000\nGET b\nGET d\n");
}

TEST_F(RedisClient, TellsErrorsOfRedisFromLosses) {
  world_.redis.set_answer([](const Words& command) {
    return command[0] == "INCR" ? "-ERR value is not an integer\r\n" : usual_answer(command);
  });
  connect().command({"INCR", "a"}, note());
  run_for(10ms);
  EXPECT_EQ(log(), "connect\nrefused: ERR value is not an integer\n");
}

TEST_F(RedisClient, SendsManyCommandsInOneWrite) {
  connect();
  run_for(10ms);
  const auto before = world_.kernel.counts().of(net::Call::writev);
  for (int i = 0; i < 1000; ++i) client_->command({"GET", std::to_string(i)});
  run_for(10ms);
  EXPECT_EQ(client_->pending_count(), 0U);
  EXPECT_LE(world_.kernel.counts().of(net::Call::writev), before + 2);
}

TEST_F(RedisClient, CarriesAnyBytes) {
  const std::string bytes("\0\r\n*1\r\n\xff", 8);
  connect().command({"ECHO", bytes}, [&](const Reply& reply) { log_ = reply->text; });
  run_for(10ms);
  EXPECT_EQ(log(), "ECHO " + bytes);
  const std::string large(3'000'000, 'x');
  client_->command({"ECHO", large}, [&](const Reply& reply) { log_ = reply->text; });
  run_for(5s);
  EXPECT_EQ(log(), "ECHO " + large);
}

TEST_F(RedisClient, MakesItselfKnown) {
  connect("redis://:secret@127.0.0.1/7").command({"GET", "a"});
  run_for(10ms);
  EXPECT_EQ(commands(), "AUTH secret\nSELECT 7\nPING\nGET a\n");
  world_.redis.drop();
  world_.redis.forget_commands();
  run_for(200ms);
  EXPECT_EQ(commands(), "AUTH secret\nSELECT 7\nPING\n");
  world_.redis.forget_commands();
  connect("redis://user:secret@127.0.0.1");
  run_for(10ms);
  EXPECT_EQ(commands(), "AUTH user secret\nPING\n");
}

TEST_F(RedisClient, IsNotConnectedToWhoDoesNotServeIt) {
  world_.redis.set_answer([](const Words&) { return "-NOAUTH Authentication required.\r\n"; });
  connect().command({"GET", "a"}, note());
  run_for(10ms);
  EXPECT_EQ(log(),
            "disconnect: 127.0.0.1:6379 does not serve us: NOAUTH Authentication required.\n");
  world_.redis.set_answer(usual_answer);
  run_for(300ms);
  EXPECT_EQ(log(), "connect\n\"GET a\"\n");
}

TEST_F(RedisClient, IsTheSameInAnyPieces) {
  world_.redis.set_answer([](const Words& command) {
    return command[0] == "GET" ? "*2\r\n$3\r\n\r\nx\r\n*1\r\n:12\r\n" : usual_answer(command);
  });
  for (std::size_t cut = 1; cut < 30; ++cut) {
    world_.redis.set_cut(cut);
    connect("redis://127.0.0.1/1").command({"GET", "a"}, note());
    client_->command({"SET", "a", "b"}, note());
    run_for(100ms);
    EXPECT_EQ(log(), "connect\n[\"\r\nx\" [12]]\n+OK\n") << cut;
  }
}

TEST_F(RedisClient, AnswersWhatWasOnItsWayByAnErrorWhenTheConnectionIsLost) {
  connect();
  run_for(10ms);
  world_.redis.set_answer(
      [](const Words& command) { return command[1] == "a" ? "$1\r\na\r\n" : std::string(); });
  client_->command({"GET", "a"}, note());
  client_->command({"GET", "b"}, note());
  client_->command({"GET", "c"}, note());
  run_for(5ms);
  EXPECT_EQ(log(), "connect\n\"a\"\n");
  world_.redis.drop();
  run_for(5ms);
  EXPECT_EQ(log(), lost + lost + closed);
  world_.redis.set_answer(usual_answer);
  world_.redis.forget_commands();
  client_->command({"GET", "d"}, note());
  run_for(200ms);
  EXPECT_EQ(log(), "connect\n\"GET d\"\n");
  EXPECT_EQ(commands(), "PING\nGET d\n");
}

// Wherever the answers end: those that came whole count, no other is invented.
TEST_F(RedisClient, MayLoseTheConnectionAtEveryByte) {
  const std::string wire = "+PONG\r\n$3\r\nabc\r\n*2\r\n:1\r\n:2\r\n";
  for (std::size_t size = 0; size <= wire.size(); ++size) {
    std::string rest = wire.substr(0, size);
    world_.redis.set_answer([&](const Words&) { return std::exchange(rest, {}); });
    connect().command({"GET", "a"}, note());
    client_->command({"GET", "b"}, note());
    run_for(10ms);
    world_.redis.drop();
    run_for(5ms);
    std::string expected;
    if (size >= 7) expected += "connect\n";
    if (size >= 16) expected += "\"abc\"\n";
    if (size >= 7 && size < 16) expected += lost;
    if (size >= 28) expected += "[1 2]\n";
    if (size >= 7 && size < 28) expected += lost;
    EXPECT_EQ(log(), expected + closed) << size;
    EXPECT_EQ(client_->pending_count(), size < 7 ? 2U : 0U);
  }
}

TEST_F(RedisClient, GivesUpWhatMakesNoSense) {
  connect();
  run_for(10ms);
  log();
  world_.redis.push("+OK\r\n");
  run_for(5ms);
  EXPECT_EQ(log(),
            "disconnect: what 127.0.0.1:6379 sends makes no sense: an answer that belongs to no "
            "command\n");
  EXPECT_EQ(last_error_.error, std::errc::protocol_error);
  run_for(200ms);
  EXPECT_EQ(log(), "connect\n");
  world_.redis.push("HTTP/1.1 400 Bad Request\r\n");
  run_for(5ms);
  EXPECT_EQ(log(),
            "disconnect: what 127.0.0.1:6379 sends makes no sense: expected one of + - : $ *, not "
            "'H', at byte 0 of the reply\n");
  EXPECT_EQ(world_.redis.connections(), 0U);
}

TEST_F(RedisClient, HasLimitsForReplies) {
  world_.redis.set_answer([](const Words& command) {
    return command[0] == "GET" ? "$1000\r\n" : usual_answer(command);
  });
  connect("redis://127.0.0.1", {.reply = {.max_size = 100}}).command({"GET", "a"}, note());
  run_for(10ms);
  const std::string why =
      "what 127.0.0.1:6379 sends makes no sense: a bulk string of 1000 bytes, which makes more "
      "than 100, at byte 1 of the reply\n";
  EXPECT_EQ(log(), "connect\nlost: " + why + "disconnect: " + why);
}

TEST_F(RedisClient, RefusesCommandsBeyondItsLimits) {
  world_.redis.stop();
  connect("redis://127.0.0.1", {.max_pending_commands = 2, .max_pending_size = 60});
  EXPECT_TRUE(client_->command({"GET", "a"}, note()));  // 20 bytes
  EXPECT_FALSE(client_->command({"GET", std::string(21, 'x')}, note()));
  EXPECT_TRUE(client_->command({"GET", std::string(19, 'x')}, note()));
  EXPECT_FALSE(client_->command({"PING"}, note()));
  run_for(10ms);
  world_.redis.listen();
  run_for(300ms);
  EXPECT_EQ(client_->pending_count(), 0U);
  EXPECT_TRUE(client_->command({"GET", "b"}, note()));
  run_for(5ms);
  const std::string log_text = log();
  EXPECT_TRUE(log_text.ends_with("connect\n\"GET a\"\n\"GET xxxxxxxxxxxxxxxxxxx\"\n\"GET b\"\n"))
      << log_text;
}

TEST_F(RedisClient, RefusesMoreThanADeafRedisMayOwe) {
  connect("redis://127.0.0.1", {.max_pending_commands = 3});
  run_for(10ms);
  world_.redis.set_deaf(true);
  int taken = 0;
  while (client_->command({"GET", "a"}, note())) ++taken;
  EXPECT_EQ(taken, 3);
  world_.redis.set_deaf(false);
  run_for(5ms);
  EXPECT_EQ(log(), "connect\n\"GET a\"\n\"GET a\"\n\"GET a\"\n");
}

TEST_F(RedisClient, KeepsATransactionTogether) {
  world_.redis.set_answer([](const Words& command) {
    if (command[0] == "MULTI") return std::string("+OK\r\n");
    if (command[0] == "EXEC") return std::string("*2\r\n$1\r\nx\r\n-ERR y\r\n");
    return command[0] == "PING" ? usual_answer(command) : std::string("+QUEUED\r\n");
  });
  connect();
  EXPECT_TRUE(client_->transaction({{"GET", "a"}, {"DEL", "a"}}, note()));
  EXPECT_EQ(client_->pending_count(), 1U);
  run_for(10ms);
  EXPECT_EQ(log(), "connect\n[\"x\" !ERR y]\n");
  EXPECT_EQ(commands(), "PING\nMULTI\nGET a\nDEL a\nEXEC\n");
  world_.redis.set_answer([](const Words& command) {
    if (command[0] == "EXEC") return "-EXECABORT Transaction discarded\r\n";
    return command[0] == "MULTI" ? "+OK\r\n" : "-ERR unknown command\r\n";
  });
  client_->transaction({{"NONE"}}, note());
  run_for(5ms);
  EXPECT_EQ(log(), "refused: EXECABORT Transaction discarded\n");
  world_.redis.set_answer([](const Words&) { return "+OK\r\n"; });
  client_->transaction({{"GET", "a"}}, note());
  world_.redis.set_answer(
      [](const Words& command) { return command[0] == "EXEC" ? "" : "+OK\r\n"; });
  run_for(5ms);
  world_.redis.drop();
  run_for(5ms);
  EXPECT_EQ(log(), lost + closed);
}

}  // namespace
}  // namespace duplex::redis
