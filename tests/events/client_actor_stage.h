// A Socket.IO client with a place to act in every handler there is.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "../support/simulated.h"
#include "duplex/events/socket_client.h"

namespace duplex::events {

class ClientActorStage;

// Something a user may do in a handler of that socket; null where a handler has none.
using ClientDeed = std::function<void(ClientActorStage&, ClientSocket*)>;
// Asked in every handler; `place` is its name.
using ClientActor = std::function<void(ClientActorStage&, const std::string& place, ClientSocket*)>;

// Owner: one test. Holds the client to this: each socket comes before it goes again and hears
// events while it is there, each question is answered once, nothing is heard once the client has
// gone, and nobody is left behind.
class ClientActorStage {
 public:
  explicit ClientActorStage(ClientActor actor) : actor_(std::move(actor)) {
    world.client_side.loop.on_exception([this](std::exception_ptr) { ++thrown; });
  }
  ClientActorStage(const ClientActorStage&) = delete;
  ClientActorStage& operator=(const ClientActorStage&) = delete;

  // Times are short, so that a scene is.
  static SocketClientOptions usual_options();
  void connect(SocketClientOptions options);
  // With all handlers there are, if it is new; nothing once the client has gone.
  void open(const std::string& nsp, ClientSocketOptions options = {});
  // Asks something, and is told once what has come of it.
  void ask(ClientSocket& socket, const std::string& event, const std::string& place);
  void run_for(std::chrono::milliseconds time) { world.runner.run_for(time); }
  void end();

  support::SimulatedServer world;
  std::unique_ptr<SocketClient> client;
  int thrown = 0;

 private:
  void at(const std::string& place, ClientSocket* socket = nullptr) {
    EXPECT_NE(client, nullptr) << place;
    if (client != nullptr) actor_(*this, place, socket);
  }
  void hears(ClientSocket& socket, const std::string& place) {
    EXPECT_TRUE(socket.connected()) << place;
    at(place, &socket);
  }
  void watch(ClientSocket& socket);
  void watch_events(ClientSocket& socket);

  ClientActor actor_;
  std::map<std::string, bool> is_there_ = {};  // by the names of namespaces
};

inline SocketClientOptions ClientActorStage::usual_options() {
  using std::chrono::milliseconds;
  SocketClientOptions options = {.max_attempts = 3};
  options.engine.session.open_timeout = milliseconds(300);
  options.engine.session.upgrade_timeout = milliseconds(100);
  options.engine.session.close_timeout = milliseconds(100);
  options.backoff = {.delay = milliseconds(50), .max_delay = milliseconds(200)};
  options.stable_time = milliseconds(100);
  options.attachment_timeout = milliseconds(100);
  return options;
}

inline void ClientActorStage::connect(SocketClientOptions options) {
  client = std::make_unique<SocketClient>(world.client_side.loop, "http://127.0.0.1",
                                          std::move(options));
  client->on_reconnect_attempt([this](std::size_t) { at("reconnect attempt"); });
  client->on_reconnect([this](std::size_t) { at("reconnect"); });
  client->on_reconnect_failed([this] { at("reconnect failed"); });
}

inline void ClientActorStage::open(const std::string& nsp, ClientSocketOptions options) {
  if (client == nullptr) return;
  options.make_auth = [this] {
    at("auth");
    return Json();
  };
  ClientSocket& socket = client->of(nsp, std::move(options));
  if (is_there_.emplace(socket.nsp(), false).second) watch(socket);
}

inline void ClientActorStage::watch(ClientSocket& socket) {
  socket.on_connect([this](ClientSocket& each) {
    EXPECT_FALSE(std::exchange(is_there_[each.nsp()], true)) << each.nsp();
    hears(each, "connect");
  });
  socket.on_connect_error(
      [this](ClientSocket& each, const ConnectError&) { at("connect error", &each); });
  socket.on_disconnect([this](ClientSocket& each, const ClientDisconnect&) {
    EXPECT_FALSE(each.connected());
    is_there_[each.nsp()] = false;
    at("disconnect", &each);
  });
  watch_events(socket);
}

inline void ClientActorStage::watch_events(ClientSocket& socket) {
  ClientSocket* const self = &socket;
  socket.on_error([this, self](auto, auto) { at("error", self); });
  socket.on_any([this, self](std::string_view, Values) { hears(*self, "any"); });
  socket.on_any_outgoing([this, self](std::string_view, Values) { hears(*self, "any outgoing"); });
  socket.on_any_outgoing([this](auto, auto) { EXPECT_NE(client, nullptr); });
  socket.on("hello", [this, self](const Ack& ack) {
    hears(*self, "event");
    ack("hello");
  });
  socket.once("hello", [this, self] { at("once", self); });
  socket.on("number", [](int) {});
  socket.on("ask me", [this, self] { ask(*self, "question", "answer"); });
}

inline void ClientActorStage::ask(ClientSocket& socket, const std::string& event,
                                  const std::string& place) {
  const auto answered = std::make_shared<bool>(false);
  socket.timeout(std::chrono::milliseconds(40)).emit(event, [=, this](AckReply& reply) {
    EXPECT_FALSE(std::exchange(*answered, true)) << place;
    const bool is_late = reply.status == AckStatus::timed_out;
    at(is_late ? "time-out" : reply.status == AckStatus::disconnected ? "no answer" : place);
  });
}

inline void ClientActorStage::end() {
  client.reset();
  run_for(std::chrono::seconds(1));
  EXPECT_EQ(world.server->stats().connections, 0U);
}

}  // namespace duplex::events
