// Finds the end of a field value, RFC 9110 section 5.5, many bytes at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "http/character.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace duplex::http {

constexpr std::uint64_t repeat(std::uint8_t byte) { return 0x0101010101010101U * byte; }

// Flags bytes outside of VCHAR, SP and obs-text by their top bits: those that fall below zero when
// 0x20 is taken away, and those that reach 0x80 when 1 is added. What is flagged first may still be
// a good byte behind a 0xFF, because of its carry.
inline std::uint64_t flag_controls(std::uint64_t bytes) noexcept {
  return ((bytes - repeat(0x20)) | (bytes + repeat(1))) & ~bytes & repeat(0x80);
}

// Moves to a byte near the next one that may be none of a value: every byte passed over is good.
inline const char* skip_plain(const char* at, const char* end) noexcept {
#if defined(__SSE2__)  // part of every x86-64
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i del = _mm_set1_epi8(0x7F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i not_below = _mm_cmpeq_epi8(_mm_max_epu8(bytes, space), bytes);
    const __m128i good = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, del), not_below);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(good));
    if (mask != 0xFFFF) return at + std::countr_one(mask);
  }
#endif
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - at >= 8; at += 8) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, at, sizeof(bytes));
      const std::uint64_t flags = flag_controls(bytes);
      if (flags != 0) return at + std::countr_zero(flags) / 8;
    }
  }
  return skip(CharacterClass::field_value, at, end);
}

// Moves to the first byte that no value may hold.
inline const char* skip_value(const char* at, const char* end) noexcept {
  at = skip_plain(at, end);
  while (at != end && is(*at, CharacterClass::field_value)) at = skip_plain(at + 1, end);
  return at;
}

}  // namespace duplex::http
