// A server and its clients that go through every callback there is, with a place to act in each.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../support/simulated.h"

namespace duplex {

class MatrixStage;

// Something a user may do in a callback; either pointer may be null.
using Deed = std::function<void(MatrixStage&, Connection*, Exchange*)>;
// Asked in every callback; `place` is its name.
using Actor = std::function<void(MatrixStage&, const std::string& place, Connection*, Exchange*)>;

// Owner: one test. Plays one scene: everybody connects, talks, and ends.
class MatrixStage {
 public:
  // Does `deed` the first time that the callback `place` runs.
  MatrixStage(const std::string& place, const Deed& deed) : MatrixStage(first_time(place, deed)) {}
  // `deflate`: whether, and how, both sides speak permessage-deflate.
  explicit MatrixStage(Actor actor, std::optional<websocket::DeflateOptions> deflate = {})
      : actor_(std::move(actor)), deflate_(deflate) {
    client = std::make_unique<Client>(world.client_side.loop);
    http = std::make_unique<HttpClient>(world.client_side.loop);
    serve();
  }

  // The whole scene, until the world is at rest and empty.
  void play();
  bool acted() const noexcept { return acted_; }

  Connection* find_connection() { return world.server ? world.server->find(connection_) : nullptr; }
  Exchange* find_exchange() { return world.server ? world.server->find(exchange_) : nullptr; }
  void stop_loop(net::EventLoop& loop) {
    // A second stop() would end the first turn after the loop has been taken up again.
    if (std::find(stopped_.begin(), stopped_.end(), &loop) != stopped_.end()) return;
    stopped_.push_back(&loop);
    loop.stop();
  }

  support::SimulatedServer world;
  std::unique_ptr<Client> client;
  std::unique_ptr<HttpClient> http;

 private:
  enum class Life { none, open, closed };

  void at(const std::string& place, Connection* connection = nullptr,
          Exchange* exchange = nullptr) {
    actor_(*this, place, connection, exchange);
  }
  static Actor first_time(const std::string& place, const Deed& deed) {
    return [place, deed](MatrixStage& stage, const std::string& here, Connection* connection,
                         Exchange* exchange) {
      if (here != place || std::exchange(stage.acted_, true)) return;
      deed(stage, connection, exchange);
    };
  }

  // open -> anything* -> close, each of the two at most once.
  void opens(const std::string& side, ConnectionId id) {
    EXPECT_EQ(life_[side + std::to_string(id.slot)], Life::none) << side;
    life_[side + std::to_string(id.slot)] = Life::open;
  }
  void lives(const std::string& side, ConnectionId id) {
    EXPECT_EQ(life_[side + std::to_string(id.slot)], Life::open) << side;
  }
  void closes(const std::string& side, ConnectionId id) {
    lives(side, id);
    life_[side + std::to_string(id.slot)] = Life::closed;
  }

  void serve();
  WebSocketHandlers server_handlers();
  WebSocketHandlers client_handlers();
  void serve_http();
  void connect();
  void request(const std::string& url);
  void run(net::Clock::duration time);

