// A server with one WebSocket route that writes down what happens to its connections.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../support/simulated.h"
#include "../support/wire.h"

namespace duplex {

// What came behind the head of the answer.
inline std::string frames_of(const support::RawPeer& peer) {
  const auto end = peer.received().find("\r\n\r\n");
  return end == std::string::npos ? "" : peer.received().substr(end + 4);
}

// A server whose route /ws writes down what happens.
class WebSocketFlow : public testing::Test {
 protected:
  explicit WebSocketFlow(ServerOptions options = {}, WebSocketOptions route = {})
      : world_(1, std::move(options)) {
    world_.server->websocket("/ws",
                             {.on_open = [this](Connection& peer, const auto&) { id_ = peer.id(); },
                              .on_message =
                                  [this](Connection& peer, Message message) {
                                    ++messages_;
                                    if (on_message_) on_message_(peer, message);
                                  },
                              .on_ping = [this](Connection&, Bytes) { ++pings_; },
                              .on_pong = [this](Connection&, Bytes) { ++pongs_; },
                              .on_drain = [this](Connection&) { ++drained_; },
                              .on_close =
                                  [this](Connection&, const CloseEvent& event) {
                                    ++closed_;
                                    event_ = event;
                                  }},
                             std::move(route));
  }

  // What arrives when the world ends is no business of a test whose variables are gone.
  ~WebSocketFlow() override { on_message_ = nullptr; }

  // `fields` are more lines of the opening.
  std::unique_ptr<support::RawPeer> open(const std::string& fields = {}) {
    auto peer = std::make_unique<support::RawPeer>(world_);
    peer->send(support::opening_request("/ws", fields));
    peer->run_for(std::chrono::milliseconds(5));
    return peer;
  }
  // Many at the same time.
  std::vector<std::unique_ptr<support::RawPeer>> open_many(std::size_t count) {
    std::vector<std::unique_ptr<support::RawPeer>> peers;
    for (std::size_t i = 0; i < count; ++i) {
      peers.push_back(std::make_unique<support::RawPeer>(world_));
      peers.back()->send(support::opening_request("/ws"));
    }
    world_.runner.run_for(std::chrono::milliseconds(5));
    return peers;
  }
  Connection& connection() { return *world_.server->find(id_); }

  support::SimulatedServer world_;
  ConnectionId id_;
  std::function<void(Connection&, Message)> on_message_;
  int messages_ = 0;
  int pings_ = 0;
  int pongs_ = 0;
  int drained_ = 0;
  int closed_ = 0;
  CloseEvent event_;
};

}  // namespace duplex
