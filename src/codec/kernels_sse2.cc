// Masking with SSE2, which every x86-64 processor has.
#if defined(__x86_64__)

#include <emmintrin.h>

#define DUPLEX_TARGET __attribute__((target("sse2")))
#include "codec/vector_kernels.h"

namespace duplex::codec {
namespace {

struct Sse2 {
  using Register = __m128i;
  static constexpr std::size_t width = 16;

  DUPLEX_INLINE static Register load(const std::byte* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const Register*>(from));
  }
  DUPLEX_INLINE static void store(std::byte* to, Register bytes) noexcept {
    _mm_storeu_si128(reinterpret_cast<Register*>(to), bytes);
  }
  DUPLEX_INLINE static Register repeat(KeyWord key) noexcept {
    return _mm_set1_epi32(static_cast<int>(key));
  }
  DUPLEX_INLINE static Register exclusive_or(Register a, Register b) noexcept {
    return _mm_xor_si128(a, b);
  }
};

}  // namespace

DUPLEX_TARGET void mask_sse2(std::byte* out, const std::byte* in, std::size_t size,
                             KeyWord key) noexcept {
  mask_vectors<Sse2>(out, in, size, key);
}

}  // namespace duplex::codec

#endif
