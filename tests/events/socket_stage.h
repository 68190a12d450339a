// A Socket.IO server with a place to act in every handler there is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "../support/socket_world.h"

namespace duplex::events {

class SocketStage;

// Something a user may do in a handler of that socket; null where a handler has none.
using SocketDeed = std::function<void(SocketStage&, Socket*)>;
// Asked in every handler; `place` is its name.
using SocketActor = std::function<void(SocketStage&, const std::string& place, Socket*)>;

// Owner: one test. Holds the server to this: in -> anything* -> out, for each socket, each of the
// two at most once; nothing once the server has gone; nobody left behind.
class SocketStage {
 public:
  explicit SocketStage(SocketActor actor) : actor_(std::move(actor)) { serve(); }
  SocketStage(const SocketStage&) = delete;
  SocketStage& operator=(const SocketStage&) = delete;

  // Once all clients are gone.
  void end();

  support::SimulatedServer world;
  std::unique_ptr<Client> client = std::make_unique<Client>(world.client_side.loop);
  std::unique_ptr<SocketServer> io;
  Next next = {};  // of the last middleware that was asked

 private:
  void at(const std::string& place, Socket* socket = nullptr) { actor_(*this, place, socket); }
  void enters(const Socket& socket);
  void lives(const Socket& socket) { EXPECT_EQ(life_[socket.id()], "in"); }
  void leaves(const Socket& socket);

  void serve();
  void serve_namespace(Namespace& nsp);
  void serve_socket(Socket& socket);

  SocketActor actor_;
  std::map<std::string, std::string> life_ = {};  // by the socket's id: "in", "out"
};

inline void SocketStage::enters(const Socket& socket) {
  EXPECT_NE(io, nullptr);
  EXPECT_EQ(life_[socket.id()], "");
  life_[socket.id()] = "in";
}

inline void SocketStage::leaves(const Socket& socket) {
  lives(socket);
  life_[socket.id()] = "out";
}

inline void SocketStage::serve() {
  SocketServerOptions options = {.connect_timeout = std::chrono::milliseconds(400)};
  options.engine.session.ping_interval = std::chrono::milliseconds(300);
  options.engine.session.ping_timeout = std::chrono::milliseconds(300);
  options.engine.session.upgrade_timeout = std::chrono::milliseconds(100);
  options.engine.allow_eio3 = true;
  options.engine.high_water = 10'000;
  options.engine.allow_session = [this](const http::Request&) {
    at("allow session");
    return std::optional<std::string>();
  };
  options.engine.on_connection_error = [this](const auto&) { at("connection error"); };
  io = std::make_unique<SocketServer>(*world.server, std::move(options));
  serve_namespace(io->of("/"));
  Namespace& dynamic = io->of_matching([this](std::string_view, const Json&) {
    at("matches");
    return true;
  });
  serve_namespace(dynamic);
}

inline void SocketStage::serve_namespace(Namespace& nsp) {
  nsp.use([this](Socket& socket, Next go_on) {
    next = go_on;
    at("middleware", &socket);
    go_on({});
  });
  nsp.on_connection([this](Socket& socket) {
    enters(socket);
    serve_socket(socket);
    at("connection", &socket);
  });
  nsp.on_room([this](Namespace&, RoomEvent event, std::string_view room, std::string_view) {
    static const char* const names[] = {"room create", "room join", "room leave", "room remove"};
    if (room == "lobby") at(names[static_cast<int>(event)]);
  });
  nsp.on("hello", [this](Socket& socket) { at("namespace event", &socket); });
  nsp.on("number", [](Socket&, int) {});
  nsp.on_error([this](Socket& socket, auto, auto) { at("namespace error", &socket); });
  nsp.on_disconnect(
      [this](Socket& socket, DisconnectReason) { at("namespace disconnect", &socket); });
}

// What it is told of is looked at; what it says in return is what Socket.IO's own examples say.
inline void SocketStage::serve_socket(Socket& socket) {
  Socket* const self = &socket;
  socket.use([this, self](std::string_view event, Values) {
    at("filter", self);
    return event == "refused" ? std::optional<std::string>("no") : std::nullopt;
  });
  socket.on_any([this, self](std::string_view, Values) { at("any", self); });
  socket.on_any_outgoing([this, self](std::string_view, Values) { at("any outgoing", self); });
  socket.on_error([this, self](auto, auto) { at("error", self); });
  socket.on_drain([this](Socket& each) {
    lives(each);
    at("drain", &each);
  });
  socket.on_disconnect([this](Socket& each, DisconnectReason) {
    leaves(each);
    at("disconnect", &each);
  });
  socket.on("hello", [this, self](const Ack& ack) {
    lives(*self);
    at("event", self);
    ack("hello");
  });
  socket.once("hello", [this, self] { at("once", self); });
  socket.on("much", [self] { self->emit("much", std::string(100'000, 'x')); });
  socket.on("ask me", [this, self] {
    self->emit("question", [this](const AckReply&) { at("answer"); });
    self->timeout(std::chrono::milliseconds(20)).emit("silence", [this](const AckReply&) {
      at("time-out");
    });
    self->to("lobby").emit("question", [this](const AckReply&) { at("answers"); });
  });
  socket.join("lobby");
}

inline void SocketStage::end() {
  client.reset();
  world.runner.run_for(std::chrono::seconds(3));
  EXPECT_TRUE(io == nullptr || io->session_count() == 0);
  for (const auto& [id, life] : life_) {
    EXPECT_TRUE(io == nullptr || life == "out") << id << " is " << life;
  }
  EXPECT_TRUE(!world.server || world.server->stats().connections == 0);
  io.reset();
}

}  // namespace duplex::events
