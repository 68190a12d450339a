// What the messages of all adapters are made of.
#include "socketio/message_parts.h"

#include <algorithm>
#include <utility>

namespace duplex::socketio {
namespace {

const Json nothing = {};
const JsonArray no_items = {};
constexpr std::string_view foreign = "for another namespace: ";

std::optional<std::vector<std::string>> texts_of(const Json& value) {
  if (value.array() == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const Json& item : *value.array()) {
    if (item.text() == nullptr) return std::nullopt;
    texts.push_back(*item.text());
  }
  return texts;
}

bool is_event(const JsonArray& values) noexcept {
  return !values.empty() && values.front().text() != nullptr;
}

RemoteSocket socket_of(Members& members) {
  return {.id = members.text("id"),
          .rooms = members.texts("rooms"),
          .handshake = members.object("handshake"),
          .data = members.value("data")};
}

}  // namespace

// --- From JSON -----------------------------------------------------------------------------------

Members::Members(const Json& object) : object_(object) {
  if (object.object() == nullptr) fault_ = std::string(kind_of(object)) + " instead of an object";
}

const Json* Members::find(std::string_view name) const noexcept {
  const Json* const member = object_.find(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

template <class Kind>
auto Members::take(std::string_view name, std::string_view wanted, Kind kind) {
  const Json* const member = find(name);
  auto taken = member == nullptr ? decltype(kind(*member)){} : kind(*member);
  if (member != nullptr && !taken && fault_.empty()) {
    fault_ = std::string(name) + " is " + std::string(kind_of(*member)) + ", where " +
             std::string(wanted) + " expected";
  }
  return taken;
}

std::string Members::text(std::string_view name) {
  const auto* const text = take(name, "a text was", [](const Json& json) { return json.text(); });
  return text == nullptr ? std::string() : *text;
}

std::vector<std::string> Members::texts(std::string_view name) {
  return take(name, "texts were", texts_of).value_or(std::vector<std::string>());
}

std::size_t Members::count(std::string_view name) {
  const auto number = take(name, "a count was", [](const Json& json) {
    const auto integer = json.integer();
    return integer && *integer >= 0 ? integer : std::nullopt;
  });
  if (!number && fault_.empty()) fault_ = "no " + std::string(name);
  return static_cast<std::size_t>(number.value_or(0));
}

bool Members::flag(std::string_view name, bool otherwise) {
  const bool* const flag =
      take(name, "true or false was", [](const Json& json) { return json.flag(); });
  return flag == nullptr ? otherwise : *flag;
}

JsonArray Members::event(std::string_view name) {
  const JsonArray& values = array(name);
  if (!is_event(values) && fault_.empty()) fault_ = "no event in " + std::string(name);
  return values;
}

Json Members::value(std::string_view name) {
  const Json* const member = find(name);
  return member == nullptr ? Json() : *member;
}

const Json& Members::object(std::string_view name) {
  const Json* const object = take(name, "an object was", [](const Json& json) {
    return json.object() == nullptr ? nullptr : &json;
  });
  return object == nullptr ? nothing : *object;
}

const JsonArray& Members::array(std::string_view name) {
  const auto* const items =
      take(name, "an array was", [](const Json& json) { return json.array(); });
  return items == nullptr ? no_items : *items;
}

void Members::adopt(const Members& inner) {
  if (fault_.empty()) fault_ = inner.fault_;
}

std::string foreign_fault(std::string_view said, std::string_view nsp) {
  return std::string(foreign) + "'" + std::string(said) + "' on a channel of '" + std::string(nsp) +
         "'";
}

bool is_foreign(std::string_view fault) noexcept { return fault.starts_with(foreign); }

void take_target(Members& members, ClusterMessage& message) {
  Members options(members.object("opts"));
  message.target = {.rooms = options.texts("rooms"), .except = options.texts("except")};
  const Json& flags = options.object("flags");
  if (!flags.is_null()) {
    Members read(flags);
    message.flags.droppable = read.flag("volatile");
    message.flags.compress = read.flag("compress", true);
    if (flags.find("timeout") != nullptr) {
      constexpr std::size_t longest = std::size_t{1} << 31;  // of JavaScript's timers: 24.9 days
      message.flags.timeout = std::chrono::milliseconds(std::min(read.count("timeout"), longest));
    }
    options.adopt(read);
  }
  members.adopt(options);
}

void take_packet(Members& members, ClusterMessage& message) {
  Members packet(members.object("packet"));
  message.values = packet.event("data");
  members.adopt(packet);
}

void take_sockets(Members& members, ClusterMessage& message) {
  for (const Json& item : members.array("sockets")) {
    Members socket(item);
    message.sockets.push_back(socket_of(socket));
    members.adopt(socket);
  }
}

// --- To JSON -------------------------------------------------------------------------------------

JsonObject target_of(const ClusterMessage& message) {
  return {{"rooms", to_json(message.target.rooms)}, {"except", to_json(message.target.except)}};
}

JsonObject target_with_flags_of(const ClusterMessage& message) {
  JsonObject flags;
  if (message.flags.droppable) flags.emplace_back("volatile", true);
  if (!message.flags.compress) flags.emplace_back("compress", false);
  if (message.flags.timeout.count() > 0) {
    flags.emplace_back("timeout", message.flags.timeout.count());
  }
  JsonObject options = target_of(message);
  options.emplace_back("flags", std::move(flags));
  return options;
}

JsonObject packet_of(const ClusterMessage& message) {
  return {{"type", static_cast<int>(PacketType::event)}, {"data", message.values}};
}

Json data_for_others(const Json& data) { return data.is_null() ? Json(JsonObject()) : data; }

Json sockets_of(const ClusterMessage& message) {
  JsonArray sockets;
  for (const RemoteSocket& socket : message.sockets) {
    JsonObject members = {
        {"id", socket.id}, {"handshake", socket.handshake}, {"rooms", to_json(socket.rooms)}};
    members.emplace_back("data", data_for_others(socket.data));
    sockets.emplace_back(std::move(members));
  }
  return sockets;
}

bool has_bytes(const Json& value) noexcept {
  if (value.bytes() != nullptr) return true;
  if (const auto* const items = value.array()) return std::ranges::any_of(*items, has_bytes);
  const auto* const members = value.object();
  return members != nullptr && std::ranges::any_of(*members, [](const codec::JsonMember& member) {
           return has_bytes(member.second);
         });
}

}  // namespace duplex::socketio
