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

std::uint64_t load_word(const std::byte* from) noexcept {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

bool is_ascii(std::uint64_t word) noexcept { return (word & 0x8080'8080'8080'8080) == 0; }

// Whether 8 to 31 bytes are ASCII; they are looked at as words from both ends, which may overlap.
bool is_short_ascii(const std::byte* bytes, std::size_t size) noexcept {
  std::uint64_t seen = load_word(bytes) | load_word(bytes + size - 8);
  if (size > 16) seen |= load_word(bytes + 8) | load_word(bytes + size - 16);
  return is_ascii(seen);
}

// How many bytes at the end begin a sequence which they do not complete: 0 to 3. Bytes that are
// wrong in themselves may be counted.
std::size_t unfinished_size(Bytes bytes) noexcept {
  constexpr std::array leads = {std::byte{0xc0}, std::byte{0xe0}, std::byte{0xf0}};
  for (std::size_t i = 0; i < leads.size() && i < bytes.size(); ++i) {
    if (bytes[bytes.size() - 1 - i] >= leads[i]) return i + 1;
  }
  return 0;
}

}  // namespace

bool Utf8Validator::feed(Bytes bytes) noexcept {
  std::size_t done = 0;
  while (missing_ != 0 && done < bytes.size()) {
    if (!step(bytes[done++])) return false;
  }
  const Bytes rest = bytes.subspan(done);
  if (rest.size() < 8 || missing_ != 0) return feed_singly(rest);
  if (rest.size() < 32 && is_short_ascii(rest.data(), rest.size())) return true;
  const Bytes unfinished = rest.last(unfinished_size(rest));
  const std::size_t whole_size = rest.size() - unfinished.size();
  if (!chosen.load(std::memory_order_relaxed)(rest.data(), whole_size)) return fail();
  return feed_singly(unfinished);
}

bool Utf8Validator::feed_singly(Bytes bytes) noexcept {
  for (std::byte byte : bytes) {
    if (!step(byte)) return false;
  }
  return lowest_ <= highest_;
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
      while (end - bytes >= 8 && is_ascii(load_word(bytes))) bytes += 8;
      if (bytes == end) break;
    }
    if (!validator.step(*bytes++)) return false;
  }
  return validator.complete();
}

std::span<const Utf8Variant> utf8_variants() noexcept { return variants; }

bool is_valid_utf8(Bytes bytes) noexcept {
  Utf8Validator validator;
  return validator.feed(bytes) && validator.complete();
}

}  // namespace duplex::codec
