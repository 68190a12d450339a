// Servers joined by sharded channels: a room's is listened to where somebody is in it.
#include "cluster_stage.h"

namespace duplex::cluster {
namespace {

using support::Peer;

using ShardedAdapterTest = ClusterStage;

TEST_F(ShardedAdapterTest, BroadcastsToOtherServers) {
  serve_both(redis_sharded);
  b_->emit("all", 1);
  EXPECT_EQ(heard(), R"(a:42["all",1] b:42["all",1] )");
  EXPECT_EQ(redis_.published().back().front(), "socket.io#/#");
  b_->to("x").emit("room");
  EXPECT_EQ(heard(), R"(a:42["room"] )");
  EXPECT_EQ(redis_.published().back().front(), "socket.io#/#x#");
  b_->to(id_a_).emit("straight");
  EXPECT_EQ(heard(), R"(a:42["straight"] )");
  EXPECT_EQ(redis_.published().back().front(), "socket.io#/#");
}

TEST_F(ShardedAdapterTest, FollowsItsRooms) {
  serve_both(redis_sharded);
  EXPECT_EQ(redis_.subscribers("socket.io#/#"), 2U);
  EXPECT_EQ(redis_.subscribers("socket.io#/#x#"), 1U);
  in_b().join("x");
  pass(milliseconds(30));
  EXPECT_EQ(redis_.subscribers("socket.io#/#x#"), 2U);
  at_a_->leave();
  in_b().leave("x");
  pass(milliseconds(30));
  EXPECT_EQ(redis_.subscribers("socket.io#/#x#"), 0U);
  in_b().join("x");
  b_.reset();
  pass(milliseconds(30));
  EXPECT_EQ(redis_.subscribers("socket.io#/#x#"), 0U);
  EXPECT_EQ(redis_.subscribers("socket.io#/#"), 1U);
}

TEST_F(ShardedAdapterTest, AsksAllServers) {
  serve_both(redis_sharded);
  const auto fetched = fetched_by_b(milliseconds(50));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->sockets.size(), 2U);
  EXPECT_EQ(fetched->silent_servers, 0U);
}

TEST_F(ShardedAdapterTest, SaysWhatMakesNoSense) {
  serve_both(redis_sharded);
  redis_.publish("socket.io#/#", "{}");
  pass(milliseconds(30));
  EXPECT_NE(complaints_.find("namespace '/': "), std::string::npos);
}

// Whoever can look at Redis knows it: requests still come there.
TEST_F(ShardedAdapterTest, KeepsItsOwnChannelWhateverRoomsAreCalled) {
  serve_both(redis_sharded);
  b_->everybody().fetch_sockets([](const FetchedSockets&) {});
  pass(milliseconds(30));
  const std::string& asked = redis_.published().back().front();  // "socket.io#/#<uid>#"
  const std::string uid = asked.substr(asked.size() - 17, 16);
  in_b().join(uid);
  in_b().leave(uid);
  pass(milliseconds(30));
  const auto fetched = fetched_by_b(milliseconds(50));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->silent_servers, 0U);
}

// Their ids name their namespace.
TEST_F(ShardedAdapterTest, ReachesClientsOfSocketIo2Alone) {
  serve_both(redis_sharded);
  events::SocketServerOptions options = {.path = "/c/", .adapter = adapter()};
  options.engine.allow_eio3 = true;
  SocketServer c(*world_.server, std::move(options));
  for (SocketServer* const each : {b_.get(), &c}) each->of("/chat");
  pass(milliseconds(20));
  Peer old(world_, client_, "/c/?EIO=3&transport=websocket");
  old.say("40/chat");
  pass(milliseconds(20));
  old.take();
  b_->of("/chat").to("/chat#" + old.sid()).emit("straight");
  pass(milliseconds(30));
  EXPECT_EQ(old.take(), Texts{R"(42/chat,["straight"])"});
}

// "socket.io#/#a#" is the channel of the one's room and of the other namespace.
TEST_F(ShardedAdapterTest, KeepsRoomsAndNamespacesApart) {
  serve_both(redis_sharded);
  in_a().join("a");
  for (SocketServer* const each : {a_.get(), b_.get()}) each->of("/#a");
  at_a_->join("/#a");
  at_b_->join("/#a");
  pass(milliseconds(20));
  b_->to("a").emit("room");
  EXPECT_EQ(heard(), R"(a:42["room"] )");
  b_->of("/#a").emit("all");
  EXPECT_EQ(heard(), R"(a:42/#a,["all"] b:42/#a,["all"] )");
  in_a().leave("a");
  pass(milliseconds(30));
  b_->of("/#a").emit("all");
  EXPECT_EQ(heard(), R"(a:42/#a,["all"] b:42/#a,["all"] )");
  in_a().join("a");
  pass(milliseconds(30));
  b_->to("a").emit("room");
  EXPECT_EQ(heard(), R"(a:42["room"] )");
  EXPECT_EQ(complaints_, "");
}

// As Redis 6 does.
TEST_F(ShardedAdapterTest, SaysWhatRedisRefuses) {
  redis_.refuse("SSUBSCRIBE", "ERR unknown command 'SSUBSCRIBE'");
  redis_.refuse("SPUBLISH", "ERR unknown command 'SPUBLISH'");
  serve_both(redis_sharded);
  EXPECT_NE(complaints_.find("channel 'socket.io#/#': ERR unknown command 'SSUBSCRIBE'\n"),
            std::string::npos)
      << complaints_;
  b_->emit("all");
  EXPECT_EQ(heard(), R"(b:42["all"] )");
  EXPECT_NE(complaints_.find("publishing: ERR unknown command 'SPUBLISH'\n"), std::string::npos)
      << complaints_;
}

TEST_F(ShardedAdapterTest, SaysWhatItCannotListenTo) {
  client_options_.max_pending_commands = 4;
  serve_both(redis_sharded);
  for (int i = 0; i < 9; ++i) in_b().join("room " + std::to_string(i));
  pass(milliseconds(30));
  EXPECT_EQ(redis_.subscribers("socket.io#/#room 0#"), 1U);
  EXPECT_NE(complaints_.find("channel 'socket.io#/#room 8#': too much waits for Redis, it is not "
                             "listened to\n"),
            std::string::npos)
      << complaints_;
}

}  // namespace
}  // namespace duplex::cluster
