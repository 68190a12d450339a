// The newest events of the feed, so that late and reconnecting readers catch up. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

// How many events are kept: as many as asked for, in at most 256 MiB of lines, but one.
std::size_t ring_capacity(std::size_t wanted, std::size_t event_size) noexcept;

// Ids are consecutive, beginning with 1. Owner: one feed. Views live until the next push().
class EventRing {
 public:
  explicit EventRing(std::size_t capacity);  // at least 1

  // The event after the newest; forgets the oldest when full. Returns its id.
  std::uint64_t push(std::string line);

  std::size_t capacity() const noexcept { return lines_.size(); }  // events
  std::uint64_t newest() const noexcept { return newest_; }        // 0: none yet
  std::uint64_t oldest() const noexcept;                           // 0: none yet
  // The line of an id between oldest() and newest().
  std::string_view line(std::uint64_t id) const noexcept;

  // Where a reader who has seen `after` goes on: the id of the first event that is new to him and
  // still here, newest() + 1 when there is none. An id that has not been given out yet comes from
  // another life of the server and counts as unknown: everything that is here.
  std::uint64_t first_after(std::uint64_t after) const noexcept;
  // The last one up to `last` whose lines, from `first` on and each with its end, have at most
  // `size` bytes together; `first` itself in any case. Both are here.
  std::uint64_t last_within(std::uint64_t first, std::uint64_t last,
                            std::size_t size) const noexcept;
  // Events as lines, each with its end; empty when `last` is before `first`.
  std::string lines(std::uint64_t first, std::uint64_t last) const;

 private:
  std::vector<std::string> lines_;
  std::uint64_t newest_ = 0;
};

}  // namespace duplex::tools
