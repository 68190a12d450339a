// The messages of `duplex load`: they say when they were due, and can be checked byte by byte.
// Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools {

struct LoadMessage {
  std::uint64_t sequence = 0;         // of the connection, from 0
  std::chrono::nanoseconds due = {};  // CLOCK_MONOTONIC, not when it was late
  friend bool operator==(const LoadMessage&, const LoadMessage&) = default;
};

// Two numbers of 16 hexadecimal digits.
inline constexpr std::size_t smallest_load_message = 32;

// `size` bytes of ASCII: the numbers, then letters that follow from the sequence number. `text` is
// overwritten: its memory is used again.
void encode_load_message(const LoadMessage& message, std::size_t size, std::string& text);

// What encode_load_message() wrote; nothing when as much as one byte is another.
std::optional<LoadMessage> decode_load_message(std::string_view text) noexcept;

}  // namespace duplex::tools
