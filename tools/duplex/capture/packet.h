// What a captured packet says at each layer: Ethernet, IPv4 (RFC 791), IPv6 (RFC 8200), TCP
// (RFC 9293). Strict: any bytes are allowed, nothing beyond them is read. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/net/address.h"

namespace duplex::tools::trace {

// What a packet begins with, by the numbers that capture files have for it.
enum class LinkType : std::uint16_t {
  null_loopback = 0,   // 4 bytes: an address family (BSD)
  ethernet = 1,        // also the loopback interface of Linux, with addresses of zeros
  raw_ip = 101,        // nothing: an IP header comes first (TUN)
  linux_cooked = 113,  // 16 bytes ("any" interface)
  raw_ipv4 = 228,
  raw_ipv6 = 229,
  linux_cooked_2 = 276,  // 20 bytes
};

using MacAddress = std::array<std::uint8_t, 6>;

struct EthernetHeader {
  MacAddress to = {};
  MacAddress from = {};
};

struct IpHeader {
  int version = 4;
  std::uint8_t hop_limit = 0;  // TTL in IPv4
  std::uint16_t identification = 0;
  bool dont_fragment = false;   // IPv4
  std::size_t header_size = 0;  // bytes, with options and extension headers
  std::size_t total_size = 0;   // bytes of header and payload, as sent
};

struct SackBlock {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;  // the first that is missing again
};

struct TcpTimestamps {
  std::uint32_t value = 0;
  std::uint32_t echo = 0;
};

struct TcpOptions {
  std::optional<std::uint16_t> max_segment_size = {};
  std::optional<std::uint8_t> window_scale = {};  // the window counts in units of 2^this
  bool sack_permitted = false;
  std::vector<SackBlock> sack = {};
  std::optional<TcpTimestamps> timestamps = {};
  std::size_t unknown_count = 0;
  bool malformed = false;  // a length that does not fit; what comes after it is not read
};

struct TcpHeader {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  bool fin = false;
  bool syn = false;
  bool rst = false;
  bool psh = false;
  bool ack = false;
  bool urg = false;
  std::uint16_t window = 0;  // as sent, not scaled
  std::size_t header_size = 20;
  TcpOptions options = {};
};

struct Packet {
  std::optional<EthernetHeader> ethernet = {};
  IpHeader ip = {};
  TcpHeader tcp = {};
  net::Address from = {};  // with ports
  net::Address to = {};
  std::size_t ip_offset = 0;     // of the IP header in the captured bytes
  std::size_t tcp_offset = 0;    // of the TCP header
  Bytes payload = {};            // what was captured of it: a view of the captured bytes
  std::size_t payload_size = 0;  // what was sent

  bool complete() const noexcept { return payload.size() == payload_size; }
};

enum class PacketError : std::uint8_t {
  link_unknown,  // a link type that is not read here
  link_too_short,
  not_ip,
  ip_too_short,  // the captured bytes end within the header
  ip_malformed,  // version, header length or total length cannot be
  ip_fragment,   // fragments are not put together
  not_tcp,
  tcp_too_short,
  tcp_malformed,  // a data offset below 5, or beyond the packet
};

std::string_view describe(PacketError error) noexcept;

// `captured` begins with the header of the link and may be cut anywhere.
Result<Packet, PacketError> read_packet(LinkType link, Bytes captured);

// The options of a TCP header, RFC 9293 section 3.1, RFC 7323, RFC 2018.
TcpOptions read_tcp_options(Bytes options);

}  // namespace duplex::tools::trace
