// Socket.IO of `duplex serve`: echo, and a chat with rooms.
#pragma once

#include "duplex/duplex.h"

namespace duplex::tools {

// Owner: a ServeLoop; `server` must outlive it.
//   echo ANYTHING...     comes back: to its acknowledgement, or as the same event
//   join ROOM            acknowledged by how many are there; leave ROOM by nothing
//   chat ROOM TEXT       to the others in that room: chat ROOM FROM TEXT
class SocketRooms {
 public:
  explicit SocketRooms(Server& server);

 private:
  socketio::Server io_;
};

}  // namespace duplex::tools
