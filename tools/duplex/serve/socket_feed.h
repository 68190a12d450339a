// The feed as events of Socket.IO.
#pragma once

#include <cstdint>
#include <memory>

#include "duplex/duplex.h"
#include "feed.h"

namespace duplex::tools {

// Owner: a ServeLoop; `server` and `feed` must outlive it, and `feed` may not push afterwards.
//   event LINES          to everybody, at /feed/socket.io/, with each piece that is pushed
// Who connects with {"after": ID} gets first what has been pushed after that event, each by itself,
// and as fast as it takes them; who is so slow that the next one is no longer kept is disconnected.
class SocketFeed {
 public:
  // `loops`: of all threads, so that a request finds its session on whichever one it lands.
  SocketFeed(Server& server, Feed& feed, std::shared_ptr<socketio::SessionLoops> loops);
  // Disconnects everybody, so that no poll keeps the server from draining.
  void stop() { io_.close(); }

 private:
  // Of one socket.
  struct Heard {
    std::uint64_t last;
    bool begun = false;  // `last` is one that we have told
  };
  void welcome(socketio::Socket& socket);
  void go_on(socketio::Socket& socket, Heard& heard);

  const Feed& feed_;
  socketio::Server io_;
};

}  // namespace duplex::tools
