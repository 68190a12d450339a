// Messages between servers in the format of @socket.io/redis-adapter 8.
#include "socketio/classic_messages.h"

#include <utility>

#include "duplex/codec/msgpack.h"
#include "socketio/message_parts.h"

namespace duplex::socketio {
namespace {

using Type = ClusterMessage::Type;

// "type" of requests, and of the responses that have one.
constexpr TypeNumbers<8> request_numbers = {{{Type::list_sockets, 0},
                                             {Type::list_rooms, 1},
                                             {Type::sockets_join, 2},
                                             {Type::sockets_leave, 3},
                                             {Type::disconnect_sockets, 4},
                                             {Type::fetch_sockets, 5},
                                             {Type::server_side_emit, 6},
                                             {Type::broadcast, 7}}};
constexpr TypeNumbers<3> response_numbers = {
    {{Type::server_side_ack, 6}, {Type::client_count, 8}, {Type::broadcast_ack, 9}}};

std::string packed(const Json& value) { return std::string(as_text(codec::write_msgpack(value))); }

// As Node.js writes a Buffer in JSON.
void append_buffer(std::string& text, Bytes bytes) {
  text += R"({"type":"Buffer","data":[)";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(std::to_integer<int>(bytes[i]));
  }
  text += "]}";
}

std::string written(const Json& value) { return codec::write_json(value, append_buffer); }

Result<Json, std::string> parse(Bytes bytes, const codec::JsonLimits& limits) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with('{')) {
    auto value = codec::parse_json(text, limits);
    if (value) return *std::move(value);
    return Failure{"JSON: " + value.error().message};
  }
  auto value = codec::parse_msgpack(bytes, limits);
  if (value) return *std::move(value);
  return Failure{"MessagePack: " + value.error().message};
}

// --- Out -----------------------------------------------------------------------------------------

JsonObject packet_with_nsp(const ClusterMessage& message, std::string_view nsp) {
  JsonObject packet = packet_of(message);
  packet.emplace_back("nsp", nsp);
  return packet;
}

// What all requests begin with.
JsonObject request(const ClusterMessage& message) {
  JsonObject members = {{"uid", message.uid}};
  if (!message.request.empty()) members.emplace_back("requestId", message.request);
  members.emplace_back("type", number_of(request_numbers, message.type));
  return members;
}

JsonObject targeted(const ClusterMessage& message) {
  JsonObject members = request(message);
  members.emplace_back("opts", target_of(message));
  return members;
}

JsonObject with(JsonObject members, codec::JsonMember member) {
  members.push_back(std::move(member));
  return members;
}

std::string broadcast_text(const ClusterMessage& message, std::string_view nsp) {
  Json packet = packet_with_nsp(message, nsp);
  Json options = target_with_flags_of(message);
  if (message.request.empty()) {
    return packed(JsonArray{message.uid, std::move(packet), std::move(options)});
  }
  return packed(
      with(with(request(message), {"packet", std::move(packet)}), {"opts", std::move(options)}));
}

std::string response_text(const ClusterMessage& message, codec::JsonMember member) {
  return written(JsonObject{{"requestId", message.request}, std::move(member)});
}

JsonObject typed_response(const ClusterMessage& message, codec::JsonMember member) {
  JsonObject members = {{"type", number_of(response_numbers, message.type)}};
  members.emplace_back("requestId", message.request);
  members.push_back(std::move(member));
  return members;
}

}  // namespace

ClassicChannels::ClassicChannels(std::string_view prefix, std::string_view nsp) {
  const std::string tail = "#" + std::string(nsp) + "#";
  broadcasts = std::string(prefix) + tail;
  requests = std::string(prefix) + "-request" + tail;
  responses = std::string(prefix) + "-response" + tail;
}

std::string channel_of(const ClusterMessage& message, const ClassicChannels& channels) {
  switch (message.type) {
    case Type::broadcast:
      if (!message.request.empty()) return channels.requests;
      if (message.target.rooms.size() != 1) return channels.broadcasts;
      return channels.broadcasts + message.target.rooms[0] + "#";
    case Type::client_count:
    case Type::broadcast_ack:
    case Type::fetched_sockets:
    case Type::server_side_ack:
    case Type::listed_sockets:
    case Type::listed_rooms:
      return channels.responses;
    default:
      return channels.requests;
  }
}

