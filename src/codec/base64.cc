// Implements Base64, RFC 4648 section 4.
#include "duplex/codec/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace duplex::codec {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char padding = '=';
constexpr std::uint8_t no_value = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = no_value;
  std::uint8_t next = 0;
  for (char symbol : alphabet) values[static_cast<unsigned char>(symbol)] = next++;
  return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

std::uint8_t value_of(char c) noexcept { return values[static_cast<unsigned char>(c)]; }

// The text without its one or two padding characters, or nothing when its shape is wrong.
std::optional<std::string_view> without_padding(std::string_view text) noexcept {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with(padding); ++i) text.remove_suffix(1);
  const bool all_values =
      std::all_of(text.begin(), text.end(), [](char c) { return value_of(c) != no_value; });
  return all_values ? std::optional(text) : std::nullopt;
}

}  // namespace

std::string base64_encode(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= bytes.size() ? alphabet[(group >> (18 - 6 * i)) & 63] : padding;
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> base64_decode(std::string_view text) {
  const auto symbols = without_padding(text);
  if (!symbols) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(symbols->size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;  // not yet part of a byte: 0, 2, 4 or 6
  for (char symbol : *symbols) {
    bits = bits << 6 | value_of(symbol);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> bit_count & 0xff));
  }
  return bytes;
}

bool is_base64_of_size(std::string_view text, std::size_t size) noexcept {
  const auto symbols = without_padding(text);
  return symbols && symbols->size() * 3 / 4 == size;
}

}  // namespace duplex::codec
