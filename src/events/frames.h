// A packet of Socket.IO as its messages on the wire, for one session or for many.
#pragma once

#include <memory>
#include <vector>

#include "duplex/socketio/packet.h"
#include "events/engine_session.h"

namespace duplex::events {

// Encoded once, however many sessions it is sent to. Owner: the call that sends it, which
// `workshop` outlives.
class Frames {
 public:
  Frames(const socketio::Packet& packet, websocket::DeflateWorkshop& workshop);

  void send_to(EngineSession::Impl& session);

 private:
  std::vector<std::unique_ptr<EngineBroadcast>> messages_;
};

}  // namespace duplex::events
