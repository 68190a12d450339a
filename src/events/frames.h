// A packet of Socket.IO as its messages on the wire, for one session or for many.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duplex/events/socket_server.h"
#include "events/engine_session.h"

namespace duplex::events {

// Encoded once by the server's parser, however many sessions it is sent to. Owner: the call that
// sends it, which the server outlives.
class Frames {
 public:
  Frames(const socketio::Packet& packet, SocketServer::Impl& server, bool compress = true);

  void send_to(EngineSession::Impl& session);

 private:
  void add(std::string content, bool is_bytes);

  websocket::DeflateWorkshop& workshop_;
  bool compress_;
  std::vector<std::unique_ptr<EngineBroadcast>> messages_;
};

// To one session alone, without what sharing costs.
void send_packet(const socketio::Packet& packet, SocketServer::Impl& server,
                 EngineSession::Impl& session, bool compress = true);

}  // namespace duplex::events
