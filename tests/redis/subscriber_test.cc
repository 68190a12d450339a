// Subscriptions at a scripted Redis: messages, new connections, and what handlers may do.
#include "duplex/redis/subscriber.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "scripted_redis.h"

namespace duplex::redis {
namespace {

using support::resp_array;
using support::resp_bulk;
using namespace std::chrono_literals;

std::string pushed(std::initializer_list<std::string_view> words) {
  std::vector<std::string> items;
  for (const std::string_view each : words) items.push_back(resp_bulk(each));
  return resp_array(items);
}

class RedisSubscriber : public testing::Test {
 protected:
  Subscriber& connect(ClientOptions options = {}) {
    subscriber_.emplace(world_.loop, "redis://127.0.0.1",
                        ConnectionHandlers{.on_connect = [this] { log_ += "connect\n"; },
                                           .on_disconnect =
                                               [this](const Error& error) {
                                                 log_ += "disconnect: " + error.message + "\n";
                                               }},
                        options);
    return *subscriber_;
  }
  // Notes all it hears under that name.
  SubscriptionHandlers note(const std::string& name) {
    return {.on_message =
                [this, name](std::string_view channel, Bytes message) {
                  log_ += name + ": " + std::string(channel) + " " + std::string(as_text(message)) +
                          "\n";
                },
            .on_subscribed = [this, name] { log_ += name + ": subscribed\n"; },
            .on_refused =
                [this, name](const Error& error) {
                  log_ += name + ": refused: " + error.message + "\n";
                }};
  }
  void run_for(net::Clock::duration time) { world_.run_for(time); }
  std::string log() { return std::exchange(log_, {}); }
  std::string commands() {
    std::string text;
    for (const std::string& each : world_.redis.commands()) text += each + "\n";
    world_.redis.forget_commands();
    return text;
  }
  void push(std::initializer_list<std::string_view> words) {
    world_.redis.push(pushed(words));
    run_for(5ms);
  }

