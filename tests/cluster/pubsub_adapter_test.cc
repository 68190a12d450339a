// Servers joined by publish and subscribe: what they say to Redis, and to each other through it.
#include "cluster_stage.h"
#include "socketio/classic_messages.h"

namespace duplex::cluster {
namespace {

using events::AckReply;
using events::AckStatus;
using events::Json;

class PubsubAdapterTest : public ClusterStage {
 protected:
  // A message of another server, in this format.
  void say(const socketio::ClusterMessage& message) {
    const socketio::ClassicChannels channels("socket.io", "/");
    redis_.publish(channel_of(message, channels), encode_classic(message, "/"));
  }
};

TEST_F(PubsubAdapterTest, BroadcastsToOtherServers) {
  serve_both(redis_pubsub);
  b_->emit("all", 1);
  EXPECT_EQ(heard(), R"(a:42["all",1] b:42["all",1] )");
  b_->to("x").emit("room");
  EXPECT_EQ(heard(), R"(a:42["room"] )");
  EXPECT_EQ(redis_.published().back().front(), "socket.io#/#x#");
  in_b().broadcast().emit("others");
  EXPECT_EQ(heard(), R"(a:42["others"] )");
  b_->everybody().local().emit("here");
  EXPECT_EQ(heard(), R"(b:42["here"] )");
  EXPECT_EQ(complaints_, "");
}

TEST_F(PubsubAdapterTest, AsksAllServers) {
  serve_both(redis_pubsub);
  const auto fetched = fetched_by_b(milliseconds(50));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->sockets.size(), 2U);
  EXPECT_EQ(fetched->silent_servers, 0U);
  std::optional<AckReply> reply;
  b_->everybody().timeout(seconds(2)).emit("q", [&](AckReply& all) { reply = all; });
  pass(milliseconds(50));
  at_a_->say(R"(430["a"])");
  at_b_->say(R"(430["b"])");
  pass(milliseconds(50));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, AckStatus::answered);
  EXPECT_EQ(reply->values.size(), 2U);
}

TEST_F(PubsubAdapterTest, MovesSocketsOfOtherServers) {
  serve_both(redis_pubsub);
  b_->to("x").sockets_join("y");
  pass(milliseconds(30));
  EXPECT_TRUE(in_a().is_in("y"));
  b_->to("y").disconnect_sockets();
  EXPECT_EQ(heard(), "a:41 ");
}

// Another server answers no more: what has come by then is what there is.
TEST_F(PubsubAdapterTest, CountsServersThatAreSilent) {
  serve_both(redis_pubsub);
  redis::Subscriber silent(world_.server_side.loop, "redis://127.0.0.1");
  silent.subscribe("socket.io-request#/#", {});
  pass(milliseconds(50));
  std::optional<FetchedSockets> fetched;
  b_->everybody().fetch_sockets([&](FetchedSockets all) { fetched = std::move(all); });
  pass(milliseconds(900));
  EXPECT_FALSE(fetched);
  pass(milliseconds(200));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->sockets.size(), 2U);
  EXPECT_EQ(fetched->silent_servers, 1U);
}

TEST_F(PubsubAdapterTest, DoesWhatEmittersSay) {
  serve_both(redis_pubsub);
  say({.uid = "emitter", .values = {"news"}});
  EXPECT_EQ(heard(), R"(a:42["news"] b:42["news"] )");
  say({.type = socketio::ClusterMessage::Type::sockets_join,
       .target = {.rooms = {"x"}},
       .rooms = {"y"}});
  pass(milliseconds(30));
  EXPECT_TRUE(in_a().is_in("y"));
  EXPECT_FALSE(in_b().is_in("y"));
}

TEST_F(PubsubAdapterTest, AnswersWhoAsksForRooms) {
  serve_both(redis_pubsub);
  say({.type = socketio::ClusterMessage::Type::list_rooms, .uid = "other", .request = "r"});
  pass(milliseconds(30));
  const auto& last = redis_.published().back();
  EXPECT_EQ(last.front(), "socket.io-response#/#other#");
  EXPECT_NE(last.back().find(R"("requestId":"r","rooms":[)"), std::string::npos);
}

