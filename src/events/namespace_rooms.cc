// A namespace tells of its rooms.
#include <string>

#include "events/namespace_core.h"

namespace duplex::events {

// Handlers may do anything, add handlers too.
void NamespaceCore::tell_room(RoomEvent event, const std::string& room, const std::string& id) {
  const auto held = reception;
  for (std::size_t i = 0; i < held->on_room.size() && server != nullptr; ++i) {
    const RoomHandler handler = held->on_room[i];
    handler(*this, event, room, id);
  }
}

// What the caller has may be gone after the first handler.
void NamespaceCore::tell_joined(std::string_view joined, std::string_view by) {
  if (reception->on_room.empty()) return;
  const std::string room(joined);
  const std::string id(by);
  const auto self = shared_from_this();
  if (rooms_.subscriber_count(room) == 1) tell_room(RoomEvent::create, room);
  tell_room(RoomEvent::join, room, id);
}

void NamespaceCore::tell_left(std::string_view left, std::string_view by) {
  if (reception->on_room.empty()) return;
  const std::string room(left);
  const std::string id(by);
  const auto self = shared_from_this();
  const bool was_last = rooms_.subscriber_count(room) == 0;
  tell_room(RoomEvent::leave, room, id);
  if (was_last) tell_room(RoomEvent::remove, room);
}

}  // namespace duplex::events
