// The clients of a random walk: WebSockets and requests, each checking its half.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "duplex/duplex.h"
#include "walk_model.h"
#include "walk_server.h"

namespace duplex::conformance {

inline ClientOptions walk_client_options() {
  return {.websocket = walk_protocol(), .max_events_per_turn = walk_events_per_turn};
}

class WalkClients {
 public:
  struct WebSocket {
    std::uint32_t number = 0;
    ConnectionId id = {};
    End end = {};
    std::uint32_t sent = 0;
    bool echoes = false;
    bool paused = false;
    int failures = 0;
  };

  WalkClients(net::EventLoop& loop, int& depth)
      : client_(loop, walk_client_options()), http_(loop), depth_(depth) {}

  void connect(const std::string& path) {
    WebSocket& socket = *sockets_.emplace_back(std::make_unique<WebSocket>());
    socket.echoes = path == "/echo";
    socket.number = static_cast<std::uint32_t>(sockets_.size());
    ConnectOptions options;
    if (socket.number % 3 != 0) options.deflate = walk_deflate(socket.number % 3 == 2);
    socket.id = client_.connect("ws://127.0.0.1:80" + path, handlers(socket), options);
  }

  void request(std::string method, const std::string& path, std::string body,
               std::string expected) {
    Asked& asked = *asked_.emplace_back(std::make_unique<Asked>());
    asked.expected = std::move(expected);
    asked.id = http_.request(
        {.method = std::move(method), .url = "http://127.0.0.1:80" + path, .body = std::move(body)},
        handlers(asked));
  }

  void cancel(std::size_t index) {
    if (asked_.empty()) return;
    Asked& asked = *asked_[index % asked_.size()];
    if (asked.answers != 0) return;
    http_.cancel(asked.id);
    asked.cancelled = true;
  }

  // One that is open for its user, or null.
  WebSocket* pick(std::size_t index) {
    std::vector<WebSocket*> open;
    for (const auto& socket : sockets_) {
      if (socket->end.is_open() && !socket->end.aborted()) open.push_back(socket.get());
    }
    return open.empty() ? nullptr : open[index % open.size()];
  }
  Connection* find(const WebSocket& socket) { return client_.find(socket.id); }

  void resume_all() {
    for (const auto& socket : sockets_) {
      socket->paused = false;
      if (Connection* connection = find(*socket)) connection->resume_reading();
    }
  }

  void check() {
    for (const auto& socket : sockets_) {
      const Connection* connection = find(*socket);
      if (connection == nullptr) continue;
      EXPECT_FALSE(socket->failures != 0);
      EXPECT_LE(connection->queued_bytes(), walk_send_limit + control_allowance);
    }
  }

  // After a time in which nothing stood in the way: whoever is still there has been heard to the
  // end, and has heard its echo.
  void check_arrival(const WalkServer& server) {
    for (const auto& socket : sockets_) {
      if (find(*socket) == nullptr) continue;
      EXPECT_TRUE(server.has_heard(socket->number, socket->sent)) << socket->number;
      if (!socket->echoes || server.has_refused(socket->number)) continue;
      EXPECT_EQ(socket->end.last_of(socket->number), socket->sent) << socket->number;
    }
  }

  void check_end() {
    EXPECT_EQ(client_.connection_count(), 0U);
    for (const auto& socket : sockets_) {
      EXPECT_EQ(socket->failures + (socket->end.is_closed() ? 1 : 0), 1) << socket->number;
    }
    for (const auto& asked : asked_) EXPECT_EQ(asked->answers, asked->cancelled ? 0 : 1);
  }

 private:
  struct Asked {
    RequestId id = RequestId::none;
    std::string expected = {};
    int answers = 0;
    bool cancelled = false;
  };

  template <class F>
  auto in_handler(F&& body) {
    return [this, body = std::forward<F>(body)](auto&&...) {
      const Depth depth(depth_);
      body();
    };
  }

  ClientHandlers handlers(WebSocket& socket) {
    return {.websocket = {.on_open = in_handler([&socket] { socket.end.open(); }),
                          .on_message =
                              [this, &socket](Connection&, Message message) {
                                const Depth depth(depth_);
                                EXPECT_FALSE(socket.paused);
                                // A server may leave messages out for one that is over its limit.
                                socket.end.receive(message.text(), true);
                              },
                          .on_ping = in_handler([&socket] { socket.end.expect_alive(); }),
                          .on_pong = in_handler([&socket] { socket.end.expect_alive(); }),
                          .on_close = in_handler([&socket] { socket.end.close(); })},
            .on_failure = in_handler([&socket] {
              EXPECT_FALSE(socket.end.is_open() || socket.end.is_closed());
              ++socket.failures;
            })};
  }

  HttpResponseHandlers handlers(Asked& asked) {
    return {.on_done =
                [this, &asked](int status, std::string_view body) {
                  const Depth depth(depth_);
                  ++asked.answers;
                  EXPECT_FALSE(asked.cancelled);
                  if (status == 408) return;  // its body was held up on the way
                  EXPECT_EQ(status, 200);
                  EXPECT_EQ(body, asked.expected);
                },
            .on_failure = in_handler([&asked] {
              ++asked.answers;
              EXPECT_FALSE(asked.cancelled);
            })};
  }

  // Before the endpoints, whose handlers refer to them.
  std::vector<std::unique_ptr<WebSocket>> sockets_;
  std::vector<std::unique_ptr<Asked>> asked_;
  Client client_;
  HttpClient http_;
  int& depth_;
};

}  // namespace duplex::conformance
