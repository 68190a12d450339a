// Namespaces are shared out among several streams as servers of Node.js do it.
#include "cluster/stream_name.h"

#include "stream_stage.h"

namespace duplex::cluster {
namespace {

// What @socket.io/redis-streams-adapter 0.3.1 computes.
TEST(StreamName, IsAsNodeHasIt) {
  const auto of_four = [](std::string_view nsp) { return stream_name("s", nsp, 4); };
  EXPECT_EQ(of_four("/"), "s-3");
  EXPECT_EQ(of_four("/admin"), "s-0");
  EXPECT_EQ(of_four("/chat"), "s-3");
  EXPECT_EQ(of_four("/dashboard"), "s--3");
  EXPECT_EQ(of_four("/Straße"), "s-1");
  EXPECT_EQ(of_four("/😀"), "s-2");
  EXPECT_EQ(of_four("/größe/€"), "s-3");
  EXPECT_EQ(stream_name("s", "/dashboard", 3), "s--1");
}

TEST(StreamName, OfOneStreamHasNoNumber) {
  EXPECT_EQ(stream_name("socket.io", "/dashboard", 1), "socket.io");
  EXPECT_EQ(stream_names("socket.io", 1), std::vector<std::string>{"socket.io"});
  EXPECT_EQ(stream_names("s", 3), (std::vector<std::string>{"s--2", "s--1", "s-0", "s-1", "s-2"}));
}

class SeveralStreams : public StreamStage {
 protected:
  void serve_three() {
    make_ = [](net::EventLoop& loop, std::string_view url, RedisOptions options) {
      return redis_streams(loop, url, std::move(options), {.stream_count = 3});
    };
    serve_both(make_, socketio::RecoveryOptions());
  }
};

TEST_F(SeveralStreams, HaveANamespaceEach) {
  serve_three();
  for (const std::string nsp : {"/", "/admin", "/dashboard"}) {
    for (SocketServer* const each : {a_.get(), b_.get()}) each->of(nsp);
    const auto client = peer("/a/");
    client->say("40" + nsp + ",");
    pass(milliseconds(20));
    client->take();
    b_->of(nsp).emit("n", 1);
    pass(milliseconds(30));
    const Texts heard = client->take();
    ASSERT_EQ(heard.size(), 1U) << nsp;
    EXPECT_NE(heard[0].find(R"(["n",1,)"), std::string::npos) << heard[0];
  }
  EXPECT_EQ(redis_.stream_size("socket.io-2"), 1U);
  EXPECT_EQ(redis_.stream_size("socket.io-1"), 1U);
  EXPECT_EQ(redis_.stream_size("socket.io--1"), 1U);
}

TEST_F(SeveralStreams, LetClientsComeAgain) {
  serve_three();
  const Left left = lost_client();
  b_->emit("n", 2);
  pass(milliseconds(30));
  const auto again = peer("/b/");
  again->say("40" + left.auth());
  pass(milliseconds(50));
  EXPECT_EQ(numbers_in(again->take()), "2 ");
  EXPECT_NE(b_->of("/").find(left.id), nullptr);
}

TEST_F(SeveralStreams, AreOneAtLeastAndNotTooMany) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{65}}) {
    EXPECT_THROW(
        redis_streams(world_.server_side.loop, "redis://127.0.0.1", {}, {.stream_count = count}),
        std::invalid_argument);
  }
}

}  // namespace
}  // namespace duplex::cluster
