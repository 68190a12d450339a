// A small scene of servers, clients and a stranger in a simulated world, in which one thing after
// the other can be made to fail: R57, R58, R59.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/duplex.h"
#include "duplex/http/event_stream.h"
#include "failing_process.h"
#include "scene_options.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"
#include "stranger.h"

namespace duplex::conformance {

class Scene {
 public:
  static constexpr std::uint16_t port = 80;
  static constexpr std::uint16_t proxied_port = 81;  // each connection begins with a PROXY header
  static constexpr std::uint16_t silent_port = 90;   // a stranger's

  Scene() : server_side(world_, "server"), client_side(world_, "client"), runner_(world_) {
    add(server_side);
    add(client_side);
    world_.files().add("/www/file", "file");
    ids_.reserve(16);
    at_server_.reserve(16);
    serve();
    ClientOptions hasty;
    hasty.connect_timeout = 2 * tenth;
    hasty.websocket.close_timeout = tenth;
    client_.emplace(client_side.loop, hasty);
    http_.emplace(client_side.loop, HttpClientOptions{.response_timeout = 3 * tenth});
  }
  ~Scene() { leave(); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void run_for(net::Clock::duration time) {
    runner_.run_for(time);
    stranger_.gather();
  }

  // --- Things to do, each in a turn of its own loop
  void ask(const std::string& path = "/hello", const std::string& body = {},
           const std::vector<endpoint::HeaderField>& fields = {}) {
    in_turn(client_side, [this, path, body, fields] {
      last_request_ = http_->request({.method = body.empty() ? "GET" : "POST",
                                      .url = "http://127.0.0.1:80" + path,
                                      .fields = fields,
                                      .body = body},
                                     answer_handlers());
      ++asked_;
    });
  }
  // The last request, unless it has come to its end.
  void cancel() {
    in_turn(
        client_side,
        [this] {
          if (answered_ == asked_) return;
          ++answered_;
          http_->cancel(last_request_);
        },
        milliseconds(5));
  }
  void listen_to_events() {
    in_turn(client_side, [this] {
      source_.emplace(*http_, "http://127.0.0.1:80/events",
                      SseHandlers{.on_event = [this](const SseEvent& event) { got_ += event.data; },
                                  .on_error = [this](const HttpFailure&) { return ++ends_ < 2; }});
    });
  }
  void connect(const websocket::DeflateOptions* deflate = nullptr, std::string_view to = echo_url,
               const std::string& origin = {}) {
    ConnectOptions options;
    options.origin = origin;
    if (deflate != nullptr) options.deflate = *deflate;
    in_turn(client_side, [this, options, to] {
      ids_.push_back(client_->connect(to, client_handlers(), options));
    });
  }
  // With each connection of the client, after a while.
  void each(std::function<void(Connection&)> action, milliseconds after = milliseconds(1)) {
    in_turn(
        client_side,
        [this, action = std::move(action)] {
          for (const ConnectionId id : ids_) {
            if (Connection* connection = client_->find(id)) action(*connection);
          }
        },
        after);
  }
  void each_of_server(std::function<void(Connection&)> action,
                      milliseconds after = milliseconds(1)) {
    in_turn(
        server_side,
        [this, action = std::move(action)] {
          for (const ConnectionId id : at_server_) {
            if (Connection* connection = server_->find(id)) action(*connection);
          }
        },
        after);
  }
  void send(std::string_view text) {
    each([text](Connection& connection) { connection.send_text(text); });
  }
  void send_in_fragments(std::string_view text) {
    each([text](Connection& connection) {
      connection.send_fragment(Opcode::text, as_bytes(text.substr(0, 2)), false);
      connection.send_fragment(Opcode::continuation, as_bytes(text.substr(2)), true);
    });
  }
  void close(milliseconds after = milliseconds(1)) {
    each([](Connection& connection) { connection.close(); }, after);
  }
  void broadcast(std::string_view text) {
    in_turn(server_side, [this, text] { server_->broadcast(text_message(text)); });
  }
  void publish(std::string_view text) {
    in_turn(server_side, [this, text] { server_->publish("news", text_message(text)); });
  }
  void ping() {
    const auto send_ping = [](Connection& connection) { connection.ping(as_bytes("ping")); };
    each(send_ping);
    each_of_server(send_ping);
  }
  // More than the buffers of the kernel take; who has paused reads it later.
  void flood() {
    each([](Connection& connection) { connection.pause_reading(); });
    each_of_server([](Connection& connection) {
      connection.send_binary(as_bytes(std::string(flood_size, 'x')));
    });
    each([](Connection& connection) { connection.resume_reading(); }, milliseconds(50));
  }
  // Three timers one after the other, each armed in the one before, at both sides.
  void count_down(int from = 3) {
    for (FailingProcess* const process : {&server_side, &client_side}) tick(*process, from);
  }
  void post() {
    in_turn(client_side, [this] { client_side.loop.post([this] { ++ticks_; }); });
    in_turn(server_side, [this] { server_side.loop.post([this] { ++ticks_; }); });
  }
  void stop(milliseconds after = milliseconds(1)) {
    in_turn(
        server_side, [this] { server_->stop([this] { stopped_ = true; }); }, after);
  }
  Stranger& stranger() noexcept { return stranger_; }

  // --- What has come of it
  const std::string& got() const noexcept { return got_; }
  bool heard(std::string_view words) const {
    return stranger_.heard().find(words) != std::string::npos;
  }
  bool left_alone() const noexcept { return stranger_.ended(); }
  int status() const noexcept { return status_; }
  int opened() const noexcept { return opened_; }
  int closed() const noexcept { return closed_; }
  int failed() const noexcept { return failed_; }
  int pongs() const noexcept { return pongs_; }
  int drained() const noexcept { return drained_; }
  int gone() const noexcept { return gone_; }
  int ticks() const noexcept { return ticks_; }
  bool stopped() const noexcept { return stopped_; }

  int open() const noexcept { return opened_ - closed_; }
  void forget_got() { got_.clear(); }

  // After whatever happened: nobody is paused any more, and there is a server.
  void set_right() {
    const auto resume = [](Connection& connection) { connection.resume_reading(); };
    each(resume);
    each_of_server(resume);
    run_for(std::chrono::seconds(1));
    if (!server_->stopping()) return;
    server_.reset();
    proxied_.reset();
    run_for(tenth);
    at_server_.clear();
    serve();
  }

  // Whoever was not refused at once has got its answer, and nobody is still about to.
  void expect_all_answered() const {
    EXPECT_EQ(answered_, asked_);
    EXPECT_EQ(opened_ + failed_, static_cast<int>(ids_.size()));
    EXPECT_EQ(static_cast<int>(client_->connection_count()), open());
  }

  // Nothing but the loops' own descriptors and that of the files is left when all have gone.
  void expect_clean_end() {
    source_.reset();
    client_.reset();
    http_.reset();
    server_->stop();
    proxied_->stop();
    run_for(std::chrono::seconds(30));
    EXPECT_EQ(server_->stats().connections + proxied_->stats().connections, 0U);
    EXPECT_EQ(server_side.kernel.descriptor_count(), 3U);
    EXPECT_EQ(client_side.kernel.descriptor_count(), 2U);
    EXPECT_LE(closed_, opened_);
  }

  static constexpr std::size_t flood_size = std::size_t{64} << 10;

 private:
  static constexpr std::string_view echo_url = "ws://127.0.0.1:80/echo";

  simulation::World world_{{.link = {.delay = milliseconds(1)},
                            .send_buffer = flood_size / 4,
                            .receive_buffer = flood_size / 4}};

 public:
  FailingProcess server_side;
  FailingProcess client_side;

 private:
  void add(FailingProcess& process) {
    runner_.add(process.kernel, [&process](auto max_wait) { return process.turn(max_wait); });
  }
  // Not by post(): what may fail shall be the scene's own calls.
  static void in_turn(FailingProcess& process, std::function<void()> action,
                      milliseconds after = milliseconds(1)) {
    process.loop.run_after(after, std::move(action));
  }
  void tick(FailingProcess& process, int left) {
    in_turn(process, [this, &process, left] {
      ++ticks_;
      if (left > 1) tick(process, left - 1);
    });
  }

  // --- The servers
  void serve() {
    server_.emplace(server_side.loop, server_options(port, false));
    proxied_.emplace(server_side.loop, server_options(proxied_port, true));
    add_websockets();
    add_answers();
    add_late_answers();
    server_->files("/files", "/www");
    for (Server* const server : {&*server_, &*proxied_}) {
      server->get("/client",
                  [](Exchange& e) { e.respond(200, "text/plain", e.peer_address().text()); });
    }
  }
  void add_websockets() {
    server_->websocket(
        "/echo",
        {.on_open = [this](Connection& peer, const auto&) { enter(peer); },
         .on_message = [](Connection& peer, Message message) { hear(peer, message); },
         .on_pong = [this](Connection&, Bytes) { ++pongs_; },
         .on_drain = [this](Connection&) { ++drained_; }},
        {.deflate = with_context, .protocol = &soon_congested});
    const auto count_gone = [this](Connection&, const CloseEvent&) { ++gone_; };
    server_->websocket(
        "/impatient",
        {.on_message = [](Connection& peer, Message) { peer.close(); }, .on_close = count_gone},
        {.protocol = &impatient});
    server_->websocket("/guarded", {}, {.allowed_origins = {"http://here"}});
  }
  void add_answers() {
    server_->get("/hello", [](Exchange& e) { e.respond(200, "text/plain", "hello"); });
    server_->post("/post", [](Exchange& e) { e.respond(200, "text/plain", as_text(e.body())); });
    server_->get("/throw", [](Exchange&) { throw std::runtime_error("a handler throws"); });
    server_->get("/events", [](Exchange& e) { send_event(e); });
  }
  void add_late_answers() {
    server_->get("/stream", [this](Exchange& e) {
      e.start_stream(200, "text/plain");
      e.write("one ");
      later(e, [](Exchange& waiting) {
        waiting.write("two");
        waiting.finish();
      });
    });
    server_->get("/poll", [this](Exchange& e) {
      later(e, [](Exchange& waiting) { waiting.respond(200, "text/plain", "later"); });
    });
    server_->get("/never", [this](Exchange& e) {
      e.on_gone([this] { ++gone_; });
      e.on_end([this, id = e.id()] {
        ++gone_;
        server_->find(id)->respond(200, "text/plain", "to nobody");
      });
    });
  }
  void later(const Exchange& exchange, std::function<void(Exchange&)> action) {
    in_turn(
        server_side,
        [this, id = exchange.id(), action = std::move(action)] {
          if (Exchange* const waiting = server_->find(id)) action(*waiting);
        },
        milliseconds(20));
  }
  // An echo, but for words that ask for something else.
  static void hear(Connection& peer, Message message) {
    if (message.text() == "throw") throw std::runtime_error("a handler throws");
    if (message.text() == "pause") return peer.pause_reading();
    peer.send(message);
  }
  // One event for each connection; who has been there before gets the second.
  static void send_event(Exchange& exchange) {
    const bool again = exchange.request().fields.find("Last-Event-ID").has_value();
    std::string text;
    exchange.start_stream(200, "text/event-stream");
    if (http::append_event(text, {.data = again ? "two" : "one", .id = "1", .retry = "20"})) {
      exchange.write(text);
    }
    exchange.finish();
  }
  void enter(Connection& peer) {
    at_server_.push_back(peer.id());
    peer.subscribe("news");
  }

  // --- The clients
  ClientHandlers client_handlers() {
    return {.websocket = {
                .on_open = [this](Connection&, const http::Request&) { ++opened_; },
                .on_message = [this](Connection&, Message message) { got_ += message.text(); },
                .on_pong = [this](Connection&, Bytes) { ++pongs_; },
                .on_close = [this](Connection&, const CloseEvent&) { ++closed_; }},
            .on_failure = [this](const OpeningFailure& failure) {
              ++failed_;
              status_ = failure.status;
            }};
  }
  HttpResponseHandlers answer_handlers() {
    return {.on_done =
                [this](int status, std::string_view answer) {
                  ++answered_;
                  status_ = status;
                  got_ += answer;
                },
            .on_failure = [this](const HttpFailure&) { ++answered_; }};
  }
  void leave() {
    source_.reset();
    client_.reset();
    http_.reset();
    server_.reset();
    proxied_.reset();
    runner_.settle();
  }

  simulation::Runner runner_;
  Stranger stranger_{world_};
  std::string got_;
  int status_ = 0;
  int opened_ = 0;
  int closed_ = 0;
  int failed_ = 0;
  int pongs_ = 0;  // at both ends
  int drained_ = 0;
  int gone_ = 0;  // impatient WebSockets, and who waited for ever
  int ticks_ = 0;
  int asked_ = 0;
  int answered_ = 0;
  int ends_ = 0;  // of streams of events
  bool stopped_ = false;
  RequestId last_request_ = RequestId::none;
  std::vector<ConnectionId> ids_;        // at the client
  std::vector<ConnectionId> at_server_;  // reserved before anything fails
  std::optional<Server> server_;
  std::optional<Server> proxied_;
  std::optional<Client> client_;
  std::optional<HttpClient> http_;
  std::optional<EventSource> source_;
};

}  // namespace duplex::conformance
