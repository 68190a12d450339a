// Where the sessions of several loops are.
#include "duplex/events/session_loops.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "duplex/codec/base64.h"

namespace duplex::events {

std::uint16_t SessionLoops::add(endpoint::Entrance entrance) {
  const std::lock_guard lock(mutex_);
  const auto free = std::ranges::find_if(entrances_, [](const auto& each) { return !each; });
  const auto number = static_cast<std::size_t>(free - entrances_.begin());
  if (number > UINT16_MAX) throw std::length_error("65,536 loops, which is the limit");
  if (free == entrances_.end()) entrances_.emplace_back();
  entrances_[number] = std::move(entrance);
  return static_cast<std::uint16_t>(number);
}

void SessionLoops::remove(std::uint16_t number) noexcept {
  const std::lock_guard lock(mutex_);
  entrances_[number].reset();
}

std::optional<endpoint::Entrance> SessionLoops::find(std::uint16_t number) const {
  const std::lock_guard lock(mutex_);
  return number < entrances_.size() ? entrances_[number] : std::nullopt;
}

// See new_id(): the first two bytes, of which four characters tell.
std::optional<std::uint16_t> SessionLoops::number_in(std::string_view sid) {
  if (sid.size() != 20) return std::nullopt;
  std::string first(sid.substr(0, 4));
  std::ranges::replace(first, '-', '+');
  std::ranges::replace(first, '_', '/');
  const auto bytes = codec::base64_decode(first);
  if (!bytes || bytes->size() != 3) return std::nullopt;
  const int high = std::to_integer<int>((*bytes)[0]);
  return static_cast<std::uint16_t>(high << 8 | std::to_integer<int>((*bytes)[1]));
}

}  // namespace duplex::events
