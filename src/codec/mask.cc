// Masking of WebSocket payloads by the best instructions at hand, RFC 6455 section 5.3.
#include "duplex/codec/mask.h"

#include <array>
#include <atomic>
#include <bit>
#include <cassert>

#include "codec/mask_variants.h"
#include "codec/processor.h"

namespace duplex::codec {
namespace {

constexpr std::array variants = {
#if defined(__x86_64__)
    MaskVariant{"avx2", has_avx2, mask_avx2},
    MaskVariant{"sse2", always_supported, mask_sse2},
#elif defined(__aarch64__)
    MaskVariant{"neon", always_supported, mask_neon},
#endif
    MaskVariant{"portable", always_supported, mask_portable},
};

void choose_and_mask(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept;

// Initialised before any code runs; the first call replaces it. Threads may both do so: they agree.
constinit std::atomic<MaskFunction> chosen = choose_and_mask;

void choose_and_mask(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept {
  chosen.store(best_function(variants), std::memory_order_relaxed);
  chosen.load(std::memory_order_relaxed)(out, in, size, key);
}

}  // namespace

void mask_portable(std::byte* out, const std::byte* in, std::size_t size, KeyWord key) noexcept {
  if (size <= 32) return mask_short(out, in, size, key);
  const std::size_t last = size - 32;
  std::array<std::byte, 32> rest;
  // Set aside before the loop may mask some of it in place.
  mask_short(rest.data(), in + last, rest.size(), rotate_key(key, last));
  for (std::size_t i = 0; i < last; i += 8) {
    store_word(out + i, load_masked<std::uint64_t>(in + i, key));
  }
  std::memcpy(out + last, rest.data(), rest.size());
}

std::span<const MaskVariant> mask_variants() noexcept { return variants; }

void apply_mask(MutableBytes bytes, MaskingKey key, std::size_t phase) noexcept {
  copy_masked(bytes, bytes, key, phase);
}

void copy_masked(MutableBytes out, Bytes in, MaskingKey key, std::size_t phase) noexcept {
  assert(out.size() >= in.size());
  chosen.load(std::memory_order_relaxed)(out.data(), in.data(), in.size(),
                                         rotate_key(std::bit_cast<KeyWord>(key), phase));
}

}  // namespace duplex::codec
