// What the messages of all adapters are made of: to JSON, and from it. Private.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/socketio/cluster.h"

namespace duplex::socketio {

// Reads the members of an object, which outlives it. What is missing or null reads as empty; of
// another kind than asked for, fault() says: "rooms is a number, where texts were expected".
class Members {
 public:
  explicit Members(const Json& object);

  std::string text(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::size_t count(std::string_view name);  // an integer from 0 on, which must be there
  bool flag(std::string_view name, bool otherwise = false);  // if there is none
  JsonArray event(std::string_view name);                    // which must be there, with its name
  Json value(std::string_view name);
  const Json& object(std::string_view name);  // an empty one if there is none
  const JsonArray& array(std::string_view name);

  const std::string& fault() const noexcept { return fault_; }
  // Keeps the fault of another one, which has read something within.
  void adopt(const Members& inner);

 private:
  const Json* find(std::string_view name) const noexcept;
  // The member if `is_right`; else a fault, unless there is none.
  template <class Kind>
  auto take(std::string_view name, std::string_view wanted, Kind kind);

  const Json& object_;
  std::string fault_ = {};
};

// The fault of a message of one namespace on a channel of another one, and whether a fault is that.
// No error of anybody: "/#a" shares channels with the room "a" of "/".
std::string foreign_fault(std::string_view said, std::string_view nsp);
bool is_foreign(std::string_view fault) noexcept;

// The numbers that a format has for types, and types by them.
template <std::size_t size>
using TypeNumbers = std::array<std::pair<ClusterMessage::Type, std::size_t>, size>;

template <std::size_t size>
std::size_t number_of(const TypeNumbers<size>& table, ClusterMessage::Type type) noexcept {
  for (const auto& [each, number] : table) {
    if (each == type) return number;
  }
  return 0;
}

template <std::size_t size>
std::optional<ClusterMessage::Type> type_of(const TypeNumbers<size>& table,
                                            std::size_t number) noexcept {
  for (const auto& [type, each] : table) {
    if (each == number) return type;
  }
  return std::nullopt;
}

// Whom a message is for, {"rooms":[...],"except":[...]}: with its flags, of events.
JsonObject target_of(const ClusterMessage& message);
JsonObject target_with_flags_of(const ClusterMessage& message);
void take_target(Members& members, ClusterMessage& message);  // "opts"

// {"type":2,"data":[...]}, the packet of an event.
JsonObject packet_of(const ClusterMessage& message);
void take_packet(Members& members, ClusterMessage& message);  // "packet"

// Who has none has an empty object: in servers of Node.js whoever looks into it relies on that.
Json data_for_others(const Json& data);
Json sockets_of(const ClusterMessage& message);
void take_sockets(Members& members, ClusterMessage& message);  // "sockets"

bool has_bytes(const Json& value) noexcept;  // anywhere within

}  // namespace duplex::socketio
