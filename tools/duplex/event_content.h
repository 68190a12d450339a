// What fills the events of the feed up to their size. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

enum class ContentKind {
  letter,  // one letter again and again: as compressible as text can be
  json,    // records of a weather station, cut off where the event ends
  random,  // printable characters: nothing in them comes twice
};

std::optional<ContentKind> content_of(std::string_view name) noexcept;  // of "json"

// Made once, so that an event costs no more than a copy of it, whatever it is. Owner: one feed.
class EventContent {
 public:
  // Events of at most `size` bytes. The text depends on these three alone.
  EventContent(ContentKind kind, std::size_t size, std::uint64_t seed);

  // At least `size` bytes without a line end: another piece for each of some events in a row.
  // Valid as long as the object.
  std::string_view text(std::uint64_t id) const noexcept;

 private:
  std::string text_;
  std::vector<std::size_t> starts_;  // where an event's piece may begin
};

}  // namespace duplex::tools
