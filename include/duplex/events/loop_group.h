// The loops of one process as one Socket.IO server: each has a SocketServer of its own, and all of
// them share namespaces, rooms and, if asked for, recovery. With SessionLoops they may share a
// port.
//
//   events::LoopGroup group;
//   const auto loops = std::make_shared<events::SessionLoops>();
//   // on each loop, where `server` has reuse_port:
//   events::SocketServer io(server, {.engine = {.loops = loops}, .adapter = group.adapter()});
#pragma once

#include <memory>
#include <optional>

#include "duplex/events/adapter.h"
#include "duplex/socketio/recovery.h"

namespace duplex::events {

// Thread: any; the adapters are their loops'. It may be destroyed before them.
class LoopGroup {
 public:
  // With `recovery`, clients may come again on any loop: what is broadcast is kept once for all of
  // them. SocketServerOptions::recovery has to be set as well; its times and limits do not count.
  explicit LoopGroup(std::optional<socketio::RecoveryOptions> recovery = {});
  ~LoopGroup();

  AdapterFactory adapter() const;

 private:
  class Board;
  std::shared_ptr<Board> board_;

  friend class LoopAdapter;
};

}  // namespace duplex::events
