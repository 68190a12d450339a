// Any bytes hashed, and encoded and decoded: as second implementations do it, which follow the
// words of FIPS 180-4 and RFC 4648 bit by bit.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <optional>
#include <string>

#include "duplex/codec/base64.h"
#include "duplex/codec/sha1.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string bits_of(std::uint64_t value, int count) {
  std::string bits;
  for (int i = count - 1; i >= 0; --i) bits += (value >> i & 1) != 0 ? '1' : '0';
  return bits;
}

std::uint32_t number_of(std::string_view bits) {
  std::uint32_t value = 0;
  for (const char bit : bits) value = value << 1 | (bit == '1' ? 1U : 0U);
  return value;
}

std::string bits_of(std::string_view bytes) {
  std::string bits;
  for (const char c : bytes) bits += bits_of(static_cast<unsigned char>(c), 8);
  return bits;
}

// --- SHA-1, FIPS 180-4 section 6.1.2: its names --------------------------------------------------

using Words = std::array<std::uint32_t, 5>;

std::uint32_t f(std::size_t t, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  if (t < 20) return (x & y) ^ (~x & z);
  if (t < 40 || t >= 60) return x ^ y ^ z;
  return (x & y) ^ (x & z) ^ (y & z);
}

Words hash_block(const Words& h, std::string_view block) {
  constexpr std::array<std::uint32_t, 4> k = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
  std::array<std::uint32_t, 80> w;
  for (std::size_t t = 0; t < 16; ++t) w[t] = number_of(block.substr(32 * t, 32));
  for (std::size_t t = 16; t < 80; ++t) {
    w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  }
  auto [a, b, c, d, e] = h;
  for (std::size_t t = 0; t < 80; ++t) {
    const std::uint32_t next = std::rotl(a, 5) + f(t, b, c, d) + e + k[t / 20] + w[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  return {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

std::string naive_sha1(std::string_view message) {
  std::string bits = bits_of(message) + '1';
  while (bits.size() % 512 != 448) bits += '0';
  bits += bits_of(8 * message.size(), 64);
  Words h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t at = 0; at < bits.size(); at += 512) {
    h = hash_block(h, std::string_view(bits).substr(at, 512));
  }
  std::string digest;
  for (const std::uint32_t word : h) digest += bits_of(word, 32);
  return digest;
}

// --- Base64, RFC 4648 section 4 ------------------------------------------------------------------

std::string naive_base64(std::string_view bytes) {
  std::string bits = bits_of(bytes);
  while (bits.size() % 6 != 0) bits += '0';
  std::string text;
  for (std::size_t at = 0; at < bits.size(); at += 6)
    text += alphabet[number_of(bits.substr(at, 6))];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

// The bits that `text` stands for.
std::optional<std::string> naive_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string bits;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits += bits_of(value, 6);
  }
  bits.resize(bits.size() / 8 * 8);
  return bits;
}

void expect_decoded(std::string_view text) {
  const auto expected = naive_decode(text);
  const auto decoded = codec::base64_decode(text);
  ASSERT_EQ(decoded.has_value(), expected.has_value());
  if (!decoded) {
    for (const std::size_t size : {0U, 1U, 16U, 20U}) {
      EXPECT_FALSE(codec::is_base64_of_size(text, size));
    }
    return;
  }
  EXPECT_EQ(bits_of(as_text(*decoded)), *expected);
  EXPECT_TRUE(codec::is_base64_of_size(text, decoded->size()));
  EXPECT_FALSE(codec::is_base64_of_size(text, decoded->size() + 1));
}

void run(std::string_view input) {
  EXPECT_EQ(bits_of(as_text(codec::sha1(as_bytes(input)))), naive_sha1(input));
  const std::string text = codec::base64_encode(as_bytes(input));
  EXPECT_EQ(text, naive_base64(input));
  expect_decoded(text);
  expect_decoded(input);
}

const Registration registration({"sha1_base64", run});

}  // namespace
}  // namespace duplex::fuzz
