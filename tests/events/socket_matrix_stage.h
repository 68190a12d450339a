// A scene that goes through every handler of a Socket.IO server.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "socket_stage.h"

namespace duplex::events {

// Owner: one test. Three clients come, say everything, and go, one by one.
class SocketMatrixStage : public SocketStage {
 public:
  // Does `deed` the first time that the handler `place` runs.
  SocketMatrixStage(const std::string& place, const SocketDeed& deed)
      : SocketStage(
            [this, place, deed](SocketStage& stage, const std::string& here, Socket* socket) {
              if (here == place && !std::exchange(acted_, true)) deed(stage, socket);
            }) {}

  // The whole scene, until nobody is left.
  void play();
  bool acted() const noexcept { return acted_; }

 private:
  using Peers = std::vector<std::unique_ptr<support::Peer>>;

  void come(Peers& peers);
  void talk(Peers& peers);
  void answer(Peers& peers);
  void leave(Peers& peers);

  bool acted_ = false;
};

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
  end();
}

}  // namespace duplex::events
