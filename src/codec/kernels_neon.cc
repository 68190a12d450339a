// Masking and UTF-8 validation with NEON, which every 64-bit ARM processor has.
#if defined(__aarch64__)

#include <arm_neon.h>

#define DUPLEX_TARGET
#include "codec/utf8_variants.h"
#include "codec/vector_kernels.h"

namespace duplex::codec {
namespace {

struct Neon {
  using Register = uint8x16_t;
  static constexpr std::size_t width = 16;

  DUPLEX_INLINE static Register load(const std::byte* from) noexcept {
    return vld1q_u8(reinterpret_cast<const std::uint8_t*>(from));
  }
  DUPLEX_INLINE static void store(std::byte* to, Register bytes) noexcept {
    vst1q_u8(reinterpret_cast<std::uint8_t*>(to), bytes);
  }
  DUPLEX_INLINE static Register repeat(KeyWord key) noexcept {
    return vreinterpretq_u8_u32(vdupq_n_u32(key));
  }
  DUPLEX_INLINE static Register fill(std::uint8_t byte) noexcept { return vdupq_n_u8(byte); }
  DUPLEX_INLINE static Register exclusive_or(Register a, Register b) noexcept {
    return veorq_u8(a, b);
  }
  DUPLEX_INLINE static Register both(Register a, Register b) noexcept { return vandq_u8(a, b); }
  DUPLEX_INLINE static Register either(Register a, Register b) noexcept { return vorrq_u8(a, b); }
  // Stops at zero.
  DUPLEX_INLINE static Register subtract(Register a, Register b) noexcept {
    return vqsubq_u8(a, b);
  }
  DUPLEX_INLINE static Register low_nibbles(Register bytes) noexcept {
    return vandq_u8(bytes, fill(0x0f));
  }
  DUPLEX_INLINE static Register high_nibbles(Register bytes) noexcept {
    return vshrq_n_u8(bytes, 4);
  }
  DUPLEX_INLINE static Register lookup(const utf8_error::Table& table, Register nibbles) noexcept {
    return vqtbl1q_u8(vld1q_u8(table.data()), nibbles);
  }
  // The bytes `count` places before those of `input`.
  template <int count>
  DUPLEX_INLINE static Register shifted(Register input, Register previous) noexcept {
    return vextq_u8(previous, input, 16 - count);
  }
  DUPLEX_INLINE static bool is_ascii(Register bytes) noexcept { return vmaxvq_u8(bytes) < 0x80; }
  DUPLEX_INLINE static bool is_zero(Register bytes) noexcept { return vmaxvq_u8(bytes) == 0; }
};

}  // namespace

void mask_neon(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept {
  mask_vectors<Neon>(out, in, size, key);
}

bool validate_utf8_neon(const std::byte* bytes, std::size_t size) noexcept {
  return validate_utf8_vectors<Neon>(bytes, size);
}

}  // namespace duplex::codec

#endif
