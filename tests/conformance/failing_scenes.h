// Small scenes of a server and its clients in a simulated world, for tests that let one thing after
// the other fail in them: R57, R58, R59.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../support/allocations.h"
#include "duplex/duplex.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"
#include "sparing_kernel.h"

namespace duplex::conformance {

// A process whose allocations can be made to fail while its loop turns.
struct FailingProcess {
  FailingProcess(simulation::World& world, const char* name)
      : kernel(world, {.name = name}), sparing(kernel), loop(sparing) {}

  bool turn(std::chrono::nanoseconds max_wait) {
    if (!successes_left || (struck && !for_ever)) return loop.turn(max_wait);
    const support::FailingAllocation failing(*successes_left, for_ever);
    const bool goes_on = loop.turn(max_wait);
    struck = struck || failing.struck();
    successes_left = failing.successes_left();
    return goes_on;
  }

  simulation::Kernel kernel;
  SparingKernel sparing;
  net::EventLoop loop;
  std::optional<std::size_t> successes_left;  // allocations until one fails
  bool for_ever = false;
  bool struck = false;
};

// With what the n-th message of a connection may refer to, and without.
inline const websocket::DeflateOptions with_context = {
    .threshold = 1, .context_takeover = true, .peer_context_takeover = true};
inline const websocket::DeflateOptions without_context = {.threshold = 1};

class Scene {
 public:
  Scene() : server_side(world_, "server"), client_side(world_, "client"), runner_(world_) {
    add(server_side);
    add(client_side);
    // What is kept of a proxy's connection needs memory, too.
    server_.emplace(server_side.loop, ServerOptions{.port = 80, .trusted_proxies = {"127.0.0.1"}});
    server_->websocket("/echo",
                       {.on_open = [this](Connection& peer, const auto&) { enter(peer); },
                        .on_message = [](Connection& peer, Message message) { peer.send(message); },
                        .on_pong = [this](Connection&, Bytes) { ++pongs_; }},
                       {.deflate = with_context});
    server_->get("/hello", [](Exchange& e) { e.respond(200, "text/plain", "hello"); });
    server_->post("/post", [](Exchange& e) { e.respond(200, "text/plain", as_text(e.body())); });
    server_->get("/stream", [this](Exchange& e) { stream(e); });
    world_.files().add("/www/file", "file");
    server_->files("/files", "/www");
    ids_.reserve(16);
    at_server_.reserve(16);
    client_.emplace(client_side.loop);
    http_.emplace(client_side.loop);
  }
  ~Scene() { leave(); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void run_for(net::Clock::duration time) { runner_.run_for(time); }

  // --- Things to do, each in a turn of its own loop
  void ask(const std::string& path = "/hello", const std::string& body = {}) {
    in_turn(client_side, [this, path, body] {
      http_->request({.method = body.empty() ? "GET" : "POST",
                      .url = "http://127.0.0.1:80" + path,
                      .body = body},
                     {.on_done =
                          [this](int, std::string_view answer) {
                            ++answered_;
                            got_ = answer;
                          },
                      .on_failure = [this](const HttpFailure&) { ++answered_; }});
      ++asked_;
    });
  }
  void connect(const websocket::DeflateOptions* deflate = nullptr) {
    ConnectOptions options;
    if (deflate != nullptr) options.deflate = *deflate;
    in_turn(client_side,
            [this, options] { ids_.push_back(client_->connect(url, handlers(), options)); });
  }
  void send(std::string_view text) {
    with_each([text](Connection& connection) { connection.send_text(text); });
  }
  void send_in_fragments(std::string_view text) {
    with_each([text](Connection& connection) {
      connection.send_fragment(Opcode::text, as_bytes(text.substr(0, 2)), false);
      connection.send_fragment(Opcode::continuation, as_bytes(text.substr(2)), true);
    });
  }
  void close() {
    with_each([](Connection& connection) { connection.close(); });
  }
  void broadcast(std::string_view text) {
    in_turn(server_side, [this, text] { server_->broadcast(text_message(text)); });
  }

  void publish(std::string_view text) {
    in_turn(server_side, [this, text] { server_->publish("news", text_message(text)); });
  }
  void ping() {
    with_each([](Connection& connection) { connection.ping(as_bytes("ping")); });
    in_turn(server_side, [this] {
      for (const ConnectionId id : at_server_) {
        if (Connection* connection = server_->find(id)) connection->ping(as_bytes("ping"));
      }
    });
  }

  // --- What has come of it
  const std::string& got() const noexcept { return got_; }
  int opened() const noexcept { return opened_; }
  int closed() const noexcept { return closed_; }
  int failed() const noexcept { return failed_; }
  int pongs() const noexcept { return pongs_; }

  int open() const noexcept { return opened_ - closed_; }
  void forget_got() { got_.clear(); }

  // Whoever was not refused at once has got its answer, and nobody is still about to.
  void expect_all_answered() const {
    EXPECT_EQ(answered_, asked_);
    EXPECT_EQ(opened_ + failed_, static_cast<int>(ids_.size()));
    EXPECT_EQ(static_cast<int>(client_->connection_count()), open());
  }

  // Nothing but the loops' own descriptors and that of the files is left when all have gone.
  void expect_clean_end() {
    client_.reset();
    http_.reset();
    server_->stop();
    run_for(std::chrono::seconds(30));
    EXPECT_EQ(server_->stats().connections, 0U);
    EXPECT_EQ(server_side.kernel.descriptor_count(), 3U);
    EXPECT_EQ(client_side.kernel.descriptor_count(), 2U);
    EXPECT_LE(closed_, opened_);
  }

 private:
  static constexpr std::string_view url = "ws://127.0.0.1:80/echo";

  simulation::World world_{{.link = {.delay = std::chrono::milliseconds(1)}}};

 public:
  FailingProcess server_side;
  FailingProcess client_side;

 private:
  void add(FailingProcess& process) {
    runner_.add(process.kernel, [&process](auto max_wait) { return process.turn(max_wait); });
  }
  void enter(Connection& peer) {
    at_server_.push_back(peer.id());
    peer.subscribe("news");
  }
  // Two pieces, the second in a later turn.
  void stream(Exchange& exchange) {
    exchange.start_stream(200, "text/plain");
    exchange.write("one ");
    in_turn(server_side, [this, id = exchange.id()] {
      Exchange* const waiting = server_->find(id);
      if (waiting == nullptr) return;
      waiting->write("two");
      waiting->finish();
    });
  }
  // Not by post(): what may fail shall be the scene's own calls.
  static void in_turn(FailingProcess& process, std::function<void()> action) {
    process.loop.run_after(std::chrono::milliseconds(1), std::move(action));
  }
  void with_each(std::function<void(Connection&)> action) {
    in_turn(client_side, [this, action = std::move(action)] {
      for (const ConnectionId id : ids_) {
        if (Connection* connection = client_->find(id)) action(*connection);
      }
    });
  }
  ClientHandlers handlers() {
    return {.websocket = {
                .on_open = [this](Connection&, const http::Request&) { ++opened_; },
                .on_message = [this](Connection&, Message message) { got_ += message.text(); },
                .on_pong = [this](Connection&, Bytes) { ++pongs_; },
                .on_close = [this](Connection&, const CloseEvent&) { ++closed_; }},
            .on_failure = [this](const OpeningFailure&) { ++failed_; }};
  }
  void leave() {
    client_.reset();
    http_.reset();
    server_.reset();
    runner_.settle();
  }

  simulation::Runner runner_;
  std::string got_;
  int opened_ = 0;
  int closed_ = 0;
  int failed_ = 0;
  int pongs_ = 0;  // at both ends
  int asked_ = 0;
  int answered_ = 0;
  std::vector<ConnectionId> ids_;        // at the client
  std::vector<ConnectionId> at_server_;  // reserved before anything fails
  std::optional<Server> server_;
  std::optional<Client> client_;
  std::optional<HttpClient> http_;
};

struct Script {
  std::string_view name;
  int connections = 0;  // opened before anything fails
  void (*act)(Scene&) = nullptr;
  bool (*worked)(const Scene&) = nullptr;
  const websocket::DeflateOptions* deflate = nullptr;  // what the connections offer
};

// Compresses well.
inline constexpr std::string_view verse =
    "a rose is a rose is a rose is a rose is a rose is a rose is a rose is a rose is a rose";
inline bool got_verse(const Scene& scene) { return scene.got() == verse; }
inline bool got_three_verses(const Scene& scene) {
  return scene.got().size() == 3 * verse.size() && scene.got().starts_with(verse);
}

inline constexpr std::array scripts = {
    Script{"accept", 0, [](Scene& s) { s.ask(); },
           [](const Scene& s) { return s.got() == "hello"; }},
    Script{"file", 0, [](Scene& s) { s.ask("/files/file"); },
           [](const Scene& s) { return s.got() == "file"; }},
    Script{"post", 0, [](Scene& s) { s.ask("/post", "body"); },
           [](const Scene& s) { return s.got() == "body"; }},
    Script{"stream", 0, [](Scene& s) { s.ask("/stream"); },
           [](const Scene& s) { return s.got() == "one two"; }},
    Script{"opening", 0, [](Scene& s) { s.connect(); },
           [](const Scene& s) { return s.opened() == 1; }},
    Script{"message", 1, [](Scene& s) { s.send("message"); },
           [](const Scene& s) { return s.got() == "message"; }},
    Script{"fragments", 1, [](Scene& s) { s.send_in_fragments("fragments"); },
           [](const Scene& s) { return s.got() == "fragments"; }},
    Script{"broadcast", 3, [](Scene& s) { s.broadcast("all"); },
           [](const Scene& s) { return s.got() == "allallall"; }},
    Script{"publish", 3, [](Scene& s) { s.publish("new"); },
           [](const Scene& s) { return s.got() == "newnewnew"; }},
    Script{"ping", 1, [](Scene& s) { s.ping(); }, [](const Scene& s) { return s.pongs() == 2; }},
    Script{"close", 1, [](Scene& s) { s.close(); }, [](const Scene& s) { return s.closed() == 1; }},
    Script{"compressed opening", 0, [](Scene& s) { s.connect(&with_context); },
           [](const Scene& s) { return s.opened() == 1; }},
    Script{"deflate", 1, [](Scene& s) { s.send(verse); }, got_verse, &without_context},
    Script{"deflate with context", 1, [](Scene& s) { s.send(verse); }, got_verse, &with_context},
    Script{"compressed broadcast", 3, [](Scene& s) { s.broadcast(verse); }, got_three_verses,
           &without_context},
    Script{"compressed broadcast with context", 3, [](Scene& s) { s.broadcast(verse); },
           got_three_verses, &with_context}};

inline void prepare(Scene& scene, const Script& script) {
  for (int i = 0; i < script.connections; ++i) scene.connect(script.deflate);
  scene.run_for(std::chrono::milliseconds(20));
  ASSERT_EQ(scene.opened(), script.connections);
}

// The loops live, and a clean attempt works.
inline void expect_recovery(Scene& scene) {
  scene.run_for(std::chrono::seconds(1));
  const int before = scene.opened();
  scene.connect();
  scene.run_for(std::chrono::milliseconds(200));
  EXPECT_EQ(scene.opened(), before + 1);
  scene.forget_got();
  scene.broadcast("news");
  scene.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(scene.got().size(), 4U * static_cast<std::size_t>(scene.open()));
  scene.send("again");
  scene.run_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(scene.got().ends_with("again"));
  scene.ask();
  scene.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(scene.got(), "hello");
  scene.run_for(std::chrono::seconds(70));  // longer than any deadline of a request
  scene.expect_all_answered();
  scene.expect_clean_end();
}

}  // namespace duplex::conformance
