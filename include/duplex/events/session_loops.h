// Where the sessions of several loops are: each id says on which, and connections of a session that
// come to another one are sent there. So no load balancer has to, and SO_REUSEPORT may.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/endpoint/server.h"

namespace duplex::events {

// Thread: any. The loops of one process share one.
class SessionLoops {
 public:
  // A loop more, whose number its sessions bear: at most 65,536, or std::length_error.
  std::uint16_t add(endpoint::Entrance entrance);
  void remove(std::uint16_t number) noexcept;
  std::optional<endpoint::Entrance> find(std::uint16_t number) const;

  // The id of a session on that loop: four digits more, behind what nobody can guess.
  static std::string with_number(std::string id, std::uint16_t number);
  // The loop of a session, by its id; nothing if that is no such id.
  static std::optional<std::uint16_t> number_in(std::string_view sid);

 private:
  mutable std::mutex mutex_ = {};
  std::vector<std::optional<endpoint::Entrance>> entrances_ = {};
};

}  // namespace duplex::events
