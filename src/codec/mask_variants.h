// The ways to mask bytes, one of which is chosen when the program runs. RFC 6455 section 5.3.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace duplex::codec {

// The first four bytes of the key stream, as they lie in memory.
using KeyWord = std::uint32_t;

// Writes `size` masked bytes of `in` to `out`, which is either `in` itself or does not overlap it.
using MaskFunction = void (*)(std::byte* out, const std::byte* in, std::size_t size,
                              KeyWord key) noexcept;

struct MaskVariant {
  const char* name;
  bool (*supported)() noexcept;  // by this processor
  MaskFunction function;
};

// Best first; the last one is portable and always supported.
std::span<const MaskVariant> mask_variants() noexcept;

void mask_avx2(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept;
void mask_sse2(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept;
void mask_neon(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept;
void mask_portable(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept;

// The key stream as seen `offset` bytes further on.
constexpr KeyWord rotate_key(KeyWord key, std::size_t offset) noexcept {
  const int bits = static_cast<int>(8 * (offset % 4));
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

// `Word` is an unsigned integer of 4 or 8 bytes.
template <class Word>
Word load_masked(const std::byte* in, KeyWord key) noexcept {
  Word word;
  std::memcpy(&word, in, sizeof(word));
  return word ^ static_cast<Word>(std::uint64_t{key} * 0x1'0000'0001u);
}

template <class Word>
void store_word(std::byte* out, Word word) noexcept {
  std::memcpy(out, &word, sizeof(word));
}

// Masks sizeof(Word) to 2 * sizeof(Word) bytes as their first and last word, which may overlap:
// both are loaded before either is stored, since masking twice would unmask.
template <class Word>
void mask_two_words(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept {
  const std::size_t last = size - sizeof(Word);
  const Word first_word = load_masked<Word>(in, key);
  const Word last_word = load_masked<Word>(in + last, rotate_key(key, last));
  store_word(out, first_word);
  store_word(out + last, last_word);
}

// Masks 16 to 32 bytes in the same way.
inline void mask_four_words(std::byte* out, const std::byte* in, std::size_t size,
                            KeyWord key) noexcept {
  using Word = std::uint64_t;
  const std::size_t last = size - 2 * sizeof(Word);
  const KeyWord last_key = rotate_key(key, last);
  const Word first_word = load_masked<Word>(in, key);
  const Word second_word = load_masked<Word>(in + sizeof(Word), key);
  const Word third_word = load_masked<Word>(in + last, last_key);
  const Word fourth_word = load_masked<Word>(in + last + sizeof(Word), last_key);
  store_word(out, first_word);
  store_word(out + sizeof(Word), second_word);
  store_word(out + last, third_word);
  store_word(out + last + sizeof(Word), fourth_word);
}

// Masks at most 32 bytes without vectors.
inline void mask_short(std::byte* out, const std::byte* in, std::size_t size,
                       KeyWord key) noexcept {
  if (size >= 16) return mask_four_words(out, in, size, key);
  if (size >= 8) return mask_two_words<std::uint64_t>(out, in, size, key);
  if (size >= 4) return mask_two_words<std::uint32_t>(out, in, size, key);
  const auto key_bytes = std::bit_cast<std::array<std::byte, 4>>(key);
  for (std::size_t i = 0; i < size; ++i) out[i] = in[i] ^ key_bytes[i];
}

}  // namespace duplex::codec
