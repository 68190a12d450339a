// What a client sends and hears over time, from a server on the other side of a simulated link.
#include <gtest/gtest.h>

#include <string>

#include "../support/simulated.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::SimulatedServer;

ServerOptions quick_pings() {
  ServerOptions options;
  options.websocket.ping_interval = seconds(1);
  options.websocket.ping_timeout = seconds(6);
  return options;
}

// A server that echoes, and a client of it.
class ClientFlow : public testing::Test {
 protected:
  void start(ServerOptions options, const std::optional<websocket::DeflateOptions>& deflate = {}) {
    client_.reset();
    world_.emplace(1, std::move(options));
    world_->server->websocket(
        "/ws", {.on_message = [](Connection& peer, Message message) { peer.send(message); }},
        {.deflate = deflate});
    client_.emplace(world_->client_side.loop);
    id_ = client_->connect("ws://127.0.0.1:80/ws", handlers(), {.deflate = deflate});
    world_->runner.run_for(milliseconds(10));
  }
  ClientHandlers handlers() {
    return {.websocket = {.on_message = [this](Connection&, Message) { ++heard_; },
                          .on_ping = [this](Connection&, Bytes) { ++pings_; },
                          .on_drain = [this](Connection& peer) { send_more(peer); }}};
  }
  // As one should: until told to wait, and on when the queue has drained.
  void send_more(Connection& peer) {
    while (left_ > 0) {
      --left_;
      if (peer.send_text(std::string(size_, 'x')) == SendStatus::congested) return;
    }
  }

  std::optional<SimulatedServer> world_;
  std::optional<Client> client_;
  ConnectionId id_;
  std::size_t size_ = 0;
  int left_ = 0;  // messages to be sent
  int heard_ = 0;
  int pings_ = 0;
};

// Both would wait for the other, if the client as well did not read while it has much to send.
TEST_F(ClientFlow, ReadsWhileItsQueueIsFull) {
  for (const std::size_t size : {10'000U, 100'000U}) {
    start({});
    size_ = size;
    heard_ = 0;
    left_ = 2000;
    send_more(*client_->find(id_));
    world_->runner.run_for(seconds(20));
    EXPECT_EQ(left_, 0);
    EXPECT_EQ(heard_, 2000);
  }
}

// The pong makes the next ping due earlier than the end of the wait for it.
TEST_F(ClientFlow, IsPingedAtEachInterval) {
  start(quick_pings());
  world_->runner.run_for(milliseconds(10'500));
  EXPECT_EQ(pings_, 10);
}

TEST_F(ClientFlow, SendsFromOutsideAsItIsTold) {
  start({}, websocket::DeflateOptions{.threshold = 1});
  const std::string text(10'000, 'x');
  for (const bool compress : {false, true}) {
    const std::uint64_t before = world_->server->stats().bytes_received;
    client_->send(id_, {.payload = as_bytes(text), .compress = compress});
    world_->runner.run_for(milliseconds(50));
    const std::uint64_t size = world_->server->stats().bytes_received - before;
    EXPECT_EQ(size > text.size(), !compress) << size;
  }
  EXPECT_EQ(heard_, 2);
}

}  // namespace
}  // namespace duplex
