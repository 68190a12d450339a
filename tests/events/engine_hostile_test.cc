// What an Engine.IO server does with clients that mean it harm, and with users who surprise it.
#include <algorithm>
#include <string>

#include "engine_test.h"

namespace duplex {
namespace {

using EngineHostile = EngineTest;

// HEAD is answered by get(): it must neither open a session nor take what waits in one.
TEST_F(EngineHostile, P05RefusesHead) {
  serve();
  EXPECT_EQ(ask("HEAD", "EIO=4&transport=polling").status, 400);
  EXPECT_EQ(engine_->session_count(), 0U);
  const std::string query = open();
  ask("POST", query, "4kept");
  EXPECT_EQ(ask("HEAD", query).status, 400);
  EXPECT_EQ(ask("GET", query).body, "4kept");
}

TEST_F(EngineHostile, HoldsABodyToItsLimit) {
  options_.session.max_payload = 10;
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("POST", query, "4123456789").status, 200);
  EXPECT_EQ(ask("GET", query).body, "4123456789");
  log_.clear();
  EXPECT_EQ(ask("POST", query, "41234567890").status, 413);
  EXPECT_EQ(log_, "transport error\n");  // what was in it is lost, so is the session
  EXPECT_EQ(ask("GET", query).status, 400);
}

TEST_F(EngineHostile, HoldsAMessageOfAWebSocketToItsLimit) {
  options_.session.max_payload = 10;
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  say(*socket, "4123456789");
  EXPECT_EQ(socket->heard.back(), "4123456789");
  say(*socket, "41234567890");
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(socket->code, CloseCode::message_too_big);
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

TEST_F(EngineHostile, EndsWithTheRuleOfWebSocketThatItsClientBreaks) {
  serve();
  RawPeer peer(world_);
  start(peer, "GET", "EIO=4&transport=websocket", {},
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  peer.run_for(milliseconds(5));
  EXPECT_EQ(engine_->session_count(), 1U);
  peer.send(
      "\x81\x02"
      "4a");  // not masked
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

// Empty messages to a client that never polls have no bytes and yet take memory.
TEST_F(EngineHostile, LimitsWhatWaitsWithoutContent) {
  options_.send_limit = 100'000;
  serve();
  const std::string query = open();
  std::string body = "4";
  for (int i = 1; i < 5000; ++i)
    body +=
        "\x1e"
        "4";
  ask("POST", query, body);
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

TEST_F(EngineHostile, LimitsWhatWaitsForAWebSocket) {
  options_.send_limit = 100'000;
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  for (const auto& link : world_.world.links()) {
    link->toward_client().set_options({.bytes_per_second = 1000});
  }
  for (int i = 0; i < 100 && engine_->session_count() > 0; ++i) {
    engine_->find(sid_of(*socket))->send_text(std::string(10'000, 'x'));
    run_for(milliseconds(1));
  }
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

std::string payload_of(std::size_t count, const std::string& last = "4last") {
  std::string body;
  for (std::size_t i = 0; i < count; ++i) body += "4" + std::to_string(i) + "\x1e";
  return body + last;
}

// Each turn takes as many packets as it takes messages of a WebSocket.
TEST_F(EngineHostile, P20TakesAPartOfALargePayloadInEachTurn) {
  int most = 0;
  serve();
  const std::string query = open();
  world_.runner.on_round([&, before = 0]() mutable {
    most = std::max(most, messages_ - std::exchange(before, messages_));
  });
  EXPECT_EQ(ask("POST", query, payload_of(9'000)).body, "ok");
  EXPECT_EQ(messages_, 9'001);
  EXPECT_EQ(most, 128);
  EXPECT_EQ(ask("GET", query).body, payload_of(9'000));
  // Few that are large, too.
  const std::string large = "4" + std::string(40'000, 'x');
  most = 0;
  EXPECT_EQ(ask("POST", query, large + "\x1e" + large + "\x1e" + large).body, "ok");
  EXPECT_EQ(most, 2);
}

TEST_F(EngineHostile, AnswersALargePayloadWithItsFault) {
  serve();
  const std::string query = open();
  const Answer answer = ask("POST", query, payload_of(1'000, "9"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(log_, "open /engine.io/\nparse error\n");
}

// By what comes in a later turn.
class EndWithin : public EngineTest, public testing::WithParamInterface<const char*> {};

TEST_P(EndWithin, ALargePayloadIsAnswered) {
  world_.server_side.loop.on_exception([](const std::exception_ptr&) {});
  serve();
  const std::string query = open();
  const Answer answer = ask("POST", query, payload_of(300, GetParam()) + "\x1e" + "4after");
  EXPECT_EQ(answer.status, GetParam() == std::string_view("4throw") ? 500 : 200);
  EXPECT_EQ(messages_, GetParam()[0] == '1' ? 300 : 301);
  EXPECT_EQ(ask("POST", query, "4after").status, 400);
}

INSTANTIATE_TEST_SUITE_P(Each, EndWithin, testing::Values("4close me", "4say bye", "4throw", "1"));

TEST_F(EngineHostile, AServerMayGoWithinALargePayload) {
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("POST", query, payload_of(300, "4end all") + "\x1e" + "4after").body, "ok");
  EXPECT_EQ(messages_, 301);
  EXPECT_FALSE(engine_);
}

// Who hears of the end may throw, too.
TEST_F(EngineHostile, AnswersTheFaultOfALargePayloadInAnyCase) {
  world_.server_side.loop.on_exception([](const std::exception_ptr&) {});
  options_.on_connection_error = [](const events::ConnectionError&) {
    throw std::runtime_error("on_connection_error");
  };
  serve();
  EXPECT_EQ(ask("POST", open(), payload_of(1'000, "9")).status, 400);
}

TEST_F(EngineHostile, KeepsTheOrderWhenTheTransportChangesWithinAPayload) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  say(*socket, "2probe");
  RawPeer peer(world_);
  start(peer, "POST", query, payload_of(2'000));
  client_.find(socket->id)->send_text("5");
  client_.find(socket->id)->send_text("4ws");
  peer.run_for(milliseconds(50));
  EXPECT_EQ(answer_of(peer).body, "ok");
  EXPECT_EQ(messages_, 2'002);
  ASSERT_FALSE(socket->heard.empty());
  EXPECT_EQ(socket->heard.back(), "4ws");
}

TEST_F(EngineHostile, RefusesAPostWhileAnotherOneIsRead) {
  serve();
  const std::string query = open();
  RawPeer first(world_);
  RawPeer second(world_);
  start(first, "POST", query, payload_of(9'000));
  start(second, "POST", query, "4too early");
  first.run_for(milliseconds(50));
  second.run_for(milliseconds(1));
  EXPECT_EQ(answer_of(first).status, 400);
  EXPECT_EQ(answer_of(second).status, 400);
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

TEST_F(EngineHostile, RefusesABodyThatIsNotUtf8) {
  serve();
  EXPECT_EQ(ask("POST", open(), "4\xff").status, 400);
  EXPECT_EQ(log_, "open /engine.io/\nparse error\n");
}

TEST_F(EngineHostile, PingsAtItsIntervalWhateverItsPatience) {
  options_.session.ping_interval = milliseconds(100);
  options_.session.ping_timeout = milliseconds(1000);
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  for (int i = 1; i <= 3; ++i) {
    run_for(milliseconds(105));
    EXPECT_EQ(std::ranges::count(socket->heard, "2"), i);
    say(*socket, "3");
  }
}

TEST_F(EngineHostile, GivesWhatAHandlerSentBeforeItClosed) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  EXPECT_EQ(ask("POST", query, "4say bye").body, "ok");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body, "4bye");
  EXPECT_EQ(ask("GET", query).body, "1");
  const auto socket = connect("EIO=4&transport=websocket");
  say(*socket, "4say bye");
  EXPECT_EQ(socket->heard.back(), "4bye");
  EXPECT_TRUE(socket->closed);
}

TEST_F(EngineHostile, KeepsTheLastWordsOfNoMoreThanItsSessions) {
  options_.max_sessions = 1;
  serve();
  const std::string first = open();
  ask("POST", first, "4say bye");
  const std::string second = open();
  ask("POST", second, "4say bye");
  EXPECT_EQ(ask("GET", second).status, 400);
  EXPECT_TRUE(ask("GET", first).body.starts_with("4bye"));
}

TEST_F(EngineHostile, GivesWhatItSentBeforeItClosedAtOnce) {
  greets_ = closes_ = true;
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  ASSERT_EQ(socket->heard.size(), 2U);
  EXPECT_EQ(socket->heard.back(), "4hello");
  EXPECT_TRUE(socket->closed);
  EXPECT_TRUE(ask("GET", "EIO=4&transport=polling").body.ends_with("4hello"));
  EXPECT_EQ(engine_->session_count(), 0U);
}

TEST_F(EngineHostile, EndsWithWhatItsHandlersThrow) {
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("POST", query, "4throw").status, 500);
  EXPECT_EQ(log_, "open /engine.io/\nforced close\n");
  throws_ = true;
  EXPECT_EQ(ask("GET", "EIO=4&transport=polling").status, 500);
  EXPECT_TRUE(connect("EIO=4&transport=websocket")->closed);
  EXPECT_EQ(engine_->session_count(), 0U);
}

// What a client sends before it hears of the close is still delivered, though not to the session.
TEST_F(EngineHostile, TakesNothingFromAProbeThatWasRefused) {
  serve();
  const std::string sid = sid_of(open());
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid);
  client_.find(socket->id)->send_text("4refused");
  client_.find(socket->id)->send_text("4injected");
  client_.find(socket->id)->send_binary(as_bytes("injected"));
  run_for(milliseconds(10));
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(engine_->find(sid)->queued_bytes(), 0U);
}

TEST_F(EngineHostile, DoesNotTakeBytesForAProbe) {
  serve();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(open()));
  client_.find(socket->id)->send_binary(as_bytes("2probe"));
  run_for(milliseconds(10));
  EXPECT_EQ(socket->heard, Texts{});
  EXPECT_TRUE(socket->closed);
}

TEST_F(EngineHostile, MayEndWithinAHandlerOfAPost) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket");
  EXPECT_EQ(ask("POST", query,
                "4end all\x1e"
                "4not heard")
                .body,
            "ok");
  run_for(milliseconds(600));
  EXPECT_FALSE(engine_);
  EXPECT_TRUE(socket->closed);
}

TEST_F(EngineHostile, MayEndWithinAHandlerOfAWebSocket) {
  serve();
  const auto socket = connect("EIO=4&transport=websocket");
  say(*socket, "4end all");
  run_for(milliseconds(600));
  EXPECT_FALSE(engine_);
  EXPECT_TRUE(socket->closed);
}

}  // namespace
}  // namespace duplex
