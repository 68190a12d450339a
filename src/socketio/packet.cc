// Packets of Socket.IO protocol 5, written.
#include "duplex/socketio/packet.h"

#include <algorithm>
#include <array>

namespace duplex::socketio {
namespace {

char digit_of(PacketType type) { return static_cast<char>('0' + static_cast<char>(type)); }

// The type of one with attachments.
PacketType binary_form(PacketType type) {
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

std::size_t count_attachments(const Json& value) noexcept {
  std::size_t count = value.bytes() != nullptr ? 1 : 0;
  if (const codec::JsonArray* const items = value.array()) {
    for (const Json& item : *items) count += count_attachments(item);
  } else if (const codec::JsonObject* const members = value.object()) {
    for (const auto& [name, member] : *members) count += count_attachments(member);
  }
  return count;
}

EncodedPacket encode(const Packet& packet) {
  EncodedPacket encoded;
  append_packet(encoded.text, packet, encoded.attachments);
  return encoded;
}

// That there are attachments, and how many, shows only at the end of the JSON.
void append_packet(std::string& text, const Packet& packet, std::vector<Bytes>& attachments) {
  const auto attach = [&attachments](std::string& json, Bytes bytes) {
    append_placeholder(json, attachments.size());
    attachments.push_back(bytes);
  };
  const std::size_t start = text.size();
  text += digit_of(packet.type);
  if (packet.nsp != "/") text.append(packet.nsp).append(",");
  if (packet.ack_id) text.append(std::to_string(*packet.ack_id));
  if (packet.data) {
    const bool may_attach = packet.type == PacketType::event || packet.type == PacketType::ack;
    codec::append_json(text, *packet.data, may_attach ? codec::WriteBytes(attach) : nullptr);
  }
  if (attachments.empty()) return;
  text[start] = digit_of(binary_form(packet.type));
  text.insert(start + 1, std::to_string(attachments.size()) + "-");
}

}  // namespace duplex::socketio
