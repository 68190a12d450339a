// The events of the feed as text: one line per event, "ID T_GEN T_EMIT FILLING". Pure.
//
// Several events travel together as several lines: a batched poll answer, a coalesced message.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools {

// The smallest one whose size is as asked for: its numbers need no more, an id of ten digits, two
// times of 18 (30 years), and what stands between them.
inline constexpr std::uint64_t min_event_size = 48;
// The largest event: well within what clients take over each of the transports.
inline constexpr std::uint64_t max_event_size = std::uint64_t{512} << 10;
// Bytes of events in one answer to a poll, unless one event alone has more. An answer of less than
// half of it has left nothing for the next one, whatever the size of events.
inline constexpr std::size_t default_max_answer = std::size_t{256} << 10;

// No clock that stamps events is further from its beginning than that (36 years): what says so is
// no event. Sums of a few such times stay within their type.
inline constexpr std::chrono::nanoseconds furthest_stamp = std::chrono::nanoseconds::max() / 8;

struct FeedEvent {
  std::uint64_t id = 0;  // 1, 2, 3, ... without a gap
  // CLOCK_MONOTONIC of the server's machine.
  std::chrono::nanoseconds generated = {};  // when the schedule intended it, not when it was late
  std::chrono::nanoseconds emitted = {};    // when the server's loop got round to it
  friend bool operator==(const FeedEvent&, const FeedEvent&) = default;
};

// One line without its end, filled up to `size` bytes with the beginning of `filling`, which has
// that many; longer when the numbers need it.
std::string encode_event(const FeedEvent& event, std::size_t size, std::string_view filling);

// What encode_event wrote, or nothing.
std::optional<FeedEvent> decode_event(std::string_view line) noexcept;

// Calls `visit` with each line that is not empty.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end != 0) visit(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace duplex::tools
