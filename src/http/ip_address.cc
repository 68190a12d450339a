// IP addresses and networks from text; see ip_address.h.
#include "http/ip_address.h"

#include <algorithm>

#include "http/character.h"

namespace duplex::http {
namespace {

constexpr unsigned mapping_bits = 96;

// Digits only, no leading zeroes, at most `max`.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return {};
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return {};
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > max) return {};
  return value;
}

// h16 of RFC 3986 section 3.2.2.
std::optional<unsigned> parse_group(std::string_view text) noexcept {
  if (text.empty() || text.size() > 4) return {};
  unsigned value = 0;
  for (const char c : text) {
    if (!is(c, CharacterClass::hex_digit)) return {};
    value = value * 16 + hex_value(c);
  }
  return value;
}

// The bytes of an IPv6 address on one side of its "::", or all of them.
struct Side {
  std::array<std::uint8_t, 16> bytes = {};
  std::size_t size = 0;

  bool append(unsigned group) noexcept {
    if (size + 2 > bytes.size()) return false;
    bytes[size++] = static_cast<std::uint8_t>(group >> 8);
    bytes[size++] = static_cast<std::uint8_t>(group & 0xFF);
    return true;
  }
};

// The last piece may be an IPv4 address, RFC 4291 section 2.2 (3).
bool append_piece(Side& side, std::string_view piece, bool last) noexcept {
  if (const auto group = parse_group(piece)) return side.append(*group);
  const auto ipv4 = last ? parse_ipv4(piece) : std::nullopt;
  if (!ipv4) return false;
  const auto& bytes = ipv4->bytes;
  return side.append(unsigned{bytes[12]} << 8 | bytes[13]) &&
         side.append(unsigned{bytes[14]} << 8 | bytes[15]);
}

bool read_side(Side& side, std::string_view text, bool last) noexcept {
  if (text.empty()) return true;
  while (true) {
    const std::size_t colon = text.find(':');
    const bool is_end = colon == std::string_view::npos;
    if (!append_piece(side, text.substr(0, colon), last && is_end)) return false;
    if (is_end) return true;
    text.remove_prefix(colon + 1);
  }
}

bool has_bit(const IpAddress& address, unsigned index) noexcept {
  const unsigned byte = address.bytes[index / 8];
  return (byte >> (7 - index % 8) & 1U) != 0;
}

bool is_plain_behind(const IpNetwork& network) noexcept {
  for (unsigned bit = network.prefix_length; bit < 128; ++bit) {
    if (has_bit(network.address, bit)) return false;
  }
  return true;
}

}  // namespace

IpAddress mapped_ipv4(const std::array<std::uint8_t, 4>& bytes) noexcept {
  IpAddress address;
  address.bytes[10] = address.bytes[11] = 0xFF;
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin() + 12);
  return address;
}

std::optional<IpAddress> parse_ipv4(std::string_view text) noexcept {
  std::array<std::uint8_t, 4> bytes = {};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t dot = i + 1 < bytes.size() ? text.find('.') : text.size();
    const auto value = parse_decimal(text.substr(0, dot), 255);
    if (!value || dot > text.size()) return {};
    bytes[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return mapped_ipv4(bytes);
}

std::optional<IpAddress> parse_ipv6(std::string_view text) noexcept {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  Side left;
  Side right;
  if (!read_side(left, text.substr(0, gap), !has_gap)) return {};
  if (has_gap && !read_side(right, text.substr(gap + 2), true)) return {};
  // The gap is at least one group of zeroes.
  const std::size_t size = left.size + right.size;
  if (has_gap ? size > 14 : size != 16) return {};
  IpAddress address{left.bytes};
  std::copy_n(right.bytes.begin(), right.size,
              address.bytes.end() - static_cast<std::ptrdiff_t>(right.size));
  return address;
}

std::optional<IpAddress> parse_ip_address(std::string_view text) noexcept {
  const auto ipv4 = parse_ipv4(text);
  return ipv4 ? ipv4 : parse_ipv6(text);
}

bool IpNetwork::contains(const IpAddress& other) const noexcept {
  for (unsigned bit = 0; bit < prefix_length; ++bit) {
    if (has_bit(address, bit) != has_bit(other, bit)) return false;
  }
  return true;
}

std::optional<IpNetwork> parse_ip_network(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const std::string_view literal = text.substr(0, slash);
  const bool is_ipv4 = parse_ipv4(literal).has_value();
  const auto address = parse_ip_address(literal);
  if (!address) return {};
  IpNetwork network{*address};
  if (slash != std::string_view::npos) {
    const auto bits = parse_decimal(text.substr(slash + 1), is_ipv4 ? 32 : 128);
    if (!bits) return {};
    network.prefix_length = is_ipv4 ? mapping_bits + *bits : *bits;
  }
  if (!is_plain_behind(network)) return {};
  return network;
}

}  // namespace duplex::http
