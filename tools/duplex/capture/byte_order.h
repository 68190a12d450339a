// Numbers out of bytes, and into them: network order and a file's own. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "duplex/base/bytes.h"

namespace duplex::tools::trace {

// An unsigned integer at an offset, most significant byte first. bytes.size() - at >= sizeof(T).
template <class T>
T read_big(Bytes bytes, std::size_t at) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
  }
  return static_cast<T>(value);
}

// The same, least significant byte first.
template <class T>
T read_little(Bytes bytes, std::size_t at) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(T); i > 0; --i) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i - 1]);
  }
  return static_cast<T>(value);
}

inline std::uint8_t read_byte(Bytes bytes, std::size_t at) noexcept {
  return std::to_integer<std::uint8_t>(bytes[at]);
}

inline void write_big16(MutableBytes bytes, std::size_t at, std::uint16_t value) noexcept {
  bytes[at] = static_cast<std::byte>(value >> 8);
  bytes[at + 1] = static_cast<std::byte>(value & 0xFF);
}

// Least significant byte first, at the end of `out`.
template <class T>
void append_little(std::vector<std::byte>& out, T value) {
  const auto wide = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<std::byte>(wide >> 8 * i));
}

}  // namespace duplex::tools::trace
