// Where the sessions of several loops are.
#include "duplex/events/session_loops.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace duplex::events {
namespace {

constexpr std::size_t id_size = 20;
constexpr std::size_t number_size = 4;  // hexadecimal

}  // namespace

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

std::string SessionLoops::with_number(std::string id, std::uint16_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 12; shift >= 0; shift -= 4) id += digits[number >> shift & 15];
  return id;
}

std::optional<std::uint16_t> SessionLoops::number_in(std::string_view sid) {
  if (sid.size() != id_size + number_size) return std::nullopt;
  sid.remove_prefix(id_size);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(sid.data(), sid.data() + sid.size(), number, 16);
  if (error != std::errc() || end != sid.data() + sid.size()) return std::nullopt;
  return number;
}

}  // namespace duplex::events
