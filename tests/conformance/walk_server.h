// The server of a random walk: an echo, a room, requests that are answered at once and later. It
// checks its own half of every connection.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "duplex/duplex.h"
#include "walk_model.h"

namespace duplex::conformance {

inline constexpr std::size_t walk_send_limit = 48 * 1024;  // bytes
inline constexpr std::size_t control_allowance = 512;      // Close and Pong may pass the limit

inline websocket::ProtocolOptions walk_protocol() {
  return {
      .max_message_size = 64 * 1024, .send_high_water = 16 * 1024, .send_limit = walk_send_limit};
}

// So few that a burst takes several turns.
inline constexpr std::size_t walk_events_per_turn = 8;

inline ServerOptions walk_server_options() {
  return {.websocket = walk_protocol(), .max_events_per_turn = walk_events_per_turn};
}

// For those who want compression, of nearly every message.
inline websocket::DeflateOptions walk_deflate(bool context_takeover) {
  return {.threshold = 40,
          .context_takeover = context_takeover,
          .peer_context_takeover = context_takeover};
}

class WalkServer {
 public:
  WalkServer(Server& server, int& depth) : server_(server), depth_(depth) {
    server_.websocket("/echo", echo(), {.deflate = walk_deflate(true)});
    server_.websocket("/room", room(), {.deflate = walk_deflate(true)});
    add_requests();
  }

  std::vector<ConnectionId> open_ids() const {
    std::vector<ConnectionId> ids;
    for (const auto& [id, end] : ends_) {
      if (end.is_open()) ids.push_back(id);
    }
    return ids;
  }

  void toggle_subscription(ConnectionId id) {
    Connection* connection = server_.find(id);
    if (connection == nullptr) return;
    const bool member = members_.contains(id);
    EXPECT_TRUE(member ? connection->unsubscribe("room") : connection->subscribe("room"));
    member ? static_cast<void>(members_.erase(id)) : static_cast<void>(members_.insert(id));
  }

  void abort(ConnectionId id) {
    Connection* connection = server_.find(id);
    if (connection == nullptr) return;
    ends_[id].abort();
    connection->abort();
  }

  // Whether all of that sender's messages up to `number` have come, and been echoed.
  bool has_heard(std::uint32_t sender, std::uint32_t number) const {
    return std::ranges::any_of(
        ends_, [&](const auto& end) { return end.second.last_of(sender) == number; });
  }
  bool has_refused(std::uint32_t sender) const { return refused_.contains(sender); }

  // `streamed`: in two pieces.
  void answer(std::size_t index, bool streamed) {
    if (waiting_.empty()) return;
    const ExchangeId id = waiting_[index % waiting_.size()];
    Later& later = later_[id];
    Exchange* exchange = server_.find(id);
    EXPECT_EQ(exchange != nullptr, !later.answered && !later.gone);
    if (exchange == nullptr) return;
    // What follows a refusal is that the peer goes.
    later.answered = streamed ? stream(*exchange) : exchange->respond(200, "text/plain", "later");
  }

  void check() const {
    std::size_t open = 0;
    for (const auto& [id, end] : ends_) open += end.is_open() ? 1U : 0U;
    EXPECT_EQ(server_.stats().websockets, open);
    EXPECT_EQ(server_.subscriber_count("room"), members_.size());
    for (const auto& [id, end] : ends_) {
      const Connection* connection = server_.find(id);
      if (connection == nullptr) continue;
      EXPECT_TRUE(end.is_open() || !connection->is_open());
      EXPECT_LE(connection->queued_bytes(), walk_send_limit + control_allowance);
    }
  }

  void check_end() const {
    EXPECT_EQ(server_.stats().connections, 0U);
    for (const auto& [id, end] : ends_) EXPECT_TRUE(end.is_closed());
    for (const auto& [id, later] : later_) {
      EXPECT_NE(later.answered, later.gone) << "answered or gone, one of both";
    }
    EXPECT_EQ(depth_, 0);
  }

 private:
  struct Later {
    bool answered = false;
    bool gone = false;
  };

  static bool stream(Exchange& exchange) {
    return exchange.start_stream(200, "text/plain") &&
           exchange.write("la") != SendStatus::refused &&
           exchange.write("ter") != SendStatus::refused && exchange.finish();
  }

  void opened(const Connection& connection) { ends_[connection.id()].open(); }
  void closed(const Connection& connection) {
    const Depth depth(depth_);
    ends_[connection.id()].close();
    members_.erase(connection.id());
  }
  void received(const Connection& connection, const Message& message) {
    ends_[connection.id()].receive(message.text(), false);
  }
  auto expecting_life() {
    return [this](Connection& connection, Bytes) {
      const Depth depth(depth_);
      ends_[connection.id()].expect_alive();
    };
  }

  WebSocketHandlers echo() {
    return {.on_open =
                [this](Connection& connection, const http::Request&) {
                  const Depth depth(depth_);
                  opened(connection);
                },
            .on_message =
                [this](Connection& connection, Message message) {
                  const Depth depth(depth_);
                  received(connection, message);
                  if (connection.send(message) != SendStatus::refused) return;
                  if (const auto id = parse_numbered(message.text())) refused_.insert(id->sender);
                },
            .on_ping = expecting_life(),
            .on_pong = expecting_life(),
            .on_close = [this](Connection& connection, const CloseEvent&) { closed(connection); }};
  }

  WebSocketHandlers room() {
    return {.on_open =
                [this](Connection& connection, const http::Request&) {
                  const Depth depth(depth_);
                  opened(connection);
                  EXPECT_TRUE(connection.subscribe("room"));
                  EXPECT_FALSE(connection.subscribe("room"));
                  members_.insert(connection.id());
                },
            .on_message =
                [this](Connection& connection, Message message) {
                  const Depth depth(depth_);
                  received(connection, message);
                  EXPECT_LE(server_.publish("room", message, connection.id()), members_.size());
                },
            .on_close = [this](Connection& connection, const CloseEvent&) { closed(connection); }};
  }

  void add_requests() {
    server_.get("/hello", [this](Exchange& exchange) {
      const Depth depth(depth_);
      exchange.respond(200, "text/plain", "hello");
    });
    server_.post("/size", [this](Exchange& exchange) {
      const Depth depth(depth_);
      exchange.respond(200, "text/plain", std::to_string(exchange.body().size()));
    });
    server_.get("/later", [this](Exchange& exchange) { defer(exchange); });
  }

  void defer(Exchange& exchange) {
    const Depth depth(depth_);
    const ExchangeId id = exchange.id();
    EXPECT_TRUE(later_.try_emplace(id).second);
    waiting_.push_back(id);
    exchange.on_gone([this, id] {
      const Depth in_handler(depth_);
      EXPECT_FALSE(later_[id].gone || later_[id].answered);
      later_[id].gone = true;
    });
  }

  Server& server_;
  int& depth_;
  std::map<ConnectionId, End> ends_;
  std::set<ConnectionId> members_;
  std::set<std::uint32_t> refused_;  // senders of whose messages one was not echoed
  std::map<ExchangeId, Later> later_;
  std::vector<ExchangeId> waiting_;
};

}  // namespace duplex::conformance
