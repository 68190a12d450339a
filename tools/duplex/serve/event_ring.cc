// The newest events of the feed.
#include "event_ring.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace duplex::tools {

std::size_t ring_capacity(std::size_t wanted, std::size_t event_size) noexcept {
  constexpr std::size_t least_size = 64;  // an object, a time or two
  constexpr std::size_t memory = std::size_t{256} << 20;
  return std::clamp<std::size_t>(memory / std::max(event_size, least_size), 1,
                                 std::max<std::size_t>(wanted, 1));
}

EventRing::EventRing(std::size_t capacity) : lines_(std::max<std::size_t>(capacity, 1)) {}

std::uint64_t EventRing::push(std::string line) {
  ++newest_;
  lines_[newest_ % lines_.size()] = std::move(line);
  return newest_;
}

std::uint64_t EventRing::oldest() const noexcept {
  if (newest_ <= lines_.size()) return newest_ == 0 ? 0 : 1;
  return newest_ - lines_.size() + 1;
}

std::string_view EventRing::line(std::uint64_t id) const noexcept {
  assert(id >= oldest() && id <= newest_ && id != 0);
  return lines_[id % lines_.size()];
}

std::uint64_t EventRing::first_after(std::uint64_t after) const noexcept {
  if (newest_ == 0) return 1;
  if (after > newest_) return oldest();
  return std::max(after + 1, oldest());
}

std::uint64_t EventRing::last_within(std::uint64_t first, std::uint64_t last,
                                     std::size_t size) const noexcept {
  std::size_t sum = line(first).size() + 1;
  while (first < last && (sum += line(first + 1).size() + 1) <= size) ++first;
  return first;
}

std::string EventRing::lines(std::uint64_t first, std::uint64_t last) const {
  std::string text;
  for (std::uint64_t id = first; id <= last; ++id) {
    text += line(id);
    text += '\n';
  }
  return text;
}

}  // namespace duplex::tools
