// The ways to validate UTF-8, one of which is chosen when the program runs. RFC 3629 section 3.
#pragma once

#include <cstddef>
#include <span>

namespace duplex::codec {

// Whether `size` bytes are whole, valid UTF-8. `bytes` is not null.
using ValidateUtf8Function = bool (*)(const std::byte* bytes, std::size_t size) noexcept;

struct Utf8Variant {
  const char* name;
  bool (*supported)() noexcept;  // by this processor
  ValidateUtf8Function function;
};

// Best first; the last one is portable and always supported.
std::span<const Utf8Variant> utf8_variants() noexcept;

bool validate_utf8_avx2(const std::byte* bytes, std::size_t size) noexcept;
bool validate_utf8_ssse3(const std::byte* bytes, std::size_t size) noexcept;
bool validate_utf8_neon(const std::byte* bytes, std::size_t size) noexcept;
bool validate_utf8_portable(const std::byte* bytes, std::size_t size) noexcept;

}  // namespace duplex::codec
