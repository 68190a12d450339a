// Packets of Socket.IO protocol 5, written.
#include "duplex/socketio/packet.h"

#include <algorithm>
#include <array>

namespace duplex::socketio {
namespace {

// The type as it stands on the wire.
PacketType wire_type(PacketType type, bool has_bytes) {
  if (!has_bytes) return type;
  return type == PacketType::ack ? PacketType::binary_ack : PacketType::binary_event;
}

void append_placeholder(std::string& text, std::size_t index) {
  text.append(R"({"_placeholder":true,"num":)").append(std::to_string(index)).append("}");
}

}  // namespace

bool is_reserved(std::string_view event) noexcept {
  constexpr std::array<std::string_view, 6> names = {
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::find(names.begin(), names.end(), event) != names.end();
}

Packet for_protocol4(Packet packet) {
  if (packet.type == PacketType::connect) packet.data.reset();
  const bool is_error = packet.type == PacketType::connect_error && packet.data.has_value();
  const Json* const data = is_error ? packet.data->find("data") : nullptr;
  const Json* const message = is_error ? packet.data->find("message") : nullptr;
  if (const Json* const said = data != nullptr ? data : message) packet.data = Json(*said);
  return packet;
}

EncodedPacket encode(const Packet& packet) {
  EncodedPacket encoded;
  std::string json;
  const auto attach = [&encoded](std::string& text, Bytes bytes) {
    append_placeholder(text, encoded.attachments.size());
    encoded.attachments.push_back(bytes);
  };
  if (packet.data) {
    const bool may_attach = packet.type == PacketType::event || packet.type == PacketType::ack;
    codec::append_json(json, *packet.data, may_attach ? codec::WriteBytes(attach) : nullptr);
  }
  const bool has_bytes = !encoded.attachments.empty();
  encoded.text += static_cast<char>('0' + static_cast<char>(wire_type(packet.type, has_bytes)));
  if (has_bytes) encoded.text.append(std::to_string(encoded.attachments.size())).append("-");
  if (packet.nsp != "/") encoded.text.append(packet.nsp).append(",");
  if (packet.ack_id) encoded.text.append(std::to_string(*packet.ack_id));
  encoded.text.append(json);
  return encoded;
}

}  // namespace duplex::socketio
