// UTF-8 validation with SSSE3, the first SSE that can look up nibbles.
#if defined(__x86_64__)

#include <immintrin.h>

#define DUPLEX_TARGET __attribute__((target("ssse3")))
#include "codec/utf8_variants.h"
#include "codec/vector_kernels.h"

namespace duplex::codec {
namespace {

struct Ssse3 {
  using Register = __m128i;
  static constexpr std::size_t width = 16;

  DUPLEX_INLINE static Register load(const std::byte* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const Register*>(from));
  }
  DUPLEX_INLINE static Register fill(std::uint8_t byte) noexcept {
    return _mm_set1_epi8(static_cast<char>(byte));
  }
  DUPLEX_INLINE static Register exclusive_or(Register a, Register b) noexcept {
    return _mm_xor_si128(a, b);
  }
  DUPLEX_INLINE static Register both(Register a, Register b) noexcept {
    return _mm_and_si128(a, b);
  }
  DUPLEX_INLINE static Register either(Register a, Register b) noexcept {
    return _mm_or_si128(a, b);
  }
  // Stops at zero.
  DUPLEX_INLINE static Register subtract(Register a, Register b) noexcept {
    return _mm_subs_epu8(a, b);
  }
  DUPLEX_INLINE static Register low_nibbles(Register bytes) noexcept {
    return _mm_and_si128(bytes, fill(0x0f));
  }
  DUPLEX_INLINE static Register high_nibbles(Register bytes) noexcept {
    return low_nibbles(_mm_srli_epi16(bytes, 4));
  }
  DUPLEX_INLINE static Register lookup(const utf8_error::Table& table, Register nibbles) noexcept {
    return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const Register*>(table.data())),
                            nibbles);
  }
  // The bytes `count` places before those of `input`.
  template <int count>
  DUPLEX_INLINE static Register shifted(Register input, Register previous) noexcept {
    return _mm_alignr_epi8(input, previous, 16 - count);
  }
  DUPLEX_INLINE static bool is_ascii(Register bytes) noexcept {
    return _mm_movemask_epi8(bytes) == 0;
  }
  DUPLEX_INLINE static bool is_zero(Register bytes) noexcept {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, fill(0))) == 0xffff;
  }
};

}  // namespace

DUPLEX_TARGET bool validate_utf8_ssse3(const std::byte* bytes, std::size_t size) noexcept {
  return validate_utf8_vectors<Ssse3>(bytes, size);
}

}  // namespace duplex::codec

#endif
