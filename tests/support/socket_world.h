// A Socket.IO server and clients that speak its packets by hand, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/socket_server.h"
#include "simulated.h"

namespace duplex::support {

using namespace events;
using Texts = std::vector<std::string>;

// A WebSocket on which packets are written as they stand: "40" joins, "42[...]" is an event. Pings
// are answered, and not heard.
class Peer {
 public:
  Peer(SimulatedServer& world, Client& client, const std::string& target);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  Peer& say(std::string_view packet);
  Peer& say_bytes(std::string_view bytes);
  void leave();  // the connection is lost
  // Joins a namespace, and returns the id that it has there.
  std::string join(const std::string& nsp = "/", const std::string& auth = {});
  // What has been heard since this was last asked.
  Texts take();
  bool closed() const noexcept { return state_->closed; }
  const std::string& sid() const noexcept { return sid_; }  // of its session

 private:
  SimulatedServer& world_;
  Client& client_;
  ConnectionId id_;
  std::string sid_ = {};
  struct State {  // its connection may be there for longer
    Texts heard = {};
    bool closed = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class SocketWorld : public testing::Test {
 protected:
  SocketWorld() : client_(world_.client_side.loop) {}

  void serve(SocketServerOptions options = {}) { io_.emplace(*world_.server, std::move(options)); }
  std::unique_ptr<Peer> peer(const std::string& path = "/socket.io/") {
    return std::make_unique<Peer>(world_, client_, path + "?EIO=4&transport=websocket&token=a");
  }
  // Of Socket.IO 2; what it has heard from the beginning.
  std::unique_ptr<Peer> old_peer() {
    return std::make_unique<Peer>(world_, client_, "/socket.io/?EIO=3&transport=websocket");
  }
  void run_for(std::chrono::milliseconds time) { world_.runner.run_for(time); }

  SimulatedServer world_;
  Client client_;
  std::optional<SocketServer> io_;
  std::string log_;
};

}  // namespace duplex::support
