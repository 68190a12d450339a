// Clients that come again to servers joined by a stream: who is let in, and with what.
#include "duplex/codec/base64.h"
#include "duplex/codec/msgpack.h"
#include "stream_stage.h"

namespace duplex::cluster {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using events::Next;
using events::Refusal;

class LostSocketsTest : public StreamStage {
 protected:
  // Nobody new is let into "/admin".
  void serve_guarded() {
    serve_streams();
    for (SocketServer* const each : {a_.get(), b_.get()}) {
      each->of("/admin").use([](Socket&, const Next& next) { next(Refusal{"no"}); });
    }
  }
  // As a server of Node.js writes it, which names no namespace.
  void keep_as_node_does(const std::string& secret, const std::string& room = "a") {
    const JsonArray rooms = {"an id of 20 letters.", room};
    JsonObject session = {{"sid", "an id of 20 letters."}, {"pid", secret}, {"rooms", rooms}};
    redis_.keys()["sio:session:" + secret] =
        codec::base64_encode(codec::write_msgpack(std::move(session)));
  }
};

TEST_F(LostSocketsTest, ComeAgainToTheirOwnNamespaceAlone) {
  serve_guarded();
  const Left left = lost_client();
  ASSERT_EQ(redis_.keys().size(), 1U);
  EXPECT_EQ(first_answer("/b/", "40/admin," + left.auth()), R"(44/admin,{"message":"no"})");
  EXPECT_EQ(b_->of("/admin").find(left.id), nullptr);
}

TEST_F(LostSocketsTest, OfNodeAreOfTheRoot) {
  serve_guarded();
  const Left left = lost_client();
  const std::string auth = R"({"pid":"secret","offset":)" + left.offset + "}";
  keep_as_node_does("secret");
  EXPECT_EQ(first_answer("/b/", "40/admin," + auth), R"(44/admin,{"message":"no"})");
  keep_as_node_does("secret");
  EXPECT_EQ(member(first_answer("/b/", "40" + auth), "sid"), "an id of 20 letters.");
}

TEST_F(LostSocketsTest, AreNewWhereTheirRoomsAreBeyondTheLimits) {
  serve_guarded();
  const Left left = lost_client();
  keep_as_node_does("secret", std::string(1025, 'r'));
  const std::string answer =
      first_answer("/b/", R"(40{"pid":"secret","offset":)" + left.offset + "}");
  EXPECT_EQ(member(answer, "sid").size(), 20U) << answer;
  EXPECT_NE(member(answer, "sid"), "an id of 20 letters.");
}

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
  EXPECT_EQ(id_in(heard), left.id);
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

// Redis would be asked for ever.
TEST_F(LostSocketsTest, AreNewWhereTheStreamGoesInCircles) {
  serve_streams();
  const Left left = lost_client();
  b_->emit("n", 2);
  pass(milliseconds(30));
  redis_.spoil_ranges("*1\r\n*2\r\n$6\r\n1001-0\r\n*0\r\n");
  const std::string answer = first_answer("/b/", "40" + left.auth());
  EXPECT_TRUE(answer.starts_with(R"(40{"sid":")")) << answer;
  EXPECT_EQ(answer.find(left.id), std::string::npos);
}

}  // namespace
}  // namespace duplex::cluster
