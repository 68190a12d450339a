// Validation of UTF-8, RFC 3629, for text that arrives in parts: RFC 6455 sections 5.6 and 8.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "duplex/base/bytes.h"

namespace duplex::codec {

// Tells at once when bytes can never become valid, however they are cut into parts. It keeps three
// bytes, as every connection has one. Owner: whoever holds it; any one thread.
class Utf8Validator {
 public:
  // False as soon as no continuation could make the text valid, and ever after until reset().
  bool feed(Bytes bytes) noexcept;

  // The same for one byte.
  bool step(std::byte byte) noexcept;

  // Whether the text is valid if it ends here.
  bool complete() const noexcept { return missing_ == 0; }

  // Begins a new text.
  void reset() noexcept { expect(0); }

 private:
  bool feed_singly(Bytes bytes) noexcept;

  // `count` continuation bytes follow, of which the next is in lowest..highest.
  void expect(unsigned count, unsigned lowest = 0x80, unsigned highest = 0xbf) noexcept {
    missing_ = static_cast<std::uint8_t>(count);
    lowest_ = static_cast<std::uint8_t>(lowest);
    highest_ = static_cast<std::uint8_t>(highest);
  }

  // Expects a byte that does not exist, so that whatever follows fails too.
  bool fail() noexcept {
    expect(1, 0xff, 0);
    return false;
  }

  bool failed() const noexcept { return lowest_ > highest_; }

  std::uint8_t missing_ = 0;
  std::uint8_t lowest_ = 0x80;
  std::uint8_t highest_ = 0xbf;
};

// Whether the whole of it is valid UTF-8; nothing at all is.
bool is_valid_utf8(Bytes bytes) noexcept;

}  // namespace duplex::codec