  RedisWorld world_;
  std::string log_;
  std::optional<Subscriber> subscriber_;
};

const std::string no_sense = "disconnect: what 127.0.0.1:6379 sends makes no sense: ";
const std::string closed = "disconnect: 127.0.0.1:6379 closed the connection\n";

TEST_F(RedisSubscriber, HearsWhatItHasSubscribedTo) {
  connect();
  EXPECT_TRUE(subscriber_->subscribe("news", note("a")));
  EXPECT_TRUE(subscriber_->psubscribe("n*", note("b")));
  EXPECT_TRUE(subscriber_->ssubscribe("news", note("c")));
  run_for(10ms);
  EXPECT_EQ(commands(), "PING\nSUBSCRIBE news\nPSUBSCRIBE n*\nSSUBSCRIBE news\n");
  EXPECT_EQ(log(), "a: subscribed\nb: subscribed\nc: subscribed\nconnect\n");
  push({"message", "news", "1"});
  push({"pmessage", "n*", "news", "2"});
  push({"smessage", "news", "3"});
  push({"message", "other", "4"});
  EXPECT_EQ(log(), "a: news 1\nb: news 2\nc: news 3\n");
  EXPECT_TRUE(subscriber_->subscribe("other", note("d")));
  run_for(5ms);
  push({"message", "other", "5"});
  EXPECT_EQ(log(), "d: subscribed\nd: other 5\n");
}

TEST_F(RedisSubscriber, ConnectsWithoutASubscription) {
  connect();
  run_for(10ms);
  EXPECT_EQ(log(), "connect\n");
  EXPECT_TRUE(subscriber_->is_connected());
}

TEST_F(RedisSubscriber, HearsNoMoreOnceItHasUnsubscribed) {
  connect();
  subscriber_->subscribe("a", note("a"));
  subscriber_->psubscribe("b", note("b"));
  subscriber_->ssubscribe("c", note("c"));
  run_for(10ms);
  commands();
  log();
  subscriber_->unsubscribe("a");
  subscriber_->punsubscribe("b");
  subscriber_->sunsubscribe("c");
  subscriber_->unsubscribe("nothing");
  push({"message", "a", "1"});
  push({"pmessage", "b", "b", "2"});
  push({"smessage", "c", "3"});
  EXPECT_EQ(commands(), "UNSUBSCRIBE a\nPUNSUBSCRIBE b\nSUNSUBSCRIBE c\n");
  world_.redis.drop();
  run_for(200ms);
  EXPECT_EQ(commands(), "PING\n");
  EXPECT_EQ(log(), closed + "connect\n");
}

TEST_F(RedisSubscriber, ReplacesHandlers) {
  connect();
  subscriber_->subscribe("a", note("first"));
  run_for(10ms);
  log();
  subscriber_->subscribe("a", note("second"));
  run_for(5ms);
  push({"message", "a", "1"});
  EXPECT_EQ(log(), "second: subscribed\nsecond: a 1\n");
}

TEST_F(RedisSubscriber, SubscribesAgainAfterALoss) {
  connect();
  subscriber_->subscribe("a", note("a"));
  subscriber_->psubscribe("b*", note("b"));
  run_for(10ms);
  log();
  commands();
  world_.redis.drop();
  run_for(5ms);
  subscriber_->ssubscribe("c", note("c"));
  EXPECT_EQ(log(), closed);
  run_for(200ms);
  EXPECT_EQ(log(), "a: subscribed\nb: subscribed\nc: subscribed\nconnect\n");
  EXPECT_EQ(commands(), "PING\nSUBSCRIBE a\nPSUBSCRIBE b*\nSSUBSCRIBE c\n");
  push({"message", "a", "1"});
  EXPECT_EQ(log(), "a: a 1\n");
}

TEST_F(RedisSubscriber, IsTheSameInAnyPieces) {
  const std::string bytes("\r\n*1\r\n\0", 7);
  for (std::size_t cut = 1; cut < 40; ++cut) {
    world_.redis.set_cut(cut);
    connect();
    subscriber_->subscribe("a", note("a"));
    run_for(100ms);
    world_.redis.push(pushed({"message", "a", bytes}) + pushed({"message", "a", "2"}));
    run_for(200ms);
    EXPECT_EQ(log(), "a: subscribed\nconnect\na: a " + bytes + "\na: a 2\n") << cut;
  }
}

// Messages that came whole are heard, others are not.
TEST_F(RedisSubscriber, MayLoseTheConnectionAtEveryByte) {
  const std::string wire = pushed({"message", "a", "xyz"});
  for (std::size_t size = 0; size <= wire.size(); ++size) {
    connect();
    subscriber_->subscribe("a", note("a"));
    run_for(10ms);
    log();
    world_.redis.push(wire.substr(0, size));
    run_for(5ms);
    world_.redis.drop();
    run_for(200ms);
    EXPECT_EQ(log(),
              (size == wire.size() ? "a: a xyz\n" : "") + closed + "a: subscribed\nconnect\n")
        << size;
  }
}

TEST_F(RedisSubscriber, TellsWhatIsRefused) {
  bool refuses = true;
  world_.redis.set_answer([&](const Words& command) {
    const bool is_secret = command.size() == 2 && command[1] == "secret";
    return refuses && is_secret ? "-NOPERM No permissions\r\n" : usual_answer(command);
  });
  connect();
  subscriber_->subscribe("a", note("a"));
  subscriber_->subscribe("secret", note("secret"));
  subscriber_->subscribe("z", note("z"));
  run_for(10ms);
  EXPECT_EQ(log(),
            "a: subscribed\nsecret: refused: NOPERM No permissions\nz: subscribed\nconnect\n");
  refuses = false;
  world_.redis.drop();
  run_for(200ms);
  EXPECT_EQ(log(), closed + "a: subscribed\nsecret: subscribed\nz: subscribed\nconnect\n");
}

TEST_F(RedisSubscriber, TellsWhenAShardMoves) {
  connect();
  subscriber_->ssubscribe("a", note("a"));
  run_for(10ms);
  log();
  world_.redis.push(resp_array({resp_bulk("sunsubscribe"), resp_bulk("a"), ":0\r\n"}));
  run_for(5ms);
  EXPECT_EQ(log(), "a: refused: the shard of this channel has moved\n");
  EXPECT_TRUE(subscriber_->is_connected());
}

TEST_F(RedisSubscriber, GivesUpWhatMakesNoSense) {
  const std::string push = no_sense + "a push that belongs to no subscription\n";
  for (const std::string& wire :
       {std::string("+OK\r\n"), std::string("-ERR\r\n"), std::string("*0\r\n"),
        pushed({"message", "a"}), pushed({"pmessage", "a", "b"}), pushed({"subscribe", "a", "1"}),
        pushed({"unsubscribe", "a", "1"}), pushed({"pong", ""})}) {
    connect();
    subscriber_->subscribe("a", note("a"));
    run_for(10ms);
    log();
    world_.redis.push(wire);
    run_for(5ms);
    EXPECT_EQ(log(), push) << wire;
    run_for(200ms);
    EXPECT_EQ(log(), "a: subscribed\nconnect\n");
  }
}

TEST_F(RedisSubscriber, GivesUpAConfirmationOfSomethingElse) {
  world_.redis.set_answer([](const Words& command) {
    return command[0] == "PING" ? usual_answer(command) : pushed({"subscribe", "b", "1"});
  });
  connect();
  subscriber_->subscribe("a", note("a"));
  run_for(10ms);
  EXPECT_EQ(log(), no_sense + "a push that belongs to no subscription\n");
}

// In both forms of the answer: Redis has another one for who has subscribed to something.
TEST_F(RedisSubscriber, AsksASilentRedisForASignOfLife) {
  for (const std::string& pong : {std::string("+PONG\r\n"), pushed({"pong", ""})}) {
    world_.redis.set_deaf(false);
    world_.redis.set_answer(usual_answer);
    connect({.ping_interval = 1s, .ping_timeout = 500ms});
    subscriber_->subscribe("a", note("a"));
    run_for(10ms);
    world_.redis.set_answer([&](const Words&) { return pong; });
    commands();
    run_for(10s);
    EXPECT_EQ(log(), "a: subscribed\nconnect\n");
    EXPECT_TRUE(commands().starts_with("PING\nPING\nPING\n"));
    world_.redis.set_deaf(true);
    run_for(3s);
    EXPECT_EQ(log(), "disconnect: 127.0.0.1:6379 gives no sign of life\n");
  }
}

TEST_F(RedisSubscriber, RefusesMoreThanADeafRedisMayOwe) {
  connect({.max_pending_commands = 2});
  run_for(10ms);
  world_.redis.set_deaf(true);
  EXPECT_TRUE(subscriber_->subscribe("a", note("a")));
  EXPECT_TRUE(subscriber_->subscribe("b", note("b")));
  EXPECT_FALSE(subscriber_->subscribe("c", note("c")));
  subscriber_->unsubscribe("a");
  world_.redis.set_deaf(false);
  commands();
  run_for(5ms);
  EXPECT_EQ(commands(), "SUBSCRIBE a\nSUBSCRIBE b\n");
  push({"message", "a", "1"});
  EXPECT_EQ(log(), "connect\nb: subscribed\n");
}

// --- What handlers may do ------------------------------------------------------------------------

TEST_F(RedisSubscriber, MayUnsubscribeInItsHandlers) {
  connect();
  std::string heard;
  subscriber_->subscribe("a", {.on_message = [this, &heard](std::string_view, Bytes message) {
                           const std::string kept = "kept";
                           subscriber_->unsubscribe("a");
                           heard += kept + std::string(as_text(message));
                         }});
  run_for(10ms);
  world_.redis.push(pushed({"message", "a", "1"}) + pushed({"message", "a", "2"}));
  run_for(5ms);
  EXPECT_EQ(heard, "kept1");
}

TEST_F(RedisSubscriber, MaySubscribeInItsHandlers) {
  connect();
  subscriber_->subscribe("a", {.on_message = [this](std::string_view, Bytes) {
                           subscriber_->subscribe("b", note("b"));
                         }});
  run_for(10ms);
  push({"message", "a", "1"});
  push({"message", "b", "2"});
  EXPECT_EQ(log(), "connect\nb: subscribed\nb: b 2\n");
}

TEST_F(RedisSubscriber, MayBeClosedOrDestroyedByItsHandlers) {
  const auto both = {+[](std::optional<Subscriber>& it) { it->close(); },
                     +[](std::optional<Subscriber>& it) { it.reset(); }};
  for (const auto end : both) {
    connect().subscribe("a", {.on_message = [&](auto, auto) { end(subscriber_); }});
    run_for(10ms);
    world_.redis.push(pushed({"message", "a", "1"}) + pushed({"message", "a", "2"}));
    run_for(5ms);
    EXPECT_EQ(world_.redis.connections(), 0U);
    connect().subscribe("a", {.on_subscribed = [&] { end(subscriber_); }});
    run_for(10ms);
    EXPECT_EQ(world_.redis.connections(), 0U);
    subscriber_.emplace(world_.loop, "redis://127.0.0.1",
                        ConnectionHandlers{.on_connect = [&] { end(subscriber_); }});
    run_for(10ms);
    EXPECT_EQ(world_.redis.connections(), 0U);
    subscriber_.emplace(world_.loop, "redis://127.0.0.1",
                        ConnectionHandlers{.on_disconnect = [&](auto&) { end(subscriber_); }});
    run_for(10ms);
    world_.redis.drop();
    run_for(10s);
    EXPECT_EQ(world_.redis.connections(), 0U);
  }
  EXPECT_EQ(log(), "connect\nconnect\n");
}

TEST_F(RedisSubscriber, SaysNothingAfterClose) {
  connect();
  subscriber_->subscribe("a", note("a"));
  run_for(10ms);
  log();
  subscriber_->close();
  EXPECT_FALSE(subscriber_->subscribe("b", note("b")));
  subscriber_->unsubscribe("a");
  EXPECT_FALSE(subscriber_->is_connected());
  run_for(10s);
  EXPECT_EQ(log(), "");
  EXPECT_EQ(world_.redis.connections(), 0U);
}

TEST_F(RedisSubscriber, GoesOnBehindAHandlerThatThrows) {
  int thrown = 0;
  world_.loop.on_exception([&](std::exception_ptr) { ++thrown; });
  connect().subscribe("a", {.on_message = [](auto, auto) { throw std::runtime_error("mine"); }});
  subscriber_->subscribe("b", note("b"));
  run_for(10ms);
  push({"message", "a", "1"});
  push({"message", "b", "2"});
  EXPECT_EQ(thrown, 1);
  EXPECT_EQ(log(), "b: subscribed\nconnect\nb: b 2\n");
}

}  // namespace
}  // namespace duplex::redis
