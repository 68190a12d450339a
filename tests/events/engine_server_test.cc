// Sessions of Engine.IO through a whole server, over polling, in virtual time.
#include "engine_test.h"

namespace duplex {
namespace {

using Engine = EngineTest;

TEST_F(Engine, OpensASessionOverPolling) {
  serve();
  const Answer answer = ask("GET", "EIO=4&transport=polling");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Type: text/plain; charset=UTF-8")) << answer.head;
  EXPECT_TRUE(answer.has("Cache-Control: no-store")) << answer.head;
  EXPECT_TRUE(answer.body.starts_with(R"(0{"sid":")")) << answer.body;
  EXPECT_TRUE(answer.body.ends_with(R"("upgrades":["websocket"],"pingInterval":300,)"
                                    R"("pingTimeout":200,"maxPayload":1000000})"))
      << answer.body;
  EXPECT_EQ(log_, "open /engine.io/\n");
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(Engine, AnswersAPostAndThenThePollAtOnce) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  const Answer posted = ask("POST", query,
                            "4test1\x1e"
                            "4test2\x1e"
                            "bAQI=");
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.body, "ok");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body,
            "4test1\x1e"
            "4test2\x1e"
            "bAQI=");
}

TEST_F(Engine, KeepsMessagesForTheNextPoll) {
  greets_ = true;
  serve();
  const Answer opened = ask("GET", "EIO=4&transport=polling");
  EXPECT_TRUE(
      opened.body.ends_with("}\x1e"
                            "4hello"))
      << opened.body;
  const std::string query = open();
  ask("POST", query, "4kept");
  EXPECT_EQ(ask("GET", query).body, "4kept");
}

TEST_F(Engine, P18RefusesWhatItDoesNotKnow) {
  serve();
  const std::string query = open();
  struct Row {
    const char* method;
    std::string query;
    const char* body;
  };
  for (const Row& row :
       {Row{"GET", "EIO=4", R"({"code":0,"message":"Transport unknown"})"},
        {"GET", "EIO=4&transport=foo", R"({"code":0,"message":"Transport unknown"})"},
        {"GET", "EIO=99&transport=polling",
         R"({"code":5,"message":"Unsupported protocol version"})"},
        {"GET", "transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
        {"GET", "EIO=4&transport=polling&sid=x", R"({"code":1,"message":"Session ID unknown"})"},
        {"GET", "EIO=4&transport=websocket", R"({"code":3,"message":"Bad request"})"},
        {"POST", "EIO=4&transport=polling", R"({"code":2,"message":"Bad handshake method"})"},
        {"GET", "EIO=4&transport=polling&j=alert(1)", R"({"code":3,"message":"Bad request"})"},
        {"GET", query + "&j=alert(1)", R"({"code":3,"message":"Bad request"})"},
        {"POST", query + "&j=alert(1)", R"({"code":3,"message":"Bad request"})"}}) {
    const Answer answer = ask(row.method, row.query);
    EXPECT_EQ(answer.status, 400) << row.query;
    EXPECT_EQ(answer.body, row.body) << row.query;
    EXPECT_TRUE(answer.has("Content-Type: application/json")) << row.query;
  }
  EXPECT_EQ(connect("EIO=3&transport=websocket")->failure.empty(), false);
  EXPECT_EQ(connect("EIO=4&transport=websocket&sid=x")->failure.empty(), false);
  EXPECT_EQ(engine_->session_count(), 1U);
  EXPECT_EQ(ask("POST", query, "4still here").body, "ok");
}

TEST_F(Engine, P13TwoPollsAtOnceEndTheSession) {
  serve();
  const std::string query = open();
  RawPeer first(world_);
  start(first, "GET", query);
  first.run_for(milliseconds(5));
  EXPECT_EQ(ask("GET", query).status, 400);
  first.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(first).body, "1");
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
  EXPECT_EQ(ask("GET", query).status, 400);
}

// Nothing is acknowledged: the server cannot know what has not arrived.
TEST_F(Engine, P15WhatWasInALostAnswerStaysLost) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(5));
  engine_->find(sid_of(query))->send_text("one");
  poll.vanish();
  run_for(milliseconds(5));
  engine_->find(sid_of(query))->send_text("two");
  EXPECT_EQ(ask("GET", query).body, "4two");
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(Engine, EndsWithThePollThatItsClientLeaves) {
  serve();
  for (const bool with_reset : {false, true}) {
    log_.clear();
    const std::string query = open();
    RawPeer poll(world_);
    start(poll, "GET", query);
    poll.run_for(milliseconds(5));
    with_reset ? poll.reset() : poll.end();
    run_for(milliseconds(5));
    EXPECT_EQ(log_, "open /engine.io/\ntransport close\n");
    EXPECT_EQ(ask("GET", query).body, R"({"code":1,"message":"Session ID unknown"})");
  }
}

