// Clients that come again to servers joined by a stream: who is let in, and with what.
#include "stream_stage.h"

namespace duplex::cluster {
namespace {

using LostSocketsTest = StreamStage;

TEST_F(LostSocketsTest, ComeAgainWhileEventsComeAllTheTime) {
  serve_streams();
  const Left left = lost_client();
  const auto client = peer("/b/");
  client->say("40" + left.auth());
  for (int i = 0; i < 60; ++i) {
    redis_.add("socket.io", {"uid", "other", "nsp", "/", "type", "3", "data",
                             R"({"packet":{"type":2,"data":["n",)" + std::to_string(i) +
                                 R"(]},"opts":{"rooms":[],"except":[],"flags":{}}})"});
    pass(milliseconds(1));
  }
  const Texts heard = client->take();
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(member(heard[0], "sid"), left.id);
  EXPECT_TRUE(numbers_in(heard).starts_with("0 1 2 3 4 5 6 7 8 9 10 11 ")) << numbers_in(heard);
}

// A server that does not know yet where it reads does not know either what a client misses.
TEST_F(LostSocketsTest, AreNewWhereTheStreamIsNotReadYet) {
  serve_streams();
  const Left left = lost_client();
  a_->emit("n", 2);
  pass(milliseconds(30));
  redis_.refuse("XREVRANGE", "BUSY a script is running");
  const auto c = server("/c/", socketio::RecoveryOptions());
  pass(milliseconds(50));
  const std::string sid = member(first_answer("/c/", "40" + left.auth()), "sid");
  EXPECT_FALSE(sid.empty());
  EXPECT_NE(sid, left.id);
}

}  // namespace
}  // namespace duplex::cluster
