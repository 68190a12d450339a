// Servers joined by sharded channels: a room's is listened to where somebody is in it.
#include "cluster_stage.h"

namespace duplex::cluster {
namespace {

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

}  // namespace
}  // namespace duplex::cluster
