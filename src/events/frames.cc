// A packet of Socket.IO as its messages on the wire; see frames.h.
#include "events/frames.h"

#include <string>
#include <utility>

#include "events/socket_server_impl.h"

namespace duplex::events {

Frames::Frames(const socketio::Packet& packet, SocketServer::Impl& server, bool compress)
    : workshop_(server.workshop()), compress_(compress) {
  if (server.options().parser == socketio::Parser::msgpack) {
    add(std::string(as_text(socketio::encode_msgpack(packet))), true);
    return;
  }
  socketio::EncodedPacket encoded = socketio::encode(packet);
  add(std::move(encoded.text), false);
  for (const Bytes attachment : encoded.attachments) add(std::string(as_text(attachment)), true);
}

void Frames::add(std::string content, bool is_bytes) {
  auto message = std::make_shared<const engineio::OutMessage>(engineio::OutMessage{
      .content = std::move(content), .is_bytes = is_bytes, .compress = compress_});
  messages_.push_back(std::make_unique<EngineBroadcast>(std::move(message), workshop_));
}

void Frames::send_to(EngineSession::Impl& session) {
  if (session.engine == nullptr) return;
  for (const auto& message : messages_) session.engine->send(session, *message);
}

void send_packet(const socketio::Packet& packet, SocketServer::Impl& server,
                 EngineSession::Impl& session, bool compress) {
  if (session.engine == nullptr) return;
  if (!compress || server.options().parser == socketio::Parser::msgpack) {
    return Frames(packet, server, compress).send_to(session);
  }
  std::string text;
  text.reserve(120);  // as much as most take
  text += '4';        // a message of Engine.IO
  std::vector<Bytes> attachments;
  socketio::append_packet(text, packet, attachments);
  session.engine->send_text_packet(session, std::move(text));
  for (const Bytes attachment : attachments) {
    if (session.engine != nullptr) session.send_bytes(attachment);
  }
}

}  // namespace duplex::events
