// Socket.IO of `duplex serve`: echo, and a chat with rooms.
#include <gtest/gtest.h>

#include "../../tools/duplex/serve/line_limit.h"
#include "../../tools/duplex/serve/socket_rooms.h"
#include "../support/socket_world.h"

namespace duplex::tools {
namespace {

using support::Texts;

class ServeSocketIo : public support::SocketWorld {
 protected:
  SocketCluster cluster_;
  SocketRooms rooms_{*world_.server, cluster_};
};

TEST_F(ServeSocketIo, EchoesEventsAndAcknowledgements) {
  const auto client = peer();
  client->join();
  client->say(R"(42["echo",1,{"a":[]}])").say(R"(427["echo","x"])");
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0], R"(42["echo",1,{"a":[]},"1"])");  // and the offset for coming again
  EXPECT_EQ(heard[1], R"(437["x"])");
}

TEST_F(ServeSocketIo, IsAChatWithRooms) {
  const auto a = peer();
  const auto b = peer();
  const auto outsider = peer();
  const std::string id = a->join("/chat");
  b->join("/chat");
  outsider->join("/chat");
  a->say(R"(42/chat,1["join","red"])");
  EXPECT_EQ(a->take(), Texts{"43/chat,1[1]"});
  b->say(R"(42/chat,["join","red"])").take();
  a->say(R"(42/chat,["chat","red","hello"])");
  EXPECT_EQ(b->take(), Texts{R"(42/chat,["chat","red",")" + id + R"(","hello","1"])"});
  EXPECT_EQ(outsider->take(), Texts{});
  b->say(R"(42/chat,["leave","red"])").take();
  a->say(R"(42/chat,["chat","red","anybody?"])");
  EXPECT_EQ(b->take(), Texts{});
}

TEST_F(ServeSocketIo, SaysWhatIsWrong) {
  const auto client = peer();
  client->join();
  client->say(R"(42["join",7])");
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_NE(heard[0].find("argument 1 is a number, where a text was expected"), std::string::npos);
}

TEST_F(ServeSocketIo, RefusesARoomBeyondItsLimits) {
  const auto client = peer();
  client->join();
  client->say(R"(42["join",")" + std::string(1025, 'r') + R"("])");
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_TRUE(heard[0].starts_with(R"(42["refused","join","a room's name of 1025 bytes)"))
      << heard[0];
  EXPECT_FALSE(client->closed());
}

TEST_F(ServeSocketIo, TellsEverybodyThatItEnds) {
  const auto client = peer();
  client->join();
  rooms_.close();
  world_.runner.run_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(client->closed());
}

TEST(LineLimit, LeavesOutWhatIsMoreThanTenASecond) {
  using std::chrono::milliseconds;
  LineLimit limit;
  const LineLimit::Time start = LineLimit::Time(std::chrono::hours(1));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limit.admit("a", start + milliseconds(i)), "a");
  for (int i = 10; i < 25; ++i) EXPECT_EQ(limit.admit("a", start + milliseconds(i)), "");
  EXPECT_EQ(limit.admit("b", start + milliseconds(1000)), "(15 more like this)\nb");
  EXPECT_EQ(limit.admit("c", start + milliseconds(2000)), "c");
}

}  // namespace
}  // namespace duplex::tools