TEST_F(Engine, EndsWhenTheClientSaysSo) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  EXPECT_EQ(ask("POST", query, "1").body, "ok");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body, "6");
  EXPECT_EQ(engine_->session_count(), 0U);
}

TEST_F(Engine, EndsOnWhatIsNoPacket) {
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("POST", query, "abc").status, 400);
  EXPECT_EQ(log_, "open /engine.io/\nparse error\n");
  const std::string bytes = open();
  RawPeer peer(world_);
  start(peer, "POST", bytes, "4a", "Content-Type: application/octet-stream\r\n");
  peer.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(peer).status, 400);
  EXPECT_EQ(engine_->session_count(), 0U);
}

TEST_F(Engine, EndsWithoutPongAtItsDeadline) {
  serve();
  const std::string query = open();
  run_for(milliseconds(480));
  EXPECT_EQ(engine_->session_count(), 1U);
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open /engine.io/\nping timeout\n");
  EXPECT_EQ(ask("GET", query).status, 400);
}

TEST_F(Engine, PingsAPollThatWaits) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(320));
  EXPECT_EQ(answer_of(poll).body, "2");
  ask("POST", query, "3");
  run_for(milliseconds(250));
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(Engine, ClosesFromWithinAHandler) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  EXPECT_EQ(ask("POST", query,
                "4close me\x1e"
                "4not heard")
                .body,
            "ok");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body, "1");
  EXPECT_EQ(log_, "open /engine.io/\nforced close\n");
}

TEST_F(Engine, SaysWhatItHadToSayBeforeItCloses) {
  serve();
  const std::string query = open();
  events::EngineSession* const session = engine_->find(sid_of(query));
  ASSERT_NE(session, nullptr);
  session->send_text("last");
  session->close();
  EXPECT_EQ(engine_->session_count(), 0U);
  EXPECT_EQ(ask("GET", query).body, "4last");
  EXPECT_EQ(ask("GET", query).body, "1");
  EXPECT_EQ(ask("GET", query).status, 400);
  const std::string other = open();
  engine_->find(sid_of(other))->send_text("unheard");
  engine_->find(sid_of(other))->close();
  run_for(milliseconds(300));
  EXPECT_EQ(ask("GET", other).status, 400);
}

TEST_F(Engine, HasLimits) {
  options_.max_sessions = 1;
  options_.send_limit = 4;
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("GET", "EIO=4&transport=polling").status, 503);
  EXPECT_TRUE(connect("EIO=4&transport=websocket")->closed);
  ask("POST", query, "4long text");
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

// Its process was stopped for a minute, and the rest of a pong came only then.
TEST_F(Engine, T21IsGivenUpByNoServerThatDidNotListen) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(310));
  EXPECT_EQ(answer_of(poll).body, "2");
  RawPeer pong(world_);
  pong.send("POST /engine.io/?" + query + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
  world_.runner.remove(world_.server_side.kernel);
  run_for(std::chrono::minutes(1));
  world_.runner.add(world_.server_side.loop);
  run_for(milliseconds(5));
  pong.send("3");
  pong.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(pong).body, "ok");
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(Engine, MayEndBeforeItsServer) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(5));
  engine_.reset();
  run_for(milliseconds(600));
  EXPECT_EQ(ask("GET", query).status, 400);
  EXPECT_EQ(ask("GET", "EIO=4&transport=polling").status, 503);
}

}  // namespace
}  // namespace duplex
