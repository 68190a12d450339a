// Sessions of Engine.IO through a whole server, over polling and WebSocket, in virtual time.
#include "duplex/events/engine_server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../endpoint/answers.h"
#include "../support/simulated.h"

namespace duplex {
namespace {

using events::EngineHandlers;
using events::EngineOptions;
using events::EngineServer;
using events::EngineSession;
using std::chrono::milliseconds;
using support::RawPeer;
using support::SimulatedServer;

// A WebSocket of ours that keeps what it hears.
struct Socket {
  ConnectionId id = {};
  std::vector<std::string> heard = {};
  bool closed = false;
  std::string failure = {};
};

// An echo, with pings every 300 ms.
class Engine : public testing::Test {
 protected:
  Engine() : client_(world_.client_side.loop) {
    options_.session.ping_interval = milliseconds(300);
    options_.session.ping_timeout = milliseconds(200);
    options_.session.upgrade_timeout = milliseconds(100);
  }

  void serve() {
    EngineHandlers handlers;
    handlers.on_open = [this](EngineSession& session, const http::Request& request) {
      log_ += "open " + std::string(request.path) + "\n";
      if (greets_) session.send_text("hello");
    };
    handlers.on_message = [](EngineSession& session, const engineio::Packet& packet) {
      if (packet.bytes) session.send_bytes(*packet.bytes);
      if (packet.text == "close me") return session.close();
      if (!packet.bytes) session.send_text(packet.text);
    };
    handlers.on_close = [this](EngineSession&, engineio::CloseReason reason) {
      log_ += std::string(describe(reason)) + "\n";
    };
    engine_.emplace(*world_.server, std::move(handlers), options_);
  }

  void run_for(milliseconds time) { world_.runner.run_for(time); }

  // One request on a connection of its own.
  Answer ask(const std::string& method, const std::string& query, const std::string& body = {}) {
    RawPeer peer(world_);
    return ask(peer, method, query, body);
  }
  static Answer ask(RawPeer& peer, const std::string& method, const std::string& query,
                    const std::string& body = {}) {
    start(peer, method, query, body);
    peer.run_for(milliseconds(5));
    return answer_of(peer);
  }
  static void start(RawPeer& peer, const std::string& method, const std::string& query,
                    const std::string& body = {}, const std::string& fields = {}) {
    peer.send(method + " /engine.io/?" + query + " HTTP/1.1\r\nHost: a\r\n" + fields +
              (method == "POST" ? "Content-Length: " + std::to_string(body.size()) + "\r\n" : "") +
              "\r\n" + body);
  }
  static Answer answer_of(const RawPeer& peer) {
    const auto answers = parse_answers(peer.received());
    return answers.empty() ? Answer() : answers.back();
  }

  // The query of a new session.
  std::string open() {
    const Answer answer = ask("GET", "EIO=4&transport=polling");
    EXPECT_EQ(answer.status, 200);
    const std::size_t at = answer.body.find(R"("sid":")") + 7;
    return "EIO=4&transport=polling&sid=" + answer.body.substr(at, 20);
  }
  static std::string sid_of(const std::string& query) { return query.substr(query.size() - 20); }

  std::unique_ptr<Socket> connect(const std::string& query) {
    auto socket = std::make_unique<Socket>();
    ClientHandlers handlers;
    handlers.on_failure = [at = socket.get()](const OpeningFailure& failure) {
      at->failure = failure.message;
    };
    handlers.websocket.on_message = [at = socket.get()](Connection&, Message message) {
      at->heard.emplace_back(message.text());
    };
    handlers.websocket.on_close = [at = socket.get()](Connection&, const CloseEvent&) {
      at->closed = true;
    };
    socket->id = client_.connect("ws://127.0.0.1:80/engine.io/?" + query, std::move(handlers));
    run_for(milliseconds(10));
    return socket;
  }
  void say(const Socket& socket, std::string_view text) {
    Connection* const connection = client_.find(socket.id);
    ASSERT_NE(connection, nullptr);
    connection->send_text(text);
    run_for(milliseconds(5));
  }

  SimulatedServer world_;
  Client client_;
  EngineOptions options_;
  std::optional<EngineServer> engine_;
  std::string log_;
  bool greets_ = false;
};

using Texts = std::vector<std::string>;

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
        {"POST", "EIO=4&transport=polling&j=alert(1)&sid=x",
         R"({"code":1,"message":"Session ID unknown"})"}}) {
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

TEST_F(Engine, TakesOneProbeAtATime) {
  serve();
  const std::string query = open();
  const auto first = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  const auto second = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  EXPECT_TRUE(second->closed);
  EXPECT_FALSE(first->closed);
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
