// A random walk over the public interface: one server, some fifty clients and raw peers, a network
// and kernels full of misfortune. Everything follows from the seed.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "../support/simulated.h"
#include "walk_clients.h"
#include "walk_server.h"

namespace duplex::conformance {

// Where the steps of a walk come from.
class Choices {
 public:
  virtual ~Choices() = default;
  virtual std::uint64_t below(std::uint64_t bound) = 0;  // 0 <= result < bound
  virtual bool over() const { return false; }            // then the walk ends early
};

class SeededChoices final : public Choices {
 public:
  explicit SeededChoices(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t bound) override { return random_.below(bound); }

 private:
  simulation::Random random_;
};

class RandomWalk {
 public:
  explicit RandomWalk(std::uint64_t seed)
      : RandomWalk(seed, std::make_unique<SeededChoices>(seed)) {}
  // What the choices leave open follows from the seed.
  RandomWalk(std::uint64_t seed, std::unique_ptr<Choices> choices)
      : choices_(std::move(choices)),
        random_(*choices_),
        world_(seed, walk_server_options(), random_link()),
        server_(*world_.server, depth_),
        clients_(std::make_unique<WalkClients>(world_.client_side.loop, depth_)) {
    set_faults(world_.server_side.kernel);
    set_faults(world_.client_side.kernel);
    if (random_.below(8) == 0) world_.server_side.kernel.set_descriptor_limit(20);
    world_.runner.on_round([this] { check(); });
  }
  ~RandomWalk() {
    peers_.clear();
    clients_.reset();
    world_.runner.on_round({});
  }
  RandomWalk(const RandomWalk&) = delete;
  RandomWalk& operator=(const RandomWalk&) = delete;

  support::SimulatedServer& world() noexcept { return world_; }

  // Returns the hash of every call that was made.
  std::uint64_t run() {
    for (int step = 0; step < step_count && !failed() && !random_.over(); ++step) {
      if (clients_made_ < client_count && random_.below(4) != 0) add_client();
      (this->*actions[random_.below(actions.size())])();
      run_for_a_while();
    }
    if (!failed()) end();
    return world_.world.trace().hash();
  }

 private:
  using Action = void (RandomWalk::*)();
  static constexpr int step_count = 80;
  static constexpr int client_count = 50;

  static bool failed() { return testing::Test::HasFailure(); }

  // --- The circumstances
  double rate(double most) {
    if (random_.below(2) == 0) return 0;
    return most * static_cast<double>(random_.below(1000)) / 1000;
  }

  simulation::LinkOptions random_link() {
    const std::array<std::size_t, 3> segments = {64 * 1024, 1460, 61};
    return {.delay = std::chrono::microseconds(random_.below(4000)),
            .jitter = std::chrono::microseconds(random_.below(2) * random_.below(3000)),
            .segment_size = segments[random_.below(segments.size())],
            .split_rate = rate(0.3),
            .loss_rate = rate(0.02)};
  }

  void set_faults(simulation::Kernel& kernel) {
    kernel.faults().set_rates({.short_read = rate(0.4),
                               .short_write = rate(0.4),
                               .again = rate(0.2),
                               .interrupted = rate(0.1),
                               .aborted_accept = rate(0.1),
                               .reset = rate(0.01),
                               .no_buffers = rate(0.05),
                               .epoll_full = rate(0.05)});
  }

  void run_for_a_while() {
    const std::uint64_t kind = random_.below(40);
    if (kind == 0) return world_.runner.run_for(std::chrono::seconds(random_.below(30)));
    if (kind < 10) return world_.runner.settle();
    world_.runner.run_for(std::chrono::microseconds(random_.below(8000)));
  }

  // --- New clients
  void add_client() {
    ++clients_made_;
    switch (random_.below(6)) {
      case 0:
        return add_peer();
      case 1:
        return ask();
      case 2:
      case 3:
        return clients_->connect("/room");
      default:
        return clients_->connect("/echo");
    }
  }

