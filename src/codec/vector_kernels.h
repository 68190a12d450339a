// Loops over vectors of bytes, written once for all instruction sets.
//
// Included by one source file per instruction set, which defines
//   DUPLEX_TARGET  the attribute of functions that may use it (nothing where it is always there);
//   a type V       its operations, which kernels are given as their template argument.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codec/mask_variants.h"

namespace duplex::codec {
namespace {

// RFC 6455 section 5.3. The last vector overlaps the one before instead of leaving single bytes.
template <class V>
DUPLEX_TARGET void mask_vectors(std::byte* out, const std::byte* in, std::size_t size,
                                KeyWord key) noexcept {
  if (size < V::width) return mask_short(out, in, size, key);
  const auto keys = V::repeat(key);
  const std::size_t last = size - V::width;
  // Loaded before the loop may mask some of it in place; stored after the loop.
  const auto last_vector = V::exclusive_or(V::load(in + last), V::repeat(rotate_key(key, last)));
  std::size_t i = 0;
  for (; i + 4 * V::width <= last; i += 4 * V::width) {
    for (std::size_t j = i; j < i + 4 * V::width; j += V::width) {
      V::store(out + j, V::exclusive_or(V::load(in + j), keys));
    }
  }
  for (; i < last; i += V::width) V::store(out + i, V::exclusive_or(V::load(in + i), keys));
  V::store(out + last, last_vector);
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
}  // namespace utf8_error

// Not zero where a byte of `input` is wrong after the bytes before it.
template <class V>
DUPLEX_TARGET typename V::Register utf8_errors(typename V::Register input,
                                               typename V::Register previous) noexcept {
  const auto one_before = V::template shifted<1>(input, previous);
  const auto pair_errors =
      V::both(V::both(V::lookup(utf8_error::first_high, V::high_nibbles(one_before)),
                      V::lookup(utf8_error::first_low, V::low_nibbles(one_before))),
              V::lookup(utf8_error::second_high, V::high_nibbles(input)));
  // Bit 7 is set two bytes after E0 and more, and three bytes after F0 and more: there, and only
  // there, a continuation must follow a continuation.
  const auto third = V::subtract(V::template shifted<2>(input, previous), 0xe0 - 0x80);
  const auto fourth = V::subtract(V::template shifted<3>(input, previous), 0xf0 - 0x80);
  return V::exclusive_or(V::both(V::either(third, fourth), V::fill(0x80)), pair_errors);
}

// Skips ASCII while at least one vector is left; returns the first vector that is not all ASCII,
// or a place less than one vector from the end.
template <class V>
DUPLEX_TARGET const std::byte* skip_ascii(const std::byte* at, const std::byte* end) noexcept {
  constexpr std::ptrdiff_t width = V::width;
  while (end - at >= 4 * width) {
    const auto first_half = V::either(V::load(at), V::load(at + width));
    const auto second_half = V::either(V::load(at + 2 * width), V::load(at + 3 * width));
    if (!V::is_ascii(V::either(first_half, second_half))) break;
    at += 4 * width;
  }
  while (end - at >= width && V::is_ascii(V::load(at))) at += width;
  return at;
}

// Whether all of it is whole, valid UTF-8. RFC 3629 section 3.
template <class V>
DUPLEX_TARGET bool validate_utf8_vectors(const std::byte* at, std::size_t size) noexcept {
  constexpr std::ptrdiff_t width = V::width;
  const std::byte* const end = at + size;
  auto previous = V::fill(0);  // the vector before, or any ASCII in its place
  auto errors = V::fill(0);
  while ((at = skip_ascii<V>(at, end)), end - at >= width) {
    do {
      const auto input = V::load(at);
      errors = V::either(errors, utf8_errors<V>(input, previous));
      previous = input;
      at += width;
    } while (end - at >= width && !V::is_ascii(previous));
  }
  // An ASCII end needs no look at what precedes it, so it may overlap that.
  if (size >= V::width && V::is_ascii(V::either(previous, V::load(end - width)))) {
    return V::is_zero(errors);
  }
  // The zero bytes behind the end make an unfinished sequence an error.
  std::array<std::byte, V::width> rest{};
  std::memcpy(rest.data(), at, static_cast<std::size_t>(end - at));
  return V::is_zero(V::either(errors, utf8_errors<V>(V::load(rest.data()), previous)));
}

}  // namespace
}  // namespace duplex::codec
