// A client of Engine.IO on a stage: its log, and servers that it can be put before.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../support/simulated.h"
#include "duplex/events/engine_client.h"
#include "duplex/events/engine_server.h"

namespace duplex::events {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::SimulatedServer;

inline constexpr std::string_view engine_url = "http://127.0.0.1";

// Says what happens to a client.
class EngineClientStage : public testing::Test {
 protected:
  // An echo, with pings every 300 ms.
  void serve(EngineOptions options = {}) {
    options.session.ping_interval = milliseconds(300);
    options.session.ping_timeout = milliseconds(200);
    EngineHandlers handlers;
    handlers.on_message = [this](EngineSession& session, const engineio::Packet& packet) {
      if (packet.bytes) return session.send_bytes(*packet.bytes);
      if (packet.text == "close me") return session.close();
      served_ += std::string(packet.text) + ' ';
      session.send_text(packet.text);
    };
    handlers.on_close = [this](EngineSession&, engineio::CloseReason reason) {
      served_ += "(" + std::string(describe(reason)) + ")";
    };
    engine_.emplace(*world_.server, std::move(handlers), std::move(options));
  }

  EngineClientHandlers logging() {
    EngineClientHandlers handlers;
    handlers.on_open = [this](EngineClient&) { log_ += "open "; };
    handlers.on_message = [this](EngineClient&, const engineio::Packet& packet) {
      log_ +=
          packet.bytes ? "bytes:" + std::string(as_text(*packet.bytes)) : std::string(packet.text);
      log_ += ' ';
    };
    handlers.on_upgrade = [this](EngineClient&) { log_ += "upgrade "; };
    handlers.on_close = [this](EngineClient&, const EngineClose& close) {
      log_ += "(" + std::string(describe(close.reason)) + ": " + close.detail + ")";
    };
    return handlers;
  }

  EngineClient& connect(EngineClientOptions options = {}) {
    return connect(logging(), std::move(options));
  }
  EngineClient& connect(EngineClientHandlers handlers, EngineClientOptions options = {}) {
    client_ = std::make_unique<EngineClient>(world_.client_side.loop, engine_url,
                                             std::move(handlers), std::move(options));
    return *client_;
  }
  static EngineClientOptions only(Transport transport) {
    EngineClientOptions options;
    options.transports = {transport};
    return options;
  }

  // A server that answers each GET, and each POST, with the next of these; then it keeps silent.
  void script(std::deque<std::string> gets, int post_status = 200) {
    gets_ = std::move(gets);
    world_.server->get("/engine.io/", [this](Exchange& exchange) {
      if (gets_.empty()) return;
      exchange.respond(200, "text/plain", gets_.front());
      gets_.pop_front();
    });
    world_.server->post("/engine.io/", [this, post_status](Exchange& exchange) {
      served_ += std::string(as_text(exchange.body())) + ' ';
      exchange.respond(post_status, "text/html", "OK");
    });
  }

  void run_for(milliseconds time) { world_.runner.run_for(time); }

  SimulatedServer world_;
  std::optional<EngineServer> engine_;
  std::unique_ptr<EngineClient> client_;
  std::deque<std::string> gets_;
  std::string log_;
  std::string served_;
};

inline const std::string polling_only =
    R"(0{"sid":"s","upgrades":[],"pingInterval":300,"pingTimeout":200})";

}  // namespace duplex::events