std::string encode_classic(const ClusterMessage& message, std::string_view nsp) {
  switch (message.type) {
    case Type::broadcast:
      return broadcast_text(message, nsp);
    case Type::sockets_join:
    case Type::sockets_leave:
      return written(with(targeted(message), {"rooms", to_json(message.rooms)}));
    case Type::disconnect_sockets:
      return written(with(targeted(message), {"close", message.close}));
    case Type::fetch_sockets:
      return written(targeted(message));
    case Type::server_side_emit:
      return written(with(request(message), {"data", message.values}));
    case Type::list_sockets:
      return written(with(request(message), {"rooms", to_json(message.target.rooms)}));
    case Type::list_rooms:
      return written(request(message));
    case Type::client_count:
      return written(typed_response(message, {"clientCount", message.count}));
    case Type::server_side_ack:
      return written(typed_response(message, {"data", message.value}));
    case Type::broadcast_ack:
      return packed(typed_response(message, {"packet", message.value}));
    case Type::fetched_sockets:
      return response_text(message, {"sockets", sockets_of(message)});
    case Type::listed_sockets:
      return response_text(message, {"sockets", to_json(message.rooms)});
    case Type::listed_rooms:
      break;
  }
  return response_text(message, {"rooms", to_json(message.rooms)});
}

// --- In ------------------------------------------------------------------------------------------

namespace {

// What a request of that type has besides its head.
void take_request(Members& members, ClusterMessage& message) {
  switch (message.type) {
    case Type::list_sockets:
      message.target.rooms = members.texts("rooms");
      break;
    case Type::sockets_join:
    case Type::sockets_leave:
      take_target(members, message);
      message.rooms = members.texts("rooms");
      break;
    case Type::disconnect_sockets:
      take_target(members, message);
      message.close = members.flag("close");
      break;
    case Type::fetch_sockets:
      take_target(members, message);
      break;
    case Type::server_side_emit:
      message.values = members.event("data");
      break;
    case Type::broadcast:
      take_target(members, message);
      take_packet(members, message);
      break;
    default:
      break;
  }
}

ClassicOutcome outcome_of(const Members& members, ClusterMessage message) {
  if (members.fault().empty()) return message;
  return Failure{members.fault()};
}

// What a response of that type has besides.
void take_typed(Members& members, ClusterMessage& message) {
  if (message.type == Type::client_count) message.count = members.count("clientCount");
  if (message.type == Type::server_side_ack) message.value = members.value("data");
  if (message.type == Type::broadcast_ack) message.value = members.value("packet");
}

// Without a type they say by what they hold which they are.
void take_untyped(Members& members, const Json& response, ClusterMessage& message) {
  if (response.find("rooms") != nullptr) {
    message.type = Type::listed_rooms;
    message.rooms = members.texts("rooms");
    return;
  }
  const JsonArray& all = members.array("sockets");
  const bool described = !all.empty() && all[0].object() != nullptr;
  message.type = described ? Type::fetched_sockets : Type::listed_sockets;
  if (described) return take_sockets(members, message);
  message.rooms = members.texts("sockets");
}

}  // namespace

ClassicOutcome decode_classic_broadcast(Bytes bytes, std::string_view nsp,
                                        const codec::JsonLimits& limits) {
  const auto value = codec::parse_msgpack(bytes, limits);
  if (!value) return Failure{"MessagePack: " + value.error().message};
  const JsonArray* const parts = value->array();
  if (parts == nullptr || parts->size() != 3 || (*parts)[0].text() == nullptr) {
    return Failure{std::string("a broadcast that is not [uid, packet, options]")};
  }
  ClusterMessage message = {.uid = *(*parts)[0].text()};
  const Json whole = JsonObject{{"packet", (*parts)[1]}, {"opts", (*parts)[2]}};
  Members members(whole);
  take_packet(members, message);
  take_target(members, message);
  const Json* const named = (*parts)[1].find("nsp");
  const bool is_named = named != nullptr && named->text() != nullptr;
  const std::string_view said = is_named ? std::string_view(*named->text()) : "/";
  if (said != nsp) return Failure{foreign_fault(said, nsp)};
  return outcome_of(members, std::move(message));
}

ClassicOutcome decode_classic_request(Bytes bytes, const codec::JsonLimits& limits) {
  const auto value = parse(bytes, limits);
  if (!value) return Failure{value.error()};
  Members members(*value);
  const std::size_t kind = members.count("type");
  const auto type = type_of(request_numbers, kind);
  if (!type) return Failure{"a request of type " + std::to_string(kind) + ", which is none"};
  ClusterMessage message = {
      .type = *type, .uid = members.text("uid"), .request = members.text("requestId")};
  take_request(members, message);
  return outcome_of(members, std::move(message));
}

ClassicOutcome decode_classic_response(Bytes bytes, const codec::JsonLimits& limits) {
  const auto value = parse(bytes, limits);
  if (!value) return Failure{value.error()};
  Members members(*value);
  ClusterMessage message = {.request = members.text("requestId")};
  if (value->find("type") == nullptr) {
    take_untyped(members, *value, message);
    return outcome_of(members, std::move(message));
  }
  const std::size_t kind = members.count("type");
  const auto type = type_of(response_numbers, kind);
  if (!type) return Failure{"a response of type " + std::to_string(kind) + ", which is none"};
  message.type = *type;
  take_typed(members, message);
  return outcome_of(members, std::move(message));
}

}  // namespace duplex::socketio
