// Messages between servers in the format of @socket.io/redis-adapter 8.
#include "socketio/classic_messages.h"

#include <utility>

#include "duplex/codec/msgpack.h"
#include "socketio/message_parts.h"

namespace duplex::socketio {
namespace {

using Type = ClusterMessage::Type;

// "type" of requests, and of the two responses that have one of their own.
enum Kind : std::uint8_t {
  sockets = 0,
  all_rooms = 1,
  remote_join = 2,
  remote_leave = 3,
  remote_disconnect = 4,
  remote_fetch = 5,
  server_side = 6,
  broadcast = 7,
  client_count = 8,
  broadcast_ack = 9
};

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

std::string written(Json value) { return codec::write_json(value, append_buffer); }

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

std::string broadcast_text(const ClusterMessage& message, std::string_view nsp) {
  Json packet = packet_with_nsp(message, nsp);
  Json options = target_with_flags_of(message);
  if (message.request.empty()) {
    return packed(JsonArray{message.uid, std::move(packet), std::move(options)});
  }
  return packed(JsonObject{{"uid", message.uid},
                           {"requestId", message.request},
                           {"type", static_cast<int>(Kind::broadcast)},
                           {"packet", std::move(packet)},
                           {"opts", std::move(options)}});
}

// What all requests begin with.
JsonObject request(const ClusterMessage& message, Kind kind) {
  JsonObject members = {{"uid", message.uid}};
  if (!message.request.empty()) members.emplace_back("requestId", message.request);
  members.emplace_back("type", static_cast<int>(kind));
  return members;
}

std::string request_text(const ClusterMessage& message, Kind kind, codec::JsonMember member) {
  JsonObject members = request(message, kind);
  members.push_back(std::move(member));
  return written(std::move(members));
}

std::string targeted_text(const ClusterMessage& message, Kind kind, codec::JsonMember member) {
  JsonObject members = request(message, kind);
  members.emplace_back("opts", target_of(message));
  members.push_back(std::move(member));
  return written(std::move(members));
}

std::string response_text(const ClusterMessage& message, codec::JsonMember member) {
  return written(JsonObject{{"requestId", message.request}, std::move(member)});
}

std::string typed_response_text(const ClusterMessage& message, Kind kind,
                                codec::JsonMember member) {
  return written(JsonObject{
      {"type", static_cast<int>(kind)}, {"requestId", message.request}, std::move(member)});
}

std::string fetch_text(const ClusterMessage& message) {
  JsonObject members = request(message, remote_fetch);
  members.emplace_back("opts", target_of(message));
  return written(std::move(members));
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
      return targeted_text(message, remote_join, {"rooms", to_json(message.rooms)});
    case Type::sockets_leave:
      return targeted_text(message, remote_leave, {"rooms", to_json(message.rooms)});
    case Type::disconnect_sockets:
      return targeted_text(message, remote_disconnect, {"close", message.close});
    case Type::fetch_sockets:
      return fetch_text(message);
    case Type::server_side_emit:
      return request_text(message, server_side, {"data", message.values});
    case Type::list_sockets:
      return request_text(message, sockets, {"rooms", to_json(message.target.rooms)});
    case Type::list_rooms:
      return written(request(message, all_rooms));
    case Type::client_count:
      return typed_response_text(message, client_count, {"clientCount", message.count});
    case Type::server_side_ack:
      return typed_response_text(message, server_side, {"data", message.value});
    case Type::broadcast_ack:
      return packed(JsonObject{{"type", static_cast<int>(broadcast_ack)},
                               {"requestId", message.request},
                               {"packet", message.value}});
    case Type::fetched_sockets:
      return response_text(message, {"sockets", sockets_of(message)});
    case Type::listed_sockets:
      return response_text(message, {"sockets", to_json(message.rooms)});
    case Type::listed_rooms:
      return response_text(message, {"rooms", to_json(message.rooms)});
  }
  return {};
}

// --- In ------------------------------------------------------------------------------------------

namespace {

std::optional<Type> type_of_request(std::size_t kind) noexcept {
  switch (kind) {
    case sockets:
      return Type::list_sockets;
    case all_rooms:
      return Type::list_rooms;
    case remote_join:
      return Type::sockets_join;
    case remote_leave:
      return Type::sockets_leave;
    case remote_disconnect:
      return Type::disconnect_sockets;
    case remote_fetch:
      return Type::fetch_sockets;
    case server_side:
      return Type::server_side_emit;
    case broadcast:
      return Type::broadcast;
    default:
      return std::nullopt;
  }
}

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

// What a response of that type has besides; false if there is no such type.
bool take_typed(Members& members, std::size_t kind, ClusterMessage& message) {
  switch (kind) {
    case client_count:
      message.type = Type::client_count;
      message.count = members.count("clientCount");
      return true;
    case server_side:
      message.type = Type::server_side_ack;
      message.value = members.value("data");
      return true;
    case broadcast_ack:
      message.type = Type::broadcast_ack;
      message.value = members.value("packet");
      return true;
    default:
      return false;
  }
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
  if (said != nsp) {
    return Failure{"a broadcast of namespace '" + std::string(said) + "' on a channel of '" +
                   std::string(nsp) + "'"};
  }
  return outcome_of(members, std::move(message));
}

ClassicOutcome decode_classic_request(Bytes bytes, const codec::JsonLimits& limits) {
  const auto value = parse(bytes, limits);
  if (!value) return Failure{value.error()};
  Members members(*value);
  const std::size_t kind = members.count("type");
  const auto type = type_of_request(kind);
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
  } else if (const std::size_t kind = members.count("type"); !take_typed(members, kind, message)) {
    return Failure{"a response of type " + std::to_string(kind) + ", which is none"};
  }
  return outcome_of(members, std::move(message));
}

}  // namespace duplex::socketio
