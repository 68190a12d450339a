// Sessions of Engine.IO over WebSocket, and on their way there from polling.
#include "engine_test.h"

namespace duplex {
namespace {

using Engine = EngineTest;

TEST_F(Engine, SpeaksOverWebSocketAlone) {
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  ASSERT_EQ(socket->heard.size(), 1U) << socket->failure;
  EXPECT_NE(socket->heard[0].find(R"("upgrades":[])"), std::string::npos);
  say(*socket, "4echo");
  EXPECT_EQ(socket->heard.back(), "4echo");
  client_.find(socket->id)->send_binary(as_bytes("\x01\x02"));
  run_for(milliseconds(5));
  EXPECT_EQ(socket->heard.back(), "\x01\x02");
  say(*socket, "1");
  run_for(milliseconds(5));
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(log_, "open /engine.io/\ntransport close\n");
}

TEST_F(Engine, SendsBytesAsTextToWhoAsksForIt) {
  serve();
  const auto socket = connect("EIO=4&transport=websocket&b64=1");
  say(*socket, "bAQI=");
  EXPECT_EQ(socket->heard.back(), "bAQI=");
}

TEST_F(Engine, ClosesAWebSocketThatSendsNoPackets) {
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  say(*socket, "abc");
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(log_, "open /engine.io/\nparse error\n");
}

TEST_F(Engine, ChangesToWebSocketInOrder) {
  serve();
  const std::string query = open();
  const std::string sid = sid_of(query);
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid);
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(5));
  EXPECT_TRUE(answer_of(poll).body.empty());
  say(*socket, "2probe");
  EXPECT_EQ(socket->heard, Texts{"3probe"});
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body, "6");
  EXPECT_EQ(ask("GET", query).body, "6");
  engine_->find(sid)->send_text("between");
  say(*socket, "5");
  EXPECT_EQ(socket->heard, (Texts{"3probe", "4between"}));
  EXPECT_EQ(engine_->find(sid)->transport(), engineio::Transport::websocket);
  say(*socket, "4after");
  EXPECT_EQ(socket->heard.back(), "4after");
  // Polling is over for it, and so are other WebSockets.
  EXPECT_EQ(ask("GET", query).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_FALSE(connect("EIO=4&transport=websocket&sid=" + sid)->failure.empty());
  EXPECT_TRUE(engine_->find(sid)->is_open());
}

TEST_F(Engine, P19DropsAProbeThatHangs) {
  serve();
  const std::string query = open();
  const auto silent = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  EXPECT_FALSE(silent->closed);
  run_for(milliseconds(110));
  EXPECT_TRUE(silent->closed);
  EXPECT_EQ(ask("POST", query, "4still polling").body, "ok");
  const auto again = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  say(*again, "2probe");
  EXPECT_EQ(again->heard, Texts{"3probe"});
}

// Its client has stopped to poll, and waits for nothing but the WebSocket.
TEST_F(Engine, SaysItsLastOnTheTransportThatItChangesTo) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  say(*socket, "2probe");
  ASSERT_EQ(ask("POST", query,
                "4one\x1e"
                "4say bye")
                .body,
            "ok");
  EXPECT_EQ(engine_->find(sid_of(query)), nullptr);
  EXPECT_FALSE(socket->closed);
  say(*socket, "5");
  run_for(milliseconds(5));
  EXPECT_EQ(socket->heard, (Texts{"3probe", "4one", "4bye"}));
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(ask("GET", query).status, 400);
}

TEST_F(Engine, SaysItsLastToWhoHasNotEvenProbedYet) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  ASSERT_EQ(ask("POST", query, "4say bye").body, "ok");
  say(*socket, "2probe");
  say(*socket, "5");
  run_for(milliseconds(5));
  EXPECT_EQ(socket->heard, (Texts{"3probe", "4bye"}));
  EXPECT_TRUE(socket->closed);
}

TEST_F(Engine, SaysItsLastInAPollToWhoGivesUpTheChange) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  say(*socket, "2probe");
  ASSERT_EQ(ask("POST", query, "4say bye").body, "ok");
  EXPECT_EQ(ask("GET", query).body, "4bye");
  EXPECT_FALSE(socket->closed);
  run_for(milliseconds(200));  // the patience with which pongs are awaited
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(socket->heard, Texts{"3probe"});
  EXPECT_EQ(ask("GET", query).status, 400);
}

// It says something else, and is closed at once; the last waits for a poll.
TEST_F(Engine, TakesNothingElseFromTheProbeOfAClosedSession) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  ASSERT_EQ(ask("POST", query, "4say bye").body, "ok");
  say(*socket, "4hello");
  run_for(milliseconds(5));
  EXPECT_TRUE(socket->closed);
  EXPECT_TRUE(socket->heard.empty());
  EXPECT_EQ(ask("GET", query).body, "4bye");
}

TEST_F(Engine, TakesOneProbeAtATime) {
  serve();
  const std::string query = open();
  const auto first = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  const auto second = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  EXPECT_TRUE(second->closed);
  EXPECT_FALSE(first->closed);
}

}  // namespace
}  // namespace duplex
