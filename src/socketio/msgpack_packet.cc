// Packets in MessagePack.
#include "duplex/socketio/msgpack_packet.h"

#include <utility>

#include "duplex/codec/msgpack.h"
#include "socketio/packet_text.h"

namespace duplex::socketio {
namespace {

// Each of these takes its member into the packet, and says what is wrong with it, or nothing.
std::string take_type(const Json* type, Packet& packet) {
  const auto number = type == nullptr ? std::nullopt : type->integer();
  if (!number || *number < 0 || *number > 4) return "a packet type that is not 0 to 4";
  packet.type = static_cast<PacketType>(*number);
  return {};
}

std::string take_nsp(const Json* nsp, Packet& packet, const PacketLimits& limits) {
  const std::string* const text = nsp == nullptr ? nullptr : nsp->text();
  if (text == nullptr || !text->starts_with('/')) return "a packet without namespace";
  if (text->size() > limits.max_nsp_size) {
    return "a namespace of " + std::to_string(text->size()) + " bytes, above the limit of " +
           std::to_string(limits.max_nsp_size);
  }
  packet.nsp = *text;
  return {};
}

std::string take_ack_id(const Json* id, Packet& packet) {
  if (id == nullptr || id->is_null()) return {};
  const auto number = id->integer();
  if (!number || *number < 0) return "an acknowledgement id that is no integer from 0 on";
  packet.ack_id = static_cast<std::uint64_t>(*number);
  return {};
}

}  // namespace

std::vector<std::byte> encode_msgpack(const Packet& packet) {
  codec::JsonObject members = {{"type", static_cast<int>(packet.type)}};
  if (packet.data) members.emplace_back("data", *packet.data);
  members.emplace_back("nsp", packet.nsp);
  if (packet.ack_id) members.emplace_back("id", *packet.ack_id);
  return codec::write_msgpack(std::move(members));
}

Result<Packet, std::string> decode_msgpack(Bytes bytes, const PacketLimits& limits) {
  auto value = codec::parse_msgpack(bytes, limits.json);
  if (!value) return Failure{"MessagePack: " + value.error().message};
  if (std::as_const(*value).object() == nullptr) {
    return Failure{std::string("a packet that is no map")};
  }
  Packet packet;
  std::string problem = take_type(value->find("type"), packet);
  if (problem.empty()) problem = take_nsp(value->find("nsp"), packet, limits);
  if (problem.empty()) problem = take_ack_id(value->find("id"), packet);
  for (auto& [name, member] : *value->object()) {
    if (name == "data" && !member.is_null()) packet.data = std::move(member);
  }
  if (problem.empty()) problem = problem_with(packet);
  if (!problem.empty()) return Failure{std::move(problem)};
  return packet;
}

}  // namespace duplex::socketio
