// Masking and UTF-8 validation with AVX2.
#if defined(__x86_64__)

#include <immintrin.h>

#define DUPLEX_TARGET __attribute__((target("avx2")))
#include "codec/utf8_variants.h"
#include "codec/vector_kernels.h"

namespace duplex::codec {
namespace {

struct Avx2 {
  using Register = __m256i;
  static constexpr std::size_t width = 32;

  DUPLEX_INLINE static Register load(const std::byte* from) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const Register*>(from));
  }
  DUPLEX_INLINE static void store(std::byte* to, Register bytes) noexcept {
    _mm256_storeu_si256(reinterpret_cast<Register*>(to), bytes);
  }
  DUPLEX_INLINE static Register repeat(KeyWord key) noexcept {
    return _mm256_set1_epi32(static_cast<int>(key));
  }
  DUPLEX_INLINE static Register fill(std::uint8_t byte) noexcept {
    return _mm256_set1_epi8(static_cast<char>(byte));
  }
  DUPLEX_INLINE static Register exclusive_or(Register a, Register b) noexcept {
    return _mm256_xor_si256(a, b);
  }
  DUPLEX_INLINE static Register both(Register a, Register b) noexcept {
    return _mm256_and_si256(a, b);
  }
  DUPLEX_INLINE static Register either(Register a, Register b) noexcept {
    return _mm256_or_si256(a, b);
  }
  // Stops at zero.
  DUPLEX_INLINE static Register subtract(Register a, Register b) noexcept {
    return _mm256_subs_epu8(a, b);
  }
  DUPLEX_INLINE static Register low_nibbles(Register bytes) noexcept {
    return _mm256_and_si256(bytes, fill(0x0f));
  }
  DUPLEX_INLINE static Register high_nibbles(Register bytes) noexcept {
    return low_nibbles(_mm256_srli_epi16(bytes, 4));
  }
  DUPLEX_INLINE static Register lookup(const utf8_error::Table& table, Register nibbles) noexcept {
    const auto* half = reinterpret_cast<const __m128i*>(table.data());
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(half)), nibbles);
  }
  // The bytes `count` places before those of `input`.
  template <int count>
  DUPLEX_INLINE static Register shifted(Register input, Register previous) noexcept {
    return _mm256_alignr_epi8(input, _mm256_permute2x128_si256(previous, input, 0x21), 16 - count);
  }
  DUPLEX_INLINE static bool is_ascii(Register bytes) noexcept {
    return _mm256_movemask_epi8(bytes) == 0;
  }
  DUPLEX_INLINE static bool is_zero(Register bytes) noexcept {
    return _mm256_testz_si256(bytes, bytes) != 0;
  }
};

}  // namespace

DUPLEX_TARGET void mask_avx2(std::byte* out, const std::byte* in, std::size_t size,
                             KeyWord key) noexcept {
  mask_vectors<Avx2>(out, in, size, key);
}

DUPLEX_TARGET bool validate_utf8_avx2(const std::byte* bytes, std::size_t size) noexcept {
  return validate_utf8_vectors<Avx2>(bytes, size);
}

}  // namespace duplex::codec

#endif