TEST_F(PubsubAdapterTest, SaysWhatMakesNoSense) {
  serve_both(redis_pubsub);
  redis_.publish("socket.io-request#/#", R"({"type":99})");
  pass(milliseconds(30));
  EXPECT_NE(complaints_.find("namespace '/': a request of type 99, which is none\n"),
            std::string::npos);
}

// Applications on Node.js look into both.
TEST_F(PubsubAdapterTest, HasObjectsForWhatASocketDoesNotSay) {
  serve_both(redis_pubsub);
  say({.type = socketio::ClusterMessage::Type::fetch_sockets, .uid = "other", .request = "r"});
  pass(milliseconds(30));
  const std::string& answer = redis_.published().back().back();
  EXPECT_NE(answer.find(R"("auth":{})"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("data":{})"), std::string::npos);
}

// Clients would take it for a fault of this server's, and close.
TEST_F(PubsubAdapterTest, PassesNothingOnThatClientsDoNotTake) {
  serve_both(redis_pubsub);
  codec::JsonArray values = {"x"};
  for (int i = 0; i < 11; ++i) values.emplace_back(codec::JsonBytes());
  say({.uid = "emitter", .values = values});
  say({.uid = "emitter", .values = {"connect", 1}});
  EXPECT_EQ(heard(), "");
  for (const char* const why : {"the event 'x': 11 attachments, above the limit of 10",
                                "an event of the reserved name 'connect'"}) {
    EXPECT_NE(complaints_.find("namespace '/': " + std::string(why) + "\n"), std::string::npos)
        << complaints_;
  }
}

TEST_F(PubsubAdapterTest, LeavesOutRoomsBeyondItsLimits) {
  serve_both(redis_pubsub);
  say({.type = socketio::ClusterMessage::Type::sockets_join,
       .target = {.rooms = {"x"}},
       .rooms = {std::string(2000, 'r'), "y"}});
  pass(milliseconds(30));
  EXPECT_TRUE(in_a().is_in("y"));
  EXPECT_EQ(in_a().rooms().size(), 3U);
  EXPECT_EQ(complaints_, "namespace '/': a room's name of 2000 bytes, and 1024 is the limit\n");
}

// What is said meanwhile reaches this server's own clients alone; afterwards it is as before.
TEST_F(PubsubAdapterTest, GoesOnAfterRedisWasAway) {
  serve_both(redis_pubsub);
  redis_.stop();
  pass(milliseconds(20));
  b_->emit("alone");
  EXPECT_EQ(heard(), R"(b:42["alone"] )");
  redis_.listen();
  pass(seconds(3));
  heard();
  b_->emit("together");
  EXPECT_EQ(heard(), R"(a:42["together"] b:42["together"] )");
  EXPECT_NE(complaints_.find("listening: "), std::string::npos);
}

TEST_F(PubsubAdapterTest, LeavesItsChannels) {
  serve_both(redis_pubsub);
  EXPECT_EQ(redis_.subscribers("socket.io-request#/#"), 2U);
  a_.reset();
  pass(milliseconds(30));
  EXPECT_EQ(redis_.subscribers("socket.io-request#/#"), 1U);
  b_->emit("q", [this](AckReply& reply) { log_ += std::to_string(reply.values.size()); });
  pass(milliseconds(30));
  at_b_->say(R"(430["b"])");
  pass(milliseconds(30));
  EXPECT_EQ(log_, "1");
}

// What is for the one namespace matches the other's pattern.
TEST_F(PubsubAdapterTest, KeepsRoomsAndNamespacesApart) {
  serve_both(redis_pubsub);
  in_a().join("a");
  for (SocketServer* const each : {a_.get(), b_.get()}) each->of("/#a");
  at_a_->join("/#a");
  pass(milliseconds(20));
  b_->of("/#a").emit("all");
  EXPECT_EQ(heard(), R"(a:42/#a,["all"] )");
  b_->to("a").emit("room");
  EXPECT_EQ(heard(), R"(a:42["room"] )");
  EXPECT_EQ(complaints_, "");
}

TEST_F(PubsubAdapterTest, RefusesUrls) {
  EXPECT_THROW(redis_pubsub(world_.server_side.loop, "http://a"), std::invalid_argument);
}

}  // namespace
}  // namespace duplex::cluster
