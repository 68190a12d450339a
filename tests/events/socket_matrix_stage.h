// A Socket.IO server that goes through every handler there is, with a place to act in each.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../support/socket_world.h"

namespace duplex::events {

class SocketMatrixStage;

// Something a user may do in a handler of that socket; null where a handler has none.
using SocketDeed = std::function<void(SocketMatrixStage&, Socket*)>;

// Owner: one test. Plays one scene: two clients come, say everything, and go, one by one.
class SocketMatrixStage {
 public:
  // Does `deed` the first time that the handler `place` runs.
  SocketMatrixStage(std::string place, SocketDeed deed);

  // The whole scene, until nobody is left.
  void play();
  bool acted() const noexcept { return acted_; }

  support::SimulatedServer world;
  std::unique_ptr<Client> client = std::make_unique<Client>(world.client_side.loop);
  std::unique_ptr<SocketServer> io;
  Next next = {};  // of the last middleware that was asked

 private:
  using Peers = std::vector<std::unique_ptr<support::Peer>>;

  void at(const std::string& place, Socket* socket = nullptr) {
    if (place != place_ || std::exchange(acted_, true)) return;
    deed_(*this, socket);
  }
  // in -> anything* -> out, each of the two at most once; nothing once the server has gone.
  void enters(const Socket& socket);
  void lives(const Socket& socket) { EXPECT_EQ(life_[socket.id()], "in") << place_; }
  void leaves(const Socket& socket);

  void serve();
  void serve_namespace(Namespace& nsp);
  void serve_socket(Socket& socket);
  void come(Peers& peers);
  void talk(Peers& peers);
  void answer(Peers& peers);
  void leave(Peers& peers);

  std::string place_;
  SocketDeed deed_;
  bool acted_ = false;
  std::map<std::string, std::string> life_ = {};  // by the socket's id: "in", "out"
};

inline SocketMatrixStage::SocketMatrixStage(std::string place, SocketDeed deed)
    : place_(std::move(place)), deed_(std::move(deed)) {
  serve();
}

inline void SocketMatrixStage::enters(const Socket& socket) {
  EXPECT_NE(io, nullptr);
  EXPECT_EQ(life_[socket.id()], "");
  life_[socket.id()] = "in";
}

inline void SocketMatrixStage::leaves(const Socket& socket) {
  lives(socket);
  life_[socket.id()] = "out";
}

inline void SocketMatrixStage::serve() {
  SocketServerOptions options;
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

inline void SocketMatrixStage::serve_namespace(Namespace& nsp) {
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
inline void SocketMatrixStage::serve_socket(Socket& socket) {
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

// --- The scene -----------------------------------------------------------------------------------

inline void SocketMatrixStage::come(Peers& peers) {
  const std::string path = "/socket.io/?EIO=4&transport=websocket";
  for (int i = 0; i < 3; ++i) {
    if (client == nullptr) return;
    peers.push_back(std::make_unique<support::Peer>(world, *client, path));
    peers.back()->say("40");
    peers.back()->say("40/dynamic,");
  }
  if (client != nullptr) support::Peer(world, *client, path + "&sid=nobody").leave();
}

// Questions are answered, but for the one that is to be met with silence.
inline void SocketMatrixStage::answer(Peers& peers) {
  for (const auto& peer : peers) {
    for (const std::string& packet : peer->take()) {
      const std::size_t name = packet.find(R"(["question"])");
      if (!packet.starts_with("42") || name == std::string::npos || client == nullptr) continue;
      peer->say("43" + packet.substr(2, name - 2) + "[1]");
    }
  }
}

inline void SocketMatrixStage::talk(Peers& peers) {
  for (const char* const packet : {R"(420["hello"])", R"(42["refused"])", R"(42["number","one"])",
                                   R"(42["ask me"])", R"(42["much"])", R"(42["nobody listens"])"}) {
    for (const auto& peer : peers) {
      if (client != nullptr) peer->say(packet);
    }
    answer(peers);
  }
  world.runner.run_for(std::chrono::milliseconds(100));
}

// One says so, one is lost, one breaks the rules.
inline void SocketMatrixStage::leave(Peers& peers) {
  if (client != nullptr) peers[0]->say("41");
  if (client != nullptr) peers[1]->leave();
  if (client != nullptr) peers[2]->say("4x");
}

inline void SocketMatrixStage::play() {
  Peers peers;
  come(peers);
  talk(peers);
  if (peers.size() == 3) leave(peers);
  client.reset();
  world.runner.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(io == nullptr || io->session_count() == 0) << place_;
  for (const auto& [id, life] : life_) {
    EXPECT_TRUE(io == nullptr || life == "out") << id << " is " << life << ", acted in " << place_;
  }
  EXPECT_TRUE(!world.server || world.server->stats().connections == 0) << place_;
  io.reset();
}

}  // namespace duplex::events
