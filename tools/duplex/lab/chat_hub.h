// The rooms of the lab's chat, for the visitors of all threads. Pure but for `deliver`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/endpoint/connection.h"

namespace duplex::tools::lab {

struct ChatLimits {
  static constexpr std::size_t max_name_size = 32;     // bytes of a room's or a visitor's name
  static constexpr std::size_t max_text_size = 500;    // bytes
  static constexpr std::size_t max_rooms = 64;         // an empty one gives way
  static constexpr std::size_t max_members = 100;      // of a room
  static constexpr std::size_t max_history = 100;      // messages a room remembers
  static constexpr std::uint32_t max_per_second = 20;  // words of one visitor; more: 1008
};

// Who is in a room: a connection of a loop.
struct Visitor {
  std::size_t loop = 0;
  endpoint::ConnectionId connection = {};
  friend auto operator<=>(const Visitor&, const Visitor&) = default;
};

// Owner: the first thread of `duplex serve`. Thread: that one; the others post their calls.
class ChatHub {
 public:
  // Sends a text (JSON) to one visitor, on whichever thread it is.
  using Deliver = std::function<void(const Visitor&, const std::string&)>;
  explicit ChatHub(Deliver deliver) : deliver_(std::move(deliver)) {}

  // The visitor hears {"present": [...]} and the messages after `after` (all without it) that the
  // room remembers. Where there is no place: {"refused": why}.
  void enter(const Visitor& visitor, const std::string& room, const std::string& name,
             std::optional<std::uint64_t> after);
  // To everybody in the room, the speaker too: {"id": n, "from": name, "text": ...}; ids count from
  // 1 in each room.
  void say(const Visitor& visitor, std::string_view text);
  void type(const Visitor& visitor);  // to the others: {"typing": name}
  void leave(const Visitor& visitor);

  std::size_t room_count() const noexcept { return rooms_.size(); }

 private:
  struct Room {
    std::map<Visitor, std::string> members;  // and their names
    std::deque<std::string> history;         // the last one has the id `last`
    std::uint64_t last = 0;
    std::uint64_t used = 0;  // when, counted in entries
  };

  Room* find_or_make(const std::string& name);
  Room* room_of(const Visitor& visitor);
  void send_history(const Room& room, const Visitor& visitor, std::uint64_t after) const;
  void tell_present(const Room& room) const;

  Deliver deliver_;
  std::map<std::string, Room> rooms_;
  std::map<Visitor, std::string> places_;  // the room of each visitor
  std::uint64_t entry_count_ = 0;
};

}  // namespace duplex::tools::lab
