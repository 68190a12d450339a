// IPv4 and IPv6 addresses as bytes, and networks of them: RFC 4291 section 2.2, RFC 4632
// section 3.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace duplex::http {

// One address in 16 bytes; IPv4 is IPv4-mapped, RFC 4291 section 2.5.5.2, so that both compare.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes = {};
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

struct IpEndpoint {
  IpAddress address = {};
  std::uint16_t port = 0;  // 0: not known
  friend bool operator==(const IpEndpoint&, const IpEndpoint&) = default;
};

// Four bytes in network order.
IpAddress mapped_ipv4(const std::array<std::uint8_t, 4>& bytes) noexcept;

// The whole of `text` or nothing. No brackets, no zone ("%eth0"), no leading zeroes in IPv4.
std::optional<IpAddress> parse_ipv4(std::string_view text) noexcept;
std::optional<IpAddress> parse_ipv6(std::string_view text) noexcept;
std::optional<IpAddress> parse_ip_address(std::string_view text) noexcept;  // either

struct IpNetwork {
  IpAddress address = {};
  unsigned prefix_length = 128;  // bits; those of the mapping are counted
  bool contains(const IpAddress& other) const noexcept;
};

// "10.0.0.0/8", "fd00::/8", or one address. Nothing when bits are set behind the prefix: one of the
// two numbers must be a slip.
std::optional<IpNetwork> parse_ip_network(std::string_view text) noexcept;

}  // namespace duplex::http
