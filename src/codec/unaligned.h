// Words at any address, least significant byte first, as DEFLATE packs bits: RFC 1951
// section 3.1.1. The only place where bytes are read and written as words.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace duplex::codec {

// Reads sizeof(Word) bytes; memcpy is how the language spells a load of any alignment.
template <class Word>
Word load_little_endian(const std::byte* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  if constexpr (std::endian::native == std::endian::big) {
    return sizeof(Word) == 8 ? static_cast<Word>(__builtin_bswap64(word))
                             : static_cast<Word>(__builtin_bswap32(word));
  }
  return word;
}

inline std::uint32_t load_32(const std::byte* from) noexcept {
  return load_little_endian<std::uint32_t>(from);
}

inline std::uint64_t load_64(const std::byte* from) noexcept {
  return load_little_endian<std::uint64_t>(from);
}

inline void store_64(std::byte* to, std::uint64_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  std::memcpy(to, &word, sizeof(word));
}

}  // namespace duplex::codec
