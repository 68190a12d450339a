// An Engine.IO server in a simulated world, and clients to ask it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../endpoint/answers.h"
#include "../support/simulated.h"
#include "duplex/events/engine_server.h"

namespace duplex {

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
  CloseCode code = {};  // of the server's Close frame
  std::string failure = {};
};

// An echo, with pings every 300 ms.
class EngineTest : public testing::Test {
 protected:
  EngineTest() : client_(world_.client_side.loop) {
    options_.session.ping_interval = milliseconds(300);
    options_.session.ping_timeout = milliseconds(200);
    options_.session.upgrade_timeout = milliseconds(100);
  }

  void serve() {
    EngineHandlers handlers;
    handlers.on_open = [this](EngineSession& session, const http::Request& request) {
      log_ += "open " + std::string(request.path) + "\n";
      if (greets_) session.send_text("hello");
      if (closes_) session.close();
      if (throws_) throw std::runtime_error("on_open");
    };
    handlers.on_message = [this](EngineSession& session, const engineio::Packet& packet) {
      ++messages_;
      if (packet.text == "end all") return engine_.reset();
      if (packet.text == "throw") throw std::runtime_error("on_message");
      if (packet.text == "say bye") {
        session.send_text("bye");
        return session.close();
      }
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
    handlers.websocket.on_close = [at = socket.get()](Connection&, const CloseEvent& event) {
      at->closed = true;
      at->code = event.code;
    };
    socket->id = client_.connect("ws://127.0.0.1:80/engine.io/?" + query, std::move(handlers));
    run_for(milliseconds(10));
    return socket;
  }
  static std::string sid_of(const Socket& socket) {
    return socket.heard[0].substr(socket.heard[0].find(R"("sid":")") + 7, 20);
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
  int messages_ = 0;
  // What on_open does.
  bool greets_ = false;
  bool closes_ = false;
  bool throws_ = false;
};

using Texts = std::vector<std::string>;

}  // namespace duplex
