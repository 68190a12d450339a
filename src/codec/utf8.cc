// Validation of UTF-8 by the best instructions at hand, RFC 3629 section 4.
#include "duplex/codec/utf8.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstring>

#include "codec/processor.h"
#include "codec/utf8_variants.h"

namespace duplex::codec {
namespace {

constexpr std::array variants = {
#if defined(__x86_64__)
    Utf8Variant{"avx2", has_avx2, validate_utf8_avx2},
    Utf8Variant{"ssse3", has_ssse3, validate_utf8_ssse3},
#elif defined(__aarch64__)
    Utf8Variant{"neon", always_supported, validate_utf8_neon},
#endif
    Utf8Variant{"portable", always_supported, validate_utf8_portable},
};

bool choose_and_validate(const std::byte* bytes, std::size_t size) noexcept;

// Initialised before any code runs; the first call replaces it. Threads may both do so: they agree.
constinit std::atomic<ValidateUtf8Function> chosen = choose_and_validate;

bool choose_and_validate(const std::byte* bytes, std::size_t size) noexcept {
  chosen.store(best_function(variants), std::memory_order_relaxed);
  return chosen.load(std::memory_order_relaxed)(bytes, size);
}

template <class Word>
Word load_word(const std::byte* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

bool is_ascii(std::uint64_t word) noexcept { return (word & 0x8080'8080'8080'8080) == 0; }

// The bits of sizeof(Word) to 2 * sizeof(Word) bytes: the first and last word, which may overlap.
template <class Word>
Word bits_of_ends(const std::byte* bytes, std::size_t size) noexcept {
  return load_word<Word>(bytes) | load_word<Word>(bytes + size - sizeof(Word));
}

// Whether at most 32 bytes are ASCII.
bool is_short_ascii(const std::byte* bytes, std::size_t size) noexcept {
  if (size > 16) {
    return is_ascii(bits_of_ends<std::uint64_t>(bytes, 16) |
                    bits_of_ends<std::uint64_t>(bytes + size - 16, 16));
  }
  if (size >= 8) return is_ascii(bits_of_ends<std::uint64_t>(bytes, size));
  if (size >= 4) return is_ascii(bits_of_ends<std::uint32_t>(bytes, size));
  if (size == 0) return true;
  return is_ascii(std::to_integer<std::uint64_t>(bytes[0] | bytes[size / 2] | bytes[size - 1]));
}

// How many bytes at the end, 0 to 3, begin a sequence which they do not complete. Bytes that are
// wrong in themselves may be counted. At least 3 bytes.
std::size_t unfinished_size(Bytes bytes) noexcept {
  const std::byte* const end = bytes.data() + bytes.size();
  if (end[-1] >= std::byte{0xc0}) return 1;
  if (end[-2] >= std::byte{0xe0}) return 2;
  if (end[-3] >= std::byte{0xf0}) return 3;
  return 0;
}

}  // namespace

bool Utf8Validator::feed(Bytes bytes) noexcept {
  while (missing_ != 0) {
    if (bytes.empty()) return !failed();
    if (!step(bytes.front())) return false;
    bytes = bytes.subspan(1);
  }
  if (bytes.size() < 32 && is_short_ascii(bytes.data(), bytes.size())) return true;
  if (bytes.size() < 8) return feed_singly(bytes);
  const std::size_t whole_size = bytes.size() - unfinished_size(bytes);
  if (!chosen.load(std::memory_order_relaxed)(bytes.data(), whole_size)) return fail();
  return feed_singly(bytes.subspan(whole_size));
}

bool Utf8Validator::feed_singly(Bytes bytes) noexcept {
  for (std::byte byte : bytes) {
    if (!step(byte)) return false;
  }
  return true;
}

// RFC 3629 section 4: what may follow a first byte. E0, ED, F0 and F4 narrow the second byte, which
// excludes overlong forms, surrogates and what lies above U+10FFFF.
bool Utf8Validator::step(std::byte byte) noexcept {
  const auto value = std::to_integer<std::uint8_t>(byte);
  if (missing_ != 0) {
    if (value < lowest_ || value > highest_) return fail();
    expect(missing_ - 1u);
    return true;
  }
  if (value < 0x80) return true;
  if (value < 0xc2 || value > 0xf4) return fail();
  if (value < 0xe0) {
    expect(1);
  } else if (value < 0xf0) {
    expect(2, value == 0xe0 ? 0xa0 : 0x80, value == 0xed ? 0x9f : 0xbf);
  } else {
    expect(3, value == 0xf0 ? 0x90 : 0x80, value == 0xf4 ? 0x8f : 0xbf);
  }
  return true;
}

bool validate_utf8_portable(const std::byte* bytes, std::size_t size) noexcept {
  Utf8Validator validator;
  const std::byte* const end = bytes + size;
  while (bytes != end) {
    if (validator.complete()) {
      while (end - bytes >= 8 && is_ascii(load_word<std::uint64_t>(bytes))) bytes += 8;
      if (bytes == end) break;
    }
    if (!validator.step(*bytes++)) return false;
  }
  return validator.complete();
}

std::span<const Utf8Variant> utf8_variants() noexcept { return variants; }

bool is_valid_utf8(Bytes bytes) noexcept {
  if (bytes.size() < 32 && is_short_ascii(bytes.data(), bytes.size())) return true;
  return chosen.load(std::memory_order_relaxed)(bytes.data(), bytes.size());
}

}  // namespace duplex::codec
