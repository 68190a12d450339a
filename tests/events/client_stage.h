// A Socket.IO client on a stage: its log, and servers that it can be put before.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../support/simulated.h"
#include "duplex/events/engine_server.h"
#include "duplex/events/socket_client.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ClientStage : public testing::Test {
 protected:
  static SocketClientOptions websocket_only() {
    SocketClientOptions options;
    options.engine.transports = {Transport::websocket};
    options.backoff.jitter = 0;
    return options;
  }

  SocketServer& serve(SocketServerOptions options = {}) {
    return io_.emplace(*world_.server, std::move(options));
  }

  // A server that keeps the packets that it hears, and says what say() says.
  void script() {
    EngineHandlers handlers;
    handlers.on_open = [this](EngineSession& session, const http::Request&) {
      session_ = session.sid();
      ++sessions_;
    };
    handlers.on_message = [this](EngineSession& session, const engineio::Packet& packet) {
      heard_ += (packet.bytes ? "bytes" : std::string(packet.text)) + ' ';
      if (lets_in_ && packet.text.starts_with("0")) session.send_text(R"(0{"sid":"x"})");
    };
    engine_.emplace(*world_.server, std::move(handlers), EngineOptions{.path = "/socket.io/"});
  }
  void say(std::string_view packet) {
    if (EngineSession* const session = engine_->find(session_)) session->send_text(packet);
    run_for(milliseconds(5));
  }
  // What the server has heard since this was last asked.
  std::string heard() {
    run_for(milliseconds(10));
    return std::exchange(heard_, {});
  }
  void lose_connection() {
    if (EngineSession* const session = engine_->find(session_)) session->close();
    run_for(milliseconds(5));
  }

  ClientSocket& connect(ClientSocketOptions options = {}) {
    return connect(websocket_only(), std::move(options));
  }
  ClientSocket& connect(SocketClientOptions options, ClientSocketOptions socket_options = {}) {
    client_ = std::make_unique<SocketClient>(world_.client_side.loop, "http://127.0.0.1",
                                             std::move(options));
    return watch(client_->of("/", std::move(socket_options)));
  }
  // Says what happens to it.
  ClientSocket& watch(ClientSocket& socket) {
    socket.on_connect([this](ClientSocket&) { log_ += "connect "; });
    socket.on_connect_error([this](ClientSocket& failed, const ConnectError& error) {
      log_ += "(" + error.message + (failed.active() ? ", again) " : ") ");
    });
    socket.on_disconnect([this](ClientSocket&, const ClientDisconnect& why) {
      log_ += "[" + std::string(describe(why.reason)) + "] ";
    });
    socket.on_error([this](std::string_view event, std::string_view why) {
      log_ += std::string(event) + ": " + std::string(why) + ' ';
    });
    return socket;
  }
  auto take_reply(const std::string& name) {
    return [this, name](AckReply& reply) {
      log_ += name + std::to_string(static_cast<int>(reply.status)) +
              codec::write_json(Json(reply.values)) + ' ';
    };
  }
  std::string log() { return std::exchange(log_, {}); }
  void run_for(milliseconds time) { world_.runner.run_for(time); }

  support::SimulatedServer world_;
  std::optional<SocketServer> io_;
  std::optional<EngineServer> engine_;
  std::string session_;
  int sessions_ = 0;
  bool lets_in_ = true;
  std::unique_ptr<SocketClient> client_;
  std::string heard_;
  std::string log_;
};

}  // namespace duplex::events
