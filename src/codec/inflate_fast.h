// The inner loop of inflating, for as long as input and output have room to spare.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/decode_table.h"
#include "codec/inflate_window.h"
#include "duplex/codec/inflate.h"

namespace duplex::codec {

// What the loop works on; it begins and ends between two tokens, a token being a literal or a
// match.
struct FastInflate {
  // Room that one round may need: 24 bytes of input for three loads of a word; two literals and a
  // match, whose copy is rounded up to 16 bytes, of output.
  static constexpr std::size_t input_margin = 24;
  static constexpr std::size_t output_margin = 2 + max_match + 16;

  const std::byte* in = nullptr;      // what to read next
  const std::byte* in_end = nullptr;  // at least input_margin away
  std::byte* out = nullptr;           // where to write next
  std::byte* out_end = nullptr;       // at least output_margin away
  const std::byte* out_begin = nullptr;
  std::uint64_t bits = 0;  // read, but not used
  unsigned bit_count = 0;
  DecodeTable literals = {};
  DecodeTable distances = {};
  const InflateWindow* window = nullptr;
  std::size_t window_size = 0;  // the greatest distance

  // Set by the loop: a match that is decoded, but not written, and what is wrong.
  unsigned match_length = 0;
  unsigned match_distance = 0;
  InflateError error = InflateError::none;
};

// Whether a distance may be used with `position` bytes of output in memory, and more in the window.
inline InflateError judge_distance(std::size_t distance, std::size_t position,
                                   std::size_t window_size, const InflateWindow& window) noexcept {
  if (distance > window_size) return InflateError::distance_beyond_window;
  if (distance > position + window.size()) return InflateError::distance_too_far_back;
  return InflateError::none;
}

// Decodes until there may be too little room, or until something rare comes: the end of the block,
// what is no symbol, a match that needs care.
void inflate_fast(FastInflate& state) noexcept;

// The ways to do it, one of which is chosen when the program runs.
struct InflateVariant {
  const char* name;
  bool (*supported)() noexcept;  // by this processor
  void (*function)(FastInflate& state) noexcept;
};

// Best first; the last one is portable and always supported.
std::span<const InflateVariant> inflate_variants() noexcept;

}  // namespace duplex::codec
