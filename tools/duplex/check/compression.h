// permessage-deflate as the suite speaks it: RFC 1951 and RFC 7692 section 7.2, written simply and
// for the suite alone. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools::suite {

// How one direction compresses.
struct Direction {
  bool context_takeover = true;
  unsigned window_bits = 15;
};

// Reads messages: a bit at a time, so that it is easy to see that it is right.
class Inflater {
 public:
  Inflater(Direction direction, std::size_t largest_message)
      : direction_(direction), largest_message_(largest_message) {}

  // A whole message without its 00 00 FF FF; nothing when it is not valid to the last bit, uses a
  // distance beyond the window, or becomes larger than `largest_message` bytes.
  std::optional<std::string> message(std::string_view payload);

 private:
  Direction direction_;
  std::size_t largest_message_;
  std::string window_;
};

// Writes messages: greedy matches in the fixed code, and stored blocks.
class Deflater {
 public:
  explicit Deflater(Direction direction) : direction_(direction) {}

  // Without the 00 00 FF FF.
  std::string message(std::string_view text);

 private:
  Direction direction_;
  std::string window_;
};

// Compressed messages that no compressor would write, without the 00 00 FF FF.
//
// All of `text` as literals, then a match.
std::string deflate_with_match(std::string_view text, std::size_t length, std::size_t distance);
// So many zeros, 258 of them in 13 bits.
std::string deflate_zeros(std::size_t count);
// The first `size` bits of a block, so many times.
std::string repeated_bits(std::string_view block, std::size_t size, std::size_t times);

}  // namespace duplex::tools::suite
