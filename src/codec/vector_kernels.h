// Loops over vectors of bytes, written once for all instruction sets.
//
// Included by one source file per instruction set, which defines
//   DUPLEX_TARGET  the attribute of functions that may use it (nothing where it is always there).
// The operations of the instruction set are a type V, the template argument of every kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codec/mask_variants.h"

// A compiler inlines between functions of the same target only when it is told to.
#define DUPLEX_INLINE [[gnu::always_inline]] DUPLEX_TARGET inline

namespace duplex::codec {
namespace {

// Two and four neighbouring vectors, so that loops are unrolled alike by every compiler.
template <class V>
struct Two {
  DUPLEX_INLINE static Two load_masked(const std::byte* in, typename V::Register keys) noexcept {
    return {V::exclusive_or(V::load(in), keys), V::exclusive_or(V::load(in + V::width), keys)};
  }
  DUPLEX_INLINE void store(std::byte* out) const noexcept {
    V::store(out, first);
    V::store(out + V::width, second);
  }
  typename V::Register first, second;
};

template <class V>
struct Four {
  DUPLEX_INLINE static Four load_masked(const std::byte* in, typename V::Register keys) noexcept {
    return {Two<V>::load_masked(in, keys), Two<V>::load_masked(in + 2 * V::width, keys)};
  }
  DUPLEX_INLINE void store(std::byte* out) const noexcept {
    first.store(out);
    second.store(out + 2 * V::width);
  }
  Two<V> first, second;
};

// RFC 6455 section 5.3. Lengths that are no multiple of a vector are covered by vectors from both
// ends. Where those overlap, all must be loaded before one is stored: masking twice would unmask.
template <class V>
DUPLEX_TARGET void mask_vectors(std::byte* out, const std::byte* in, std::size_t size,
                                KeyWord key) noexcept {
  constexpr std::size_t width = V::width;
  if (size < width) return mask_short(out, in, size, key);
  const auto keys = V::repeat(key);
  const auto last_keys = V::repeat(rotate_key(key, size));  // a vector is a multiple of a key
  if (size <= 2 * width) {
    const auto first = V::exclusive_or(V::load(in), keys);
    const auto last = V::exclusive_or(V::load(in + size - width), last_keys);
    V::store(out, first);
    V::store(out + size - width, last);
  } else if (size <= 4 * width) {
    const auto first = Two<V>::load_masked(in, keys);
    const auto last = Two<V>::load_masked(in + size - 2 * width, last_keys);
    first.store(out);
    last.store(out + size - 2 * width);
  } else {
    const auto last = Four<V>::load_masked(in + size - 4 * width, last_keys);
    std::byte* const last_out = out + size - 4 * width;
    for (; out < last_out; in += 4 * width, out += 4 * width) {
      Four<V>::load_masked(in, keys).store(out);
    }
    last.store(last_out);
  }
}

// The method of Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2020):
// every error shows in two neighbouring bytes, whose three leading nibbles are looked up in tables
// of the errors they allow; what all three allow is an error. Only the count of continuation bytes
// of longer sequences needs a look further back.
namespace utf8_error {
constexpr std::uint8_t too_short = 1;            // a lead byte, but no continuation after it
constexpr std::uint8_t too_long = 2;             // a continuation after ASCII
constexpr std::uint8_t overlong_3 = 4;           // E0 80..9F
constexpr std::uint8_t too_large = 8;            // F4 90..BF, F5..FF 90..BF
constexpr std::uint8_t surrogate = 16;           // ED A0..BF
constexpr std::uint8_t overlong_2 = 32;          // C0..C1 80..BF
constexpr std::uint8_t overlong_4 = 64;          // F0 80..8F; F5..FF 80..8F is told by the same bit
constexpr std::uint8_t two_continuations = 128;  // right or wrong by what comes before

// What the low nibble of a first byte cannot rule out.
constexpr std::uint8_t any_low = too_short | too_long | two_continuations;

using Table = std::array<std::uint8_t, 16>;

constexpr Table make_first_high() {
  Table table{};
  for (std::size_t i = 0; i < 8; ++i) table[i] = too_long;
  for (std::size_t i = 8; i < 12; ++i) table[i] = two_continuations;
  table[12] = too_short | overlong_2;
  table[13] = too_short;
  table[14] = too_short | overlong_3 | surrogate;
  table[15] = too_short | too_large | overlong_4;
  return table;
}

constexpr Table make_first_low() {
  Table table{};
  for (std::size_t i = 0; i < 16; ++i) table[i] = any_low | (i < 4 ? 0 : too_large);
  for (std::size_t i = 5; i < 16; ++i) table[i] |= overlong_4;
  table[0] |= overlong_2 | overlong_3 | overlong_4;
  table[1] |= overlong_2;
  table[13] |= surrogate;
  return table;
}

constexpr Table make_second_high() {
  Table table{};
  for (std::size_t i = 0; i < 16; ++i) table[i] = too_short;
  for (std::size_t i = 8; i < 12; ++i) table[i] = too_long | overlong_2 | two_continuations;
  table[8] |= overlong_3 | overlong_4;
  table[9] |= overlong_3 | too_large;
  table[10] |= surrogate | too_large;
  table[11] |= surrogate | too_large;
  return table;
}

constexpr Table first_high = make_first_high();
constexpr Table first_low = make_first_low();
constexpr Table second_high = make_second_high();

// The greatest bytes that may end a text: later ones begin a longer sequence.
template <std::size_t width>
constexpr std::array<std::byte, width> make_finished_end() {
  std::array<std::byte, width> bytes{};
  for (std::byte& byte : bytes) byte = std::byte{0xff};
  bytes[width - 3] = std::byte{0xef};
  bytes[width - 2] = std::byte{0xdf};
  bytes[width - 1] = std::byte{0xbf};
  return bytes;
}
template <std::size_t width>
constexpr std::array<std::byte, width> finished_end = make_finished_end<width>();
}  // namespace utf8_error

// Not zero where a byte of `input` is wrong after the bytes before it.
template <class V>
DUPLEX_INLINE typename V::Register utf8_errors(typename V::Register input,
                                               typename V::Register previous) noexcept {
  const auto one_before = V::template shifted<1>(input, previous);
  const auto pair_errors =
      V::both(V::both(V::lookup(utf8_error::first_high, V::high_nibbles(one_before)),
                      V::lookup(utf8_error::first_low, V::low_nibbles(one_before))),
              V::lookup(utf8_error::second_high, V::high_nibbles(input)));
  // Bit 7 is set two bytes after E0 and more, and three bytes after F0 and more: there, and only
  // there, a continuation must follow a continuation.
  const auto third = V::subtract(V::template shifted<2>(input, previous), V::fill(0xe0 - 0x80));
  const auto fourth = V::subtract(V::template shifted<3>(input, previous), V::fill(0xf0 - 0x80));
  return V::exclusive_or(V::both(V::either(third, fourth), V::fill(0x80)), pair_errors);
}

template <class V>
DUPLEX_INLINE bool is_ascii_pair(const std::byte* a, const std::byte* b) noexcept {
  return V::is_ascii(V::either(V::load(a), V::load(b)));
}

// Skips ASCII; stops at a vector with other bytes before `last`, or at `last`, or less than a
// vector behind it.
template <class V>
DUPLEX_INLINE const std::byte* skip_ascii(const std::byte* at, const std::byte* last) noexcept {
  constexpr std::ptrdiff_t width = V::width;
  for (auto steps = (last - at) / (4 * width); steps > 0; --steps, at += 4 * width) {
    const auto first_half = V::either(V::load(at), V::load(at + width));
    const auto second_half = V::either(V::load(at + 2 * width), V::load(at + 3 * width));
    if (!V::is_ascii(V::either(first_half, second_half))) break;
  }
  while (at < last && V::is_ascii(V::load(at))) at += width;
  return at;
}

// Less than two vectors. The zero bytes behind the end make an unfinished sequence an error.
template <class V>
DUPLEX_TARGET bool validate_short_utf8(const std::byte* at, std::size_t size) noexcept {
  if (size >= V::width && is_ascii_pair<V>(at, at + size - V::width)) return true;
  std::array<std::byte, 2 * V::width> bytes{};
  std::memcpy(bytes.data(), at, size);
  const auto first = V::load(bytes.data());
  const auto second = V::load(bytes.data() + V::width);
  return V::is_zero(V::either(utf8_errors<V>(first, V::fill(0)), utf8_errors<V>(second, first)));
}

// `last` is the last vector, which may overlap another; at least one vector precedes it, and what
// precedes `at` is ASCII.
template <class V>
DUPLEX_TARGET bool validate_mixed_utf8(const std::byte* at, const std::byte* last) noexcept {
  constexpr std::size_t width = V::width;
  auto previous = V::fill(0);  // the vector before, or some ASCII in its place
  auto errors = V::fill(0);
  for (; at < last; at = skip_ascii<V>(at, last)) {
    do {
      const auto input = V::load(at);
      errors = V::either(errors, utf8_errors<V>(input, previous));
      previous = input;
      at += width;
    } while (at < last && !V::is_ascii(previous));
  }
  const auto input = V::load(last);
  const auto unfinished = V::subtract(input, V::load(utf8_error::finished_end<width>.data()));
  errors = V::either(errors, V::either(unfinished, utf8_errors<V>(input, V::load(last - width))));
  return V::is_zero(errors);
}

// Whether all of it is whole, valid UTF-8. RFC 3629 section 3.
template <class V>
DUPLEX_TARGET bool validate_utf8_vectors(const std::byte* at, std::size_t size) noexcept {
  if (size < 2 * V::width) return validate_short_utf8<V>(at, size);
  const std::byte* const last = at + size - V::width;
  // Up to four vectors: looked at as two pairs, which may overlap.
  if (size <= 4 * V::width && is_ascii_pair<V>(at, at + V::width) &&
      is_ascii_pair<V>(last - V::width, last)) {
    return true;
  }
  at = skip_ascii<V>(at, last);
  return (at >= last && is_ascii_pair<V>(last - V::width, last)) ||
         validate_mixed_utf8<V>(at, last);
}

}  // namespace
}  // namespace duplex::codec
