// A slow, plain definition of valid UTF-8 that the validator is held against.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace duplex::codec {

// What the bytes say: `doomed_at` is the first byte after which nothing can make them valid.
struct Utf8Verdict {
  static constexpr std::size_t never = static_cast<std::size_t>(-1);
  std::size_t doomed_at = never;
  bool whole = true;  // they do not end within a sequence

  bool valid() const { return doomed_at == never && whole; }
};

// Whether some code point from `lowest` to `highest` is one that `length` bytes should encode.
inline bool is_encodable(std::uint32_t lowest, std::uint32_t highest, int length) {
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  lowest = std::max(lowest, least[length]);
  highest = std::min<std::uint32_t>(highest, 0x10ffff);
  const bool all_surrogates = lowest >= 0xd800 && highest <= 0xdfff;
  return lowest <= highest && !all_surrogates;
}

inline int sequence_length(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >> 5 == 0b110) return 2;
  if (first >> 4 == 0b1110) return 3;
  return first >> 3 == 0b11110 ? 4 : 0;
}

inline Utf8Verdict judge_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const int length = sequence_length(byte(i));
    if (length == 0) return {i};
    std::uint32_t value = length == 1 ? byte(i) : byte(i) & (0x7fu >> length);
    for (int left = length - 1;; --left) {
      const std::uint32_t first_value = value << (6 * left);
      if (!is_encodable(first_value, first_value + (1u << (6 * left)) - 1, length)) return {i};
      ++i;
      if (left == 0) break;
      if (i == text.size()) return {Utf8Verdict::never, false};
      if (byte(i) >> 6 != 0b10) return {i};
      value = value << 6 | (byte(i) & 0x3fu);
    }
  }
  return {};
}

}  // namespace duplex::codec
