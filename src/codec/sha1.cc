// Implements SHA-1, FIPS 180-4 sections 5.1.1, 5.3.1 and 6.1.
#include "duplex/codec/sha1.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace duplex::codec {
namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t length_size = 8;  // the message's length in bits ends the last block

using State = std::array<std::uint32_t, 5>;

std::uint32_t load_big_endian(const std::byte* from) noexcept {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(from[i]);
  return value;
}

void store_big_endian(std::byte* to, std::uint64_t value, std::size_t size) noexcept {
  for (std::size_t i = size; i-- > 0; value >>= 8) to[i] = static_cast<std::byte>(value & 0xff);
}

// Section 6.1.2, steps 1 to 4.
void add_block(State& state, const std::byte* block) noexcept {
  std::array<std::uint32_t, 80> words;
  for (std::size_t t = 0; t < 16; ++t) words[t] = load_big_endian(block + 4 * t);
  for (std::size_t t = 16; t < 80; ++t) {
    words[t] = std::rotl(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
  }
  std::uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  const auto rounds = [&](std::size_t first, std::uint32_t constant, auto mix) {
    for (std::size_t t = first; t < first + 20; ++t) {
      const std::uint32_t next = std::rotl(a, 5) + mix() + e + constant + words[t];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
  };
  const auto parity = [&] { return b ^ c ^ d; };
  rounds(0, 0x5a827999, [&] { return (b & c) | (~b & d); });
  rounds(20, 0x6ed9eba1, parity);
  rounds(40, 0x8f1bbcdc, [&] { return (b & c) | (b & d) | (c & d); });
  rounds(60, 0xca62c1d6, parity);
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

}  // namespace

Sha1Digest sha1(Bytes message) noexcept {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const std::uint64_t bit_count = std::uint64_t{message.size()} * 8;
  for (; message.size() >= block_size; message = message.subspan(block_size)) {
    add_block(state, message.data());
  }
  // What is left, a one bit, zeros and the length fill one block or two.
  std::array<std::byte, 2 * block_size> last{};
  if (!message.empty()) std::memcpy(last.data(), message.data(), message.size());
  last[message.size()] = std::byte{0x80};
  const bool fits = message.size() + 1 + length_size <= block_size;
  const std::size_t size = fits ? block_size : 2 * block_size;
  store_big_endian(last.data() + size - length_size, bit_count, length_size);
  for (std::size_t at = 0; at < size; at += block_size) add_block(state, last.data() + at);

  Sha1Digest digest;
  for (std::size_t i = 0; i < state.size(); ++i) store_big_endian(&digest[4 * i], state[i], 4);
  return digest;
}

}  // namespace duplex::codec
