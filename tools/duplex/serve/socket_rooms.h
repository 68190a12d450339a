// Socket.IO of `duplex serve`: echo, and a chat with rooms.
#pragma once

#include <memory>
#include <string>

#include "duplex/duplex.h"

namespace duplex::tools {

// How the loops of this process, and other processes, share rooms. Made once for all loops.
struct SocketCluster {
  bool is_alone = true;    // there is one loop, which needs nobody's word for an order of events
  std::string redis = {};  // its URL; empty: the loops of this process alone
  std::string adapter = "pubsub";
  socketio::LoopGroup group{socketio::RecoveryOptions()};
  std::shared_ptr<socketio::SessionLoops> loops = std::make_shared<socketio::SessionLoops>();
  // The feed needs no more: each loop has all of its events.
  std::shared_ptr<socketio::SessionLoops> feed_loops = std::make_shared<socketio::SessionLoops>();
};

// Owner: a ServeLoop; `server` must outlive it.
//   echo ANYTHING...     comes back: to its acknowledgement, or as the same event
//   join ROOM            acknowledged by how many are there; leave ROOM by nothing
//   chat ROOM TEXT       to the others in that room: chat ROOM FROM TEXT
class SocketRooms {
 public:
  // Throws std::invalid_argument for a URL that is none.
  SocketRooms(Server& server, const SocketCluster& cluster);
  void close() { io_.close(); }  // tells everybody

 private:
  socketio::Server io_;
};

}  // namespace duplex::tools
