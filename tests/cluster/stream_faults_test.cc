// Servers joined by a stream, when something goes wrong: handlers that throw or end their server,
// connections that are lost in between, a Redis that refuses.
#include "stream_stage.h"

namespace duplex::cluster {
namespace {

class StreamFaultsTest : public StreamStage {
 protected:
  // Another server, whose reader has no place in the stream as long as Redis refuses to tell.
  void serve_without_place() {
    redis_.refuse("XREVRANGE", "BUSY a script is running");
    c_ = server("/c/", socketio::RecoveryOptions());
    pass(milliseconds(50));
  }

  std::unique_ptr<SocketServer> c_;
};

// --- Handlers ------------------------------------------------------------------------------------

TEST_F(StreamFaultsTest, ReadsOnAfterAHandlerThatThrows) {
  serve_streams();
  int caught = 0;
  world_.server_side.loop.on_exception([&](const std::exception_ptr&) { ++caught; });
  in_b().on_any_outgoing([](std::string_view, events::Values values) {
    if (values[0].integer() == 1) throw std::runtime_error("one");
  });
  for (int i = 0; i < 4; ++i) a_->emit("n", i);
  pass(milliseconds(50));
  EXPECT_GT(caught, 0);
  a_->emit("n", 4);
  pass(milliseconds(50));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 3 4 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 3 4 ");
}

TEST_F(StreamFaultsTest, LoseNothingThatIsEmittedWithinAComplaint) {
  serve_streams();
  redis_.lose_answer_to("XADD");
  on_error_ = [this] {
    on_error_ = {};
    b_->emit("n", 9);
  };
  for (int i = 0; i < 3; ++i) b_->emit("n", i);
  pass(milliseconds(20));
  redis_.lose_answer_to("");
  b_->emit("n", 10);
  pass(seconds(10));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 9 10 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 9 10 ");
  EXPECT_EQ(redis_.stream_size("socket.io"), 5U);
}

// Who comes again is told first that Redis cannot be asked, and then the events are.
TEST_F(StreamFaultsTest, LoseNothingThatIsEmittedWhileAConnectionFails) {
  serve_streams();
  const Left left = lost_client();
  at_a_->take();
  at_b_->take();
  const auto again = peer("/b/");
  b_->on_connection([this](Socket&) { b_->emit("n", 9); });
  again->say("40" + left.auth());
  b_->emit("n", 7);
  b_->emit("n", 8);
  run_for(milliseconds(3));
  redis_.stop();
  pass(milliseconds(500));
  redis_.listen();
  pass(seconds(10));
  EXPECT_EQ(numbers_in(at_a_->take()), "7 8 9 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "7 8 9 ");
}

// As many entries as are asked for at once may be more than one reply may hold.
TEST_F(StreamFaultsTest, AsksForFewerEntriesWhenAReplyWasTooLarge) {
  client_options_.reply.max_size = 20'000;
  serve_streams();
  redis_.stop();
  pass(milliseconds(20));
  for (int i = 0; i < 40; ++i) b_->emit("n", i, std::string(2000, 'x'));
  redis_.listen();
  pass(seconds(20));
  std::string all;
  for (int i = 0; i < 40; ++i) all += std::to_string(i) + " ";
  EXPECT_EQ(numbers_in(at_a_->take()), all);
  EXPECT_EQ(numbers_in(at_b_->take()), all);
}

TEST_F(StreamFaultsTest, AsksForFewerMissedEventsWhenAReplyWasTooLarge) {
  client_options_.reply.max_size = 20'000;
  serve_streams();
  const Left left = lost_client();
  std::string all;
  for (int i = 10; i < 50; ++i) {
    b_->emit("n", i, std::string(2000, 'x'));
    pass(milliseconds(20));
    all += std::to_string(i) + " ";
  }
  const auto again = peer("/b/");
  again->say("40" + left.auth());
  pass(seconds(20));
  EXPECT_TRUE(numbers_in(again->take()).ends_with(all));
}

TEST_F(StreamFaultsTest, MayGoWithinAComplaint) {
  serve_streams();
  on_error_ = [this] {
    a_.reset();
    b_.reset();
  };
  b_->emit("n", 0);
  run_for(milliseconds(3));
  redis_.stop();
  pass(milliseconds(100));
  EXPECT_EQ(b_, nullptr);
  EXPECT_EQ(complaints_.find('\n'), complaints_.size() - 1) << complaints_;
}

// Nothing holds what the factory holds.
TEST_F(StreamFaultsTest, MayGoWithinAComplaintOfARefusal) {
  redis_.refuse("XREVRANGE", "NOPERM no");
  AdapterFactory factory;
  RedisOptions options;
  options.on_error = [&](std::string_view what) {
    complaints_ += what;
    factory = {};
  };
  factory = streams(world_.server_side.loop, "redis://127.0.0.1", std::move(options));
  pass(seconds(2));
  EXPECT_EQ(complaints_, "stream 'socket.io': NOPERM no");
  EXPECT_EQ(redis_.connections(), 0U);
}

// --- What is lost on its way ---------------------------------------------------------------------

// Redis has them, and they cannot be read or looked for yet: that says nothing about them.
TEST_F(StreamFaultsTest, LookAgainWhenRedisRefusesToTell) {
  serve_streams();
  redis_.refuse("XREAD", "BUSY a script is running");
  b_->emit("n", 0);
  pass(milliseconds(30));
  redis_.refuse("XRANGE", "BUSY a script is running");
  redis_.lose_answer_to("XADD");
  b_->emit("n", 1);
  b_->emit("n", 2);
  pass(milliseconds(20));
  redis_.lose_answer_to("");
  pass(milliseconds(500));
  redis_.refuse("XRANGE", "");
  pass(seconds(2));
  redis_.refuse("XREAD", "");
  pass(seconds(5));
  EXPECT_EQ(redis_.stream_size("socket.io"), 3U);
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 ");
}

TEST_F(StreamFaultsTest, LookForWhatWasLostInPages) {
  serve_streams();
  redis_.lose_answer_to("XADD");
  for (int i = 0; i < 4; ++i) b_->emit("n", i);
  pass(milliseconds(3));
  redis_.stop();
  redis_.lose_answer_to("");
  for (int i = 0; i < 2'500; ++i) redis_.add("socket.io", {"uid", "other", "nsp", "/else"});
  redis_.listen();
  pass(seconds(5));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 3 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 3 ");
  EXPECT_EQ(redis_.stream_size("socket.io"), 2'504U);
  EXPECT_LE(redis_.longest_range(), 1'000U);
}

TEST_F(StreamFaultsTest, RefuseWhatCanNeverFit) {
  client_options_.max_pending_size = 4'000;
  serve_streams();
  b_->emit("n", std::string(5'000, 'x'));
  b_->emit("n", 2);
  pass(seconds(1));
  EXPECT_EQ(numbers_in(at_a_->take()), "2 ");
  EXPECT_EQ(at_b_->take().size(), 2U);
  EXPECT_NE(complaints_.find("bytes, and 4000 is the limit: it is for this server alone\n"),
            std::string::npos)
      << complaints_;
}

TEST_F(StreamFaultsTest, WaitUntilThereIsRoom) {
  client_options_.max_pending_commands = 2;
  serve_streams();
  for (int i = 0; i < 9; ++i) b_->emit("n", i);
  pass(seconds(2));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 3 4 5 6 7 8 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 3 4 5 6 7 8 ");
}

// --- A reader without a place --------------------------------------------------------------------

// Else it would not hear of its own event before another one comes.
TEST_F(StreamFaultsTest, WriteNothingBeforeThereIsAPlaceToReadFrom) {
  serve_streams();
  serve_without_place();
  const auto client = peer("/c/");
  client->join();
  c_->emit("n", 1);
  pass(milliseconds(100));
  EXPECT_EQ(redis_.stream_size("socket.io"), 0U);
  redis_.refuse("XREVRANGE", "");
  pass(seconds(2));
  EXPECT_EQ(numbers_in(client->take()), "1 ");
  EXPECT_EQ(numbers_in(at_a_->take()), "1 ");
}

// --- A stream that is not what it was ------------------------------------------------------------

// Redis has lost it, and its clock stands before what has been read.
TEST_F(StreamFaultsTest, GoOnWithAStreamThatBeginsAnew) {
  serve_streams();
  for (int i = 0; i < 3; ++i) b_->emit("n", i);
  pass(milliseconds(30));
  redis_.begin_anew("socket.io", 500);
  for (int i = 3; i < 6; ++i) b_->emit("n", i);
  pass(seconds(5));
  EXPECT_EQ(numbers_in(at_a_->take()), "0 1 2 ");
  redis_.answer_reads("*-1\r\n");
  pass(milliseconds(50));
  b_->emit("n", 6);
  pass(milliseconds(50));
  EXPECT_EQ(numbers_in(at_a_->take()), "3 4 5 6 ");
  EXPECT_EQ(numbers_in(at_b_->take()), "0 1 2 3 4 5 6 ");
  EXPECT_NE(
      complaints_.find("stream 'socket.io' has begun anew: it ends with 502-0, and 1003-0 was "
                       "read\n"),
      std::string::npos)
      << complaints_;
}

TEST_F(StreamFaultsTest, AskNoMoreThanOnceASecondWhereNothingComesAtOnce) {
  serve_streams();
  const std::string entry = "*1\r\n*2\r\n$6\r\n1001-0\r\n*0\r\n";
  b_->emit("n", 1);
  pass(milliseconds(30));
  for (const std::string& reply :
       {std::string("*-1\r\n"), std::string("+OK\r\n"), std::string("*1\r\n:7\r\n"),
        "*1\r\n*2\r\n$9\r\nsocket.io\r\n" + entry}) {
    redis_.spoil_reads(reply);
    redis_.answer_reads("*-1\r\n");
    const std::size_t before = redis_.reads();
    pass(seconds(10));
    EXPECT_LE(redis_.reads() - before, 2 * 12U) << reply;  // of two servers
    redis_.spoil_reads("");
    pass(seconds(2));
    b_->emit("n", 2);
    pass(milliseconds(30));
  }
  EXPECT_EQ(numbers_in(at_a_->take()), "1 2 2 2 2 ");
  EXPECT_NE(complaints_.find("Redis answers at once, and nothing new after 1001-0"),
            std::string::npos)
      << complaints_;
}

}  // namespace
}  // namespace duplex::cluster
