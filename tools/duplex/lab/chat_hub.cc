// The rooms of the lab's chat.
#include "chat_hub.h"

#include <algorithm>
#include <utility>

#include "measure/json_writer.h"

namespace duplex::tools::lab {
namespace {

std::string one_member(std::string_view key, std::string_view value) {
  measure::JsonWriter json;
  json.begin_object().member(key, value).end_object();
  return json.text();
}

std::string message_json(std::uint64_t id, std::string_view from, std::string_view text) {
  measure::JsonWriter json;
  json.begin_object().member("id", id).member("from", from).member("text", text).end_object();
  return json.text();
}

}  // namespace

void ChatHub::enter(const Visitor& visitor, const std::string& room_name, const std::string& name,
                    std::optional<std::uint64_t> after) {
  Room* const room = find_or_make(room_name);
  if (room == nullptr) return deliver_(visitor, one_member("refused", "every room is taken"));
  if (room->members.size() >= ChatLimits::max_members) {
    return deliver_(visitor, one_member("refused", "this room is full"));
  }
  room->used = ++entry_count_;
  room->members[visitor] = name;
  places_[visitor] = room_name;
  send_history(*room, visitor, after.value_or(0));
  tell_present(*room);
}

void ChatHub::send_history(const Room& room, const Visitor& visitor, std::uint64_t after) const {
  const std::uint64_t forgotten = room.last - room.history.size();
  // An id that has not been given out comes from another life of the room.
  std::uint64_t first = after > room.last ? forgotten : std::max(after, forgotten);
  for (; first < room.last; ++first) deliver_(visitor, room.history[first - forgotten]);
}

void ChatHub::say(const Visitor& visitor, std::string_view text) {
  Room* const room = room_of(visitor);
  if (room == nullptr) return;
  room->history.push_back(message_json(++room->last, room->members[visitor], text));
  if (room->history.size() > ChatLimits::max_history) room->history.pop_front();
  for (const auto& [member, name] : room->members) deliver_(member, room->history.back());
}

void ChatHub::type(const Visitor& visitor) {
  Room* const room = room_of(visitor);
  if (room == nullptr) return;
  const std::string text = one_member("typing", room->members[visitor]);
  for (const auto& [member, name] : room->members) {
    if (member != visitor) deliver_(member, text);
  }
}

void ChatHub::leave(const Visitor& visitor) {
  Room* const room = room_of(visitor);
  if (room == nullptr) return;
  room->members.erase(visitor);
  places_.erase(visitor);
  tell_present(*room);
}

void ChatHub::tell_present(const Room& room) const {
  measure::JsonWriter json;
  json.begin_object().key("present").begin_array();
  for (const auto& [member, name] : room.members) json.value(name);
  json.end_array().end_object();
  for (const auto& [member, name] : room.members) deliver_(member, json.text());
}

ChatHub::Room* ChatHub::room_of(const Visitor& visitor) {
  const auto place = places_.find(visitor);
  return place == places_.end() ? nullptr : &rooms_[place->second];
}

// A room outlives its visitors, so that who comes back finds what was said; until another one is
// wanted.
ChatHub::Room* ChatHub::find_or_make(const std::string& name) {
  const auto found = rooms_.find(name);
  if (found != rooms_.end()) return &found->second;
  if (rooms_.size() >= ChatLimits::max_rooms) {
    const auto rank = [](const Room& room) { return std::pair(!room.members.empty(), room.used); };
    const auto oldest = std::min_element(
        rooms_.begin(), rooms_.end(),
        [&](const auto& a, const auto& b) { return rank(a.second) < rank(b.second); });
    if (!oldest->second.members.empty()) return nullptr;
    rooms_.erase(oldest);
  }
  return &rooms_[name];
}

}  // namespace duplex::tools::lab
