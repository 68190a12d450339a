// Tests of masking: every variant against the definition in RFC 6455 section 5.3.
#include "duplex/codec/mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include "codec/mask_variants.h"

namespace duplex::codec {
namespace {

constexpr MaskingKey key = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
constexpr auto guard = std::byte{0xa5};

std::vector<std::byte> random_bytes(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4)
std::vector<std::byte> masked_slowly(Bytes bytes, std::size_t phase = 0) {
  std::vector<std::byte> masked(bytes.begin(), bytes.end());
  for (std::size_t i = 0; i < masked.size(); ++i) masked[i] ^= key[(phase + i) % 4];
  return masked;
}

// Masks a part of a guarded buffer in place, and sees that nothing around it changes.
void check_in_place(MaskFunction mask, std::size_t size, std::size_t alignment) {
  alignas(64) static std::byte memory[128 * 1024];
  const std::vector<std::byte> bytes = random_bytes(size);
  std::byte* start = memory + 64 + alignment;
  std::fill(start - 64, start + size + 64, guard);
  std::copy(bytes.begin(), bytes.end(), start);
  mask(start, start, size, std::bit_cast<KeyWord>(key));
  ASSERT_TRUE(std::ranges::equal(masked_slowly(bytes), Bytes(start, size)))
      << size << " bytes at " << alignment;
  ASSERT_EQ(std::count(start - 64, start, guard), 64) << size << " bytes at " << alignment;
  ASSERT_EQ(std::count(start + size, start + size + 64, guard), 64) << size;
}

// The same from one memory to another, which are differently aligned.
void check_copy(MaskFunction mask, std::size_t size, std::size_t alignment) {
  const std::vector<std::byte> bytes = random_bytes(size);
  std::vector<std::byte> out(alignment + size + 64, guard);
  mask(out.data() + alignment, bytes.data(), size, std::bit_cast<KeyWord>(key));
  ASSERT_TRUE(std::ranges::equal(masked_slowly(bytes), Bytes(out).subspan(alignment, size)));
  ASSERT_EQ(std::count(out.end() - 64, out.end(), guard), 64);
}

TEST(Mask, EveryVariantMasksEveryLengthAtEveryAlignment) {
  for (const MaskVariant& variant : mask_variants()) {
    SCOPED_TRACE(variant.name);
    if (!variant.supported()) continue;
    for (std::size_t size = 0; size <= 200; ++size) {
      for (std::size_t alignment = 0; alignment < 64; ++alignment) {
        ASSERT_NO_FATAL_FAILURE(check_in_place(variant.function, size, alignment));
        ASSERT_NO_FATAL_FAILURE(check_copy(variant.function, size, alignment));
      }
    }
  }
}

TEST(Mask, EveryVariantMasksLargePayloads) {
  for (const MaskVariant& variant : mask_variants()) {
    SCOPED_TRACE(variant.name);
    if (!variant.supported()) continue;
    for (std::size_t size : {1000u, 4096u, 16384u, 65535u, 65536u, 100'001u}) {
      for (std::size_t alignment : {0u, 1u, 31u, 63u}) {
        ASSERT_NO_FATAL_FAILURE(check_in_place(variant.function, size, alignment));
        ASSERT_NO_FATAL_FAILURE(check_copy(variant.function, size, alignment));
      }
    }
  }
}

TEST(Mask, ThePortableVariantIsTheLast) {
  ASSERT_FALSE(mask_variants().empty());
  EXPECT_EQ(mask_variants().back().function, &mask_portable);
  EXPECT_TRUE(mask_variants().back().supported());
}

// RFC 6455 section 5.7: a single-frame masked text message.
TEST(Mask, MasksHello) {
  std::string text = "Hello";
  apply_mask(std::as_writable_bytes(std::span(text)), key);
  EXPECT_EQ(text, "\x7f\x9f\x4d\x51\x58");
  apply_mask(std::as_writable_bytes(std::span(text)), key);
  EXPECT_EQ(text, "Hello");
}

TEST(Mask, PartsAreMaskedAsTheWhole) {
  const std::vector<std::byte> bytes = random_bytes(150);
  const std::vector<std::byte> expected = masked_slowly(bytes);
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    std::vector<std::byte> parts = bytes;
    apply_mask(MutableBytes(parts).first(split), key, 0);
    apply_mask(MutableBytes(parts).subspan(split), key, split);
    ASSERT_EQ(parts, expected) << split;
    std::vector<std::byte> copy(bytes.size());
    copy_masked(copy, Bytes(bytes).first(split), key);
    copy_masked(MutableBytes(copy).subspan(split), Bytes(bytes).subspan(split), key, split);
    ASSERT_EQ(copy, expected) << split;
  }
}

TEST(Mask, AZeroKeyChangesNothing) {
  std::vector<std::byte> bytes = random_bytes(100);
  const std::vector<std::byte> before = bytes;
  apply_mask(bytes, MaskingKey{}, 3);
  EXPECT_EQ(bytes, before);
}

TEST(Mask, MasksNothing) {
  apply_mask({}, key, 1);
  copy_masked({}, {}, key, 1);
}

}  // namespace
}  // namespace duplex::codec