  Actor actor_;
  std::optional<websocket::DeflateOptions> deflate_;
  bool acted_ = false;
  ConnectionId connection_;
  ExchangeId exchange_;
  int gone_ = 0;
  int stopped_told_ = 0;
  std::map<std::string, Life> life_;
  std::map<std::string, int> outcomes_;
  std::vector<net::EventLoop*> stopped_;
};

inline WebSocketHandlers MatrixStage::server_handlers() {
  return {.on_open =
              [this](Connection& peer, const auto&) {
                opens("server", peer.id());
                connection_ = peer.id();
                peer.subscribe("news");
                peer.ping();
                peer.send_text(std::string(400'000, 'x'));
                at("open", &peer);
              },
          .on_message =
              [this](Connection& peer, Message message) {
                lives("server", peer.id());
                at("message", &peer);
                peer.send(message);
              },
          .on_ping =
              [this](Connection& peer, Bytes) {
                lives("server", peer.id());
                at("ping", &peer);
              },
          .on_pong =
              [this](Connection& peer, Bytes) {
                lives("server", peer.id());
                at("pong", &peer);
              },
          .on_drain =
              [this](Connection& peer) {
                lives("server", peer.id());
                at("drain", &peer);
              },
          .on_close =
              [this](Connection& peer, const CloseEvent&) {
                closes("server", peer.id());
                at("close", &peer);
              }};
}

inline WebSocketHandlers MatrixStage::client_handlers() {
  return {.on_open =
              [this](Connection& peer, const auto&) {
                opens("client", peer.id());
                peer.ping();
                peer.send_text("hello");
                at("client open", &peer);
              },
          .on_message =
              [this](Connection& peer, Message message) {
                lives("client", peer.id());
                at("client message", &peer);
                if (message.payload.size() == 5) peer.close();
              },
          .on_close =
              [this](Connection& peer, const CloseEvent&) {
                closes("client", peer.id());
                at("client close", &peer);
              }};
}

inline void MatrixStage::serve_http() {
  world.server->get("/hello", [this](Exchange& exchange) {
    exchange_ = exchange.id();
    at("request", nullptr, &exchange);
    exchange.respond(200, "text/plain", "hello");
  });
  world.server->get("/events", [this](Exchange& exchange) {
    exchange_ = exchange.id();
    exchange.on_gone([this] {
      EXPECT_EQ(++gone_, 1);
      at("gone");
    });
    exchange.on_drain([this] { at("exchange drain", nullptr, find_exchange()); });
    exchange.start_stream(200, "text/event-stream");
    exchange.write(std::string(400'000, 'x'));
  });
}

inline void MatrixStage::serve() {
  world.server->websocket("/ws", server_handlers(),
                          {.deflate = deflate_, .authorize = [this](const auto&) {
                             at("authorize");
                             return 101;
                           }});
  serve_http();
  world.server_side.loop.run_after(std::chrono::milliseconds(30), [this] { at("timer"); });
  world.server_side.loop.post([this] { at("task"); });
}

inline void MatrixStage::connect() {
  for (const char* url : {"ws://127.0.0.1:80/ws", "ws://127.0.0.1:80/nothing"}) {
    client->connect(url,
                    {.websocket = client_handlers(),
                     .on_failure = [this](const auto&) { at("client failure"); }},
                    {.deflate = deflate_});
  }
  for (const char* path : {":80/hello", ":80/events", ":1/"}) {
    request(std::string("http://127.0.0.1") + path);
  }
}

inline void MatrixStage::request(const std::string& url) {
  const auto ends = [this, url] { EXPECT_EQ(++outcomes_[url], 1) << url; };
  http->request({.url = url}, {.on_head = [this](const auto&) { at("head"); },
                               .on_body = [this](Bytes) { at("body"); },
                               .on_done =
                                   [this, ends](int, std::string_view) {
                                     ends();
                                     at("done");
                                   },
                               .on_failure =
                                   [this, ends](const auto&) {
                                     ends();
                                     at("failure");
                                   }});
}

// A loop that was stopped is run again a little later.
inline void MatrixStage::run(net::Clock::duration time) {
  for (int i = 0; i < 10; ++i) {
    world.runner.run_for(time / 10);
    for (net::EventLoop* loop : std::exchange(stopped_, {})) world.runner.add(*loop);
  }
}

inline void MatrixStage::play() {
  connect();
  run(std::chrono::milliseconds(300));
  http.reset();
  run(std::chrono::seconds(60));
  if (world.server) {
    world.server->stop([this] {
      EXPECT_EQ(++stopped_told_, 1);
      at("stopped");
    });
  }
  run(std::chrono::seconds(30));
  if (world.server) {
    EXPECT_EQ(world.server->stats().connections, 0U);
    EXPECT_EQ(world.server->stats().websockets, 0U);
    EXPECT_EQ(world.server->subscriber_count("news"), 0U);
  }
  client.reset();
  world.server.reset();
  run(std::chrono::seconds(10));
  const support::SimulatedProcess fresh(world.world, "fresh");
  EXPECT_EQ(world.server_side.kernel.descriptor_count(), fresh.kernel.descriptor_count());
  EXPECT_EQ(world.client_side.kernel.descriptor_count(), fresh.kernel.descriptor_count());
}

}  // namespace duplex
