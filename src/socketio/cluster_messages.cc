// Messages between servers in the format of Socket.IO's cluster adapter.
#include "socketio/cluster_messages.h"

#include <charconv>
#include <utility>

#include "duplex/codec/base64.h"
#include "duplex/codec/msgpack.h"
#include "socketio/message_parts.h"

namespace duplex::socketio {
namespace {

using Type = ClusterMessage::Type;

// "type" on the wire. 1, 2 and 13 are signs of life of adapters that need them.
constexpr TypeNumbers<10> numbers = {{{Type::broadcast, 3},
                                      {Type::sockets_join, 4},
                                      {Type::sockets_leave, 5},
                                      {Type::disconnect_sockets, 6},
                                      {Type::fetch_sockets, 7},
                                      {Type::fetched_sockets, 8},
                                      {Type::server_side_emit, 9},
                                      {Type::server_side_ack, 10},
                                      {Type::client_count, 11},
                                      {Type::broadcast_ack, 12}}};

std::string packed(const Json& value) { return std::string(as_text(codec::write_msgpack(value))); }

// --- "data" --------------------------------------------------------------------------------------

void add_content(JsonObject& data, const ClusterMessage& message) {
  switch (message.type) {
    case Type::broadcast:
      data.emplace_back("packet", packet_of(message));
      data.emplace_back("opts", target_with_flags_of(message));
      break;
    case Type::sockets_join:
    case Type::sockets_leave:
      data.emplace_back("opts", target_of(message));
      data.emplace_back("rooms", to_json(message.rooms));
      break;
    case Type::disconnect_sockets:
      data.emplace_back("opts", target_of(message));
      data.emplace_back("close", message.close);
      break;
    case Type::fetch_sockets:
      data.emplace_back("opts", target_of(message));
      break;
    case Type::fetched_sockets:
      data.emplace_back("sockets", sockets_of(message));
      break;
    case Type::server_side_emit:
      data.emplace_back("packet", message.values);
      break;
    case Type::server_side_ack:
    case Type::broadcast_ack:
      data.emplace_back("packet", message.value);
      break;
    case Type::client_count:
      data.emplace_back("clientCount", message.count);
      break;
    case Type::list_sockets:
    case Type::list_rooms:
    case Type::listed_sockets:
    case Type::listed_rooms:
      break;  // the other format's
  }
}

Json data_of(const ClusterMessage& message) {
  JsonObject data;
  if (!message.request.empty()) data.emplace_back("requestId", message.request);
  add_content(data, message);
  return data;
}

void take_content(Members& data, ClusterMessage& message) {
  switch (message.type) {
    case Type::broadcast:
      take_packet(data, message);
      return take_target(data, message);
    case Type::sockets_join:
    case Type::sockets_leave:
      message.rooms = data.texts("rooms");
      return take_target(data, message);
    case Type::disconnect_sockets:
      message.close = data.flag("close");
      return take_target(data, message);
    case Type::fetch_sockets:
      return take_target(data, message);
    case Type::fetched_sockets:
      return take_sockets(data, message);
    case Type::server_side_emit:
      message.values = data.event("packet");
      return;
    case Type::server_side_ack:
    case Type::broadcast_ack:
      message.value = data.value("packet");
      return;
    default:  // client_count: no other is left that this format has
      message.count = data.count("clientCount");
  }
}

ClusterOutcome message_of(std::string uid, std::size_t number, const Json& content) {
  const auto type = type_of(numbers, number);
  if (!type) return Failure{"a message of type " + std::to_string(number) + ", which is none here"};
  ClusterMessage message = {.type = *type, .uid = std::move(uid)};
  Members data(content);
  message.request = data.text("requestId");
  take_content(data, message);
  if (!data.fault().empty()) return Failure{data.fault()};
  return message;
}

// --- Whole messages ------------------------------------------------------------------------------

Json whole(const ClusterMessage& message, std::string_view nsp) {
  return JsonObject{{"type", number_of(numbers, message.type)},
                    {"data", data_of(message)},
                    {"uid", message.uid},
                    {"nsp", nsp}};
}

Result<Json, std::string> parse_text(std::string_view text, const codec::JsonLimits& limits) {
  auto value = codec::parse_json(text, limits);
  if (value) return *std::move(value);
  return Failure{"JSON: " + value.error().message};
}

Result<Json, std::string> parse_packed(Bytes bytes, const codec::JsonLimits& limits) {
  auto value = codec::parse_msgpack(bytes, limits);
  if (value) return *std::move(value);
  return Failure{"MessagePack: " + value.error().message};
}

}  // namespace

std::string encode_cluster(const ClusterMessage& message, std::string_view nsp) {
  const Json value = whole(message, nsp);
  return has_bytes(value) ? packed(value) : codec::write_json(value);
}

std::string encode_cluster_packed(const ClusterMessage& message, std::string_view nsp) {
  return packed(whole(message, nsp));
}

ClusterOutcome decode_cluster(Bytes bytes, std::string_view nsp, const codec::JsonLimits& limits) {
  const std::string_view text = as_text(bytes);
  const auto value = text.starts_with('{') ? parse_text(text, limits) : parse_packed(bytes, limits);
  if (!value) return Failure{value.error()};
  Members members(*value);
  const std::string said = members.text("nsp");
  if (members.fault().empty() && said.empty()) return Failure{std::string("no nsp")};
  if (members.fault().empty() && said != nsp) {
    return Failure{foreign_fault(said, nsp)};
  }
  const std::size_t number = members.count("type");
  std::string uid = members.text("uid");
  if (!members.fault().empty()) return Failure{members.fault()};
  return message_of(std::move(uid), number, members.object("data"));
}

// --- Entries of a stream -------------------------------------------------------------------------

StreamFields encode_stream(const ClusterMessage& message) {
  const Json data = data_of(message);
  const bool is_text = !has_bytes(data);
  return {
      .type = std::to_string(number_of(numbers, message.type)),
      .data = is_text ? codec::write_json(data) : codec::base64_encode(codec::write_msgpack(data))};
}

ClusterOutcome decode_stream(std::string_view uid, const StreamFields& fields,
                             const codec::JsonLimits& limits) {
  std::size_t number = 0;
  const char* const end = fields.type.data() + fields.type.size();
  if (const auto read = std::from_chars(fields.type.data(), end, number); read.ptr != end) {
    return Failure{std::string("a type that is no number")};
  }
  if (fields.data.starts_with('{')) {
    const auto data = parse_text(fields.data, limits);
    return data ? message_of(std::string(uid), number, *data) : Failure{data.error()};
  }
  const auto bytes = codec::base64_decode(fields.data);
  if (!bytes) return Failure{std::string("data that is neither JSON nor Base64")};
  const auto data = parse_packed(*bytes, limits);
  return data ? message_of(std::string(uid), number, *data) : Failure{data.error()};
}

}  // namespace duplex::socketio