  void ask() {
    const std::size_t size = random_.below(20'000);
    switch (random_.below(3)) {
      case 0:
        return clients_->request("GET", "/hello", {}, "hello");
      case 1:
        return clients_->request("POST", "/size", std::string(size, 'x'), std::to_string(size));
      default:
        return clients_->request("GET", "/later", {}, "later");
    }
  }

  void add_peer() {
    peers_.push_back(std::make_unique<support::RawPeer>(world_));
    speak();
  }

  void speak() {
    using std::string_view_literals::operator""sv;
    static constexpr std::array scripts = {
        "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /later HTTP/1.1\r\nHost: a\r\n\r\n"sv,
        "GET /hello HTTP/1.1\r\nHos"sv,
        "GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"sv,
        "\x89\x80\x01\x02\x03\x04\x81\x05"sv,
        "\x88\x80\x00\x00\x00\x00"sv,
        "\x00\xff\xff nonsense\r\n\r\n"sv,
        "POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"sv,
        "0\r\n\r\n"sv};
    if (peers_.empty()) return;
    support::RawPeer& peer = *peers_[random_.below(peers_.size())];
    if (!peer.ended()) peer.send(scripts[random_.below(scripts.size())]);
  }

  void leave() {
    if (peers_.empty()) return;
    const auto peer = peers_.begin() + static_cast<std::ptrdiff_t>(random_.below(peers_.size()));
    if (random_.below(2) == 0) (*peer)->reset();
    peers_.erase(peer);
  }

  // --- What clients do
  template <class F>
  void with_client(F&& action) {
    WalkClients::WebSocket* socket = clients_->pick(random_.below(std::uint64_t{1} << 16));
    Connection* connection = socket == nullptr ? nullptr : clients_->find(*socket);
    if (connection == nullptr) return;
    try {
      action(*socket, *connection);
    } catch (const std::system_error&) {
      abort(*socket, *connection);  // no random bytes to mask with
    }
  }

  std::size_t random_size() {
    return random_.below(8) == 0 ? random_.below(20'000) : random_.below(300);
  }
  Opcode random_opcode() { return random_.below(2) == 0 ? Opcode::text : Opcode::binary; }

  void send() {
    with_client([this](WalkClients::WebSocket& socket, Connection& connection) {
      const std::string text = numbered_message({socket.number, socket.sent + 1}, random_size());
      const Message message{.opcode = random_opcode(), .payload = as_bytes(text)};
      if (connection.send(message) != SendStatus::refused) ++socket.sent;
    });
  }

  void send_burst() {
    for (std::uint64_t left = random_.below(30); left > 0; --left) send();
  }

  void send_in_fragments() {
    with_client([this](WalkClients::WebSocket& socket, Connection& connection) {
      const std::string text = numbered_message({socket.number, socket.sent + 1}, random_size());
      const Bytes bytes = as_bytes(text);
      const std::size_t cut = random_.below(bytes.size());
      const Opcode opcode = random_opcode();
      if (connection.send_fragment(opcode, bytes.first(cut), false) == SendStatus::refused) return;
      connection.ping();
      const auto last = connection.send_fragment(Opcode::continuation, bytes.subspan(cut), true);
      last == SendStatus::refused ? abort(socket, connection) : static_cast<void>(++socket.sent);
    });
  }

  void ping() {
    with_client([](WalkClients::WebSocket&, Connection& connection) { connection.ping(); });
  }
  void close() {
    with_client([](WalkClients::WebSocket& socket, Connection& connection) {
      connection.close(CloseCode::normal_closure, "bye");
      socket.paused = false;
      EXPECT_FALSE(connection.is_open());
      EXPECT_EQ(connection.send_text("late"), SendStatus::refused);
    });
  }
  static void abort(WalkClients::WebSocket& socket, Connection& connection) {
    socket.end.abort();
    connection.abort();
  }
  void abort_one() { with_client(&RandomWalk::abort); }
  void pause_or_resume() {
    with_client([](WalkClients::WebSocket& socket, Connection& connection) {
      socket.paused = !socket.paused;
      socket.paused ? connection.pause_reading() : connection.resume_reading();
    });
  }
  void cancel() { clients_->cancel(random_.below(std::uint64_t{1} << 16)); }

  // --- What the server does
  ConnectionId pick_at_server() {
    const std::vector<ConnectionId> ids = server_.open_ids();
    return ids.empty() ? ConnectionId{} : ids[random_.below(ids.size())];
  }
  void toggle_subscription() { server_.toggle_subscription(pick_at_server()); }
  void server_aborts() { server_.abort(pick_at_server()); }
  void server_closes() {
    if (Connection* connection = world_.server->find(pick_at_server())) connection->close();
  }
  void answer() { server_.answer(random_.below(std::uint64_t{1} << 16), random_.below(2) == 0); }
  std::string pushed(std::uint32_t sender) {
    return numbered_message({sender, ++pushed_}, random_size());
  }
  void publish() { world_.server->publish("room", text_message(pushed(1001))); }
  void broadcast() { world_.server->broadcast(text_message(pushed(1002))); }
  void push() { world_.server->send(pick_at_server(), text_message(pushed(1003))); }

  // --- What the network does
  void clog_or_free() {
    const auto links = world_.world.links();
    if (links.empty()) return;
    simulation::Link& link = *links[random_.below(links.size())];
    link.blocked() ? link.unblock() : link.block();
  }

  static constexpr std::array<Action, 32> actions = {
      &RandomWalk::send,          &RandomWalk::send,
      &RandomWalk::send,          &RandomWalk::send,
      &RandomWalk::send_burst,    &RandomWalk::send_burst,
      &RandomWalk::send_burst,    &RandomWalk::send_burst,
      &RandomWalk::ping,          &RandomWalk::send_in_fragments,
      &RandomWalk::close,         &RandomWalk::send_in_fragments,
      &RandomWalk::abort_one,     &RandomWalk::send_in_fragments,
      &RandomWalk::server_aborts, &RandomWalk::pause_or_resume,
      &RandomWalk::server_closes, &RandomWalk::pause_or_resume,
      &RandomWalk::ask,           &RandomWalk::ask,
      &RandomWalk::answer,        &RandomWalk::answer,
      &RandomWalk::publish,       &RandomWalk::publish,
      &RandomWalk::broadcast,     &RandomWalk::toggle_subscription,
      &RandomWalk::push,          &RandomWalk::toggle_subscription,
      &RandomWalk::speak,         &RandomWalk::leave,
      &RandomWalk::cancel,        &RandomWalk::clog_or_free};

  // --- What must hold after every round of turns
  void check() {
    if (failed()) return;
    const std::size_t listeners = world_.server->stopping() ? 0 : 1;
    EXPECT_EQ(world_.server_side.kernel.descriptors("socket").size(),
              world_.server->stats().connections + listeners);
    EXPECT_EQ(depth_, 0);
    server_.check();
    clients_->check();
  }

  // Nobody is left waiting for ever, and nothing is left behind.
  void end() {
    clients_->resume_all();
    for (const auto& link : world_.world.links()) link->unblock();
    world_.runner.run_for(std::chrono::seconds(30));
    clients_->check_arrival(server_);
    bool stopped = false;
    world_.server->stop([&] { stopped = true; });
    world_.runner.run_for(std::chrono::minutes(3));
    EXPECT_TRUE(stopped);
    server_.check_end();
    clients_->check_end();
    constexpr std::size_t of_a_loop = 2;
    EXPECT_EQ(world_.server_side.kernel.descriptor_count(), of_a_loop);
    EXPECT_EQ(world_.client_side.kernel.descriptor_count(), of_a_loop);
  }

  std::unique_ptr<Choices> choices_;
  Choices& random_;
  int depth_ = 0;
  int clients_made_ = 0;
  std::uint32_t pushed_ = 0;
  support::SimulatedServer world_;
  WalkServer server_;
  std::unique_ptr<WalkClients> clients_;
  std::vector<std::unique_ptr<support::RawPeer>> peers_;
};

}  // namespace duplex::conformance
