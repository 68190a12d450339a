// Servers joined by a stream: nothing is lost, nothing comes twice, and clients come again
// anywhere.
#include "stream_stage.h"

namespace duplex::cluster {
namespace {

using StreamAdapterTest = StreamStage;

TEST_F(StreamAdapterTest, BroadcastsInOneOrderWithOffsets) {
  serve_streams();
  a_->emit("n", 1);
  b_->emit("n", 2);
  b_->to("x").emit("n", 3);
  pass(milliseconds(30));
  EXPECT_EQ(at_a_->take().size(), 3U);
  const Texts at_b = at_b_->take();
  ASSERT_EQ(at_b.size(), 2U);
  EXPECT_TRUE(at_b[0].ends_with(R"(-0"])")) << at_b[0];
  EXPECT_EQ(redis_.stream_size("socket.io"), 3U);
}

TEST_F(StreamAdapterTest, SendsRequestsByTheWay) {
  serve_streams();
  const auto fetched = fetched_by_b(milliseconds(50));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->sockets.size(), 2U);
  EXPECT_EQ(redis_.stream_size("socket.io"), 0U);
}

TEST_F(StreamAdapterTest, LosesNothingWhileRedisIsAway) {
  serve_streams();
  for (int i = 0; i < 3; ++i) b_->emit("n", i);
  pass(milliseconds(30));
  redis_.stop();
  for (int i = 3; i < 6; ++i) b_->emit("n", i);
  pass(seconds(1));
  redis_.listen();
  for (int i = 6; i < 9; ++i) b_->emit("n", i);
  pass(seconds(10));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 3 4 5 6 7 8 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 3 4 5 6 7 8 ");
}

// Redis has them, but the connection is lost before it says so: they are not sent twice.
TEST_F(StreamAdapterTest, SendsNothingTwice) {
  serve_streams();
  redis_.lose_answer_to("XADD");
  for (int i = 0; i < 4; ++i) b_->emit("n", i);
  pass(milliseconds(20));
  redis_.lose_answer_to("");
  for (int i = 4; i < 6; ++i) b_->emit("n", i);
  pass(seconds(10));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 3 4 5 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 3 4 5 ");
  EXPECT_EQ(redis_.stream_size("socket.io"), 6U);
  EXPECT_NE(complaints_.find("events are sent again"), std::string::npos);
}

TEST_F(StreamAdapterTest, LetsClientsComeAgainOnAnotherServer) {
  serve_streams();
  const auto client = peer("/a/");
  client->say("40");
  pass(milliseconds(20));
  const std::string joined = client->take().at(0);
  const std::string id = member(joined, "sid");
  a_->of("/").find(id)->join("y");
  a_->of("/").find(id)->data() = events::Json(7);
  b_->emit("n", 1);
  pass(milliseconds(30));
  const Texts first = client->take();
  ASSERT_EQ(first.size(), 1U);
  const std::string offset = first[0].substr(first[0].rfind(',') + 1, 8);
  client->leave();
  pass(milliseconds(30));
  EXPECT_EQ(redis_.keys().size(), 1U);
  a_->to("y").emit("n", 2);
  b_->to("z").emit("n", 3);
  b_->to(id).emit("n", 4);
  a_->everybody().droppable().emit("n", 5);
  pass(milliseconds(30));
  const auto again = peer("/b/");
  again->say(R"(40{"pid":")" + member(joined, "pid") + R"(","offset":)" + offset + "}");
  b_->emit("n", 6);
  pass(milliseconds(50));
  Texts heard = again->take();
  EXPECT_EQ(id_in(heard), id);
  EXPECT_EQ(numbers_in(heard), "2 4 6 ");
  ASSERT_NE(b_->of("/").find(id), nullptr);
  EXPECT_EQ(std::any_cast<events::Json>(b_->of("/").find(id)->data()), events::Json(7));
  EXPECT_TRUE(redis_.keys().empty());
}

TEST_F(StreamAdapterTest, TakesWhoIsNotKnownForSomebodyNew) {
  serve_streams();
  for (const char* const auth :
       {R"({"pid":"p","offset":"1-0"})", R"({"pid":"p","offset":"no"})", R"({"pid":"p"})"}) {
    const auto client = peer("/a/");
    client->say(std::string("40") + auth);
    pass(milliseconds(30));
    EXPECT_FALSE(member(client->take().at(0), "sid").empty()) << auth;
  }
}

TEST_F(StreamAdapterTest, TakesEntriesOfOthers) {
  serve_streams();
  redis_.add(
      "socket.io",
      {"uid", "other", "nsp", "/", "type", "3", "data",
       R"({"packet":{"type":2,"data":["n",1]},"opts":{"rooms":[],"except":[],"flags":{}}})"});
  redis_.add("socket.io", {"uid", "other", "nsp", "/else", "type", "3", "data", "{}"});
  redis_.add("socket.io", {"uid", "other", "nsp", "/", "type", "99", "data", "{}"});
  std::string heard;
  const auto hear = [&](int n) { heard += std::to_string(n) + ' '; };
  a_->of("/").on_server_side("news", hear).on_server_side("more", hear);
  redis_.add("socket.io",
             {"uid", "other", "nsp", "/", "type", "9", "data", R"({"packet":["news",7]})"});
  redis_.add("socket.io", {"uid", "other", "nsp", "/", "type", "9", "data",
                           R"({"packet":["more",8],"requestId":"r"})"});
  redis_.add("socket.io", {"uid", "other", "nsp", "/", "type", "9", "data", R"({"packet":[9]})"});
  pass(milliseconds(30));
  EXPECT_EQ(heard, "7 8 ");
  EXPECT_EQ(numbers_in(at_a_->take()), "1 ");
  EXPECT_NE(complaints_.find("a message of type 99, which is none here"), std::string::npos);
}

// The first entry is read alone, the others come at once: the first of these makes the server go.
TEST_F(StreamAdapterTest, MayGoWithinAnEntry) {
  serve_streams();
  int passed = 0;
  in_b().on_any_outgoing([&](std::string_view, events::Values) {
    if (++passed == 2) b_.reset();
  });
  for (int i = 0; i < 3; ++i) a_->emit("n", i);
  for (int i = 3; i < 6; ++i) b_->emit("n", i);
  pass(seconds(1));
  EXPECT_EQ(b_, nullptr);
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 3 4 5 ");
}

TEST_F(StreamAdapterTest, KeepsWhatWaitsWithinItsLimit) {
  make_ = [](net::EventLoop& loop, std::string_view url, RedisOptions options) {
    return redis_streams(loop, url, std::move(options), {.max_pending = 2});
  };
  serve_both(make_, socketio::RecoveryOptions());
  redis_.stop();
  pass(milliseconds(20));
  for (int i = 0; i < 4; ++i) b_->emit("n", i);
  pass(milliseconds(20));
  EXPECT_EQ(at_b_->take(), (Texts{R"(42["n",2])", R"(42["n",3])"}));
  EXPECT_NE(complaints_.find("2 events wait for Redis"), std::string::npos);
}

}  // namespace
}  // namespace duplex::cluster
