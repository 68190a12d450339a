// Ethernet, IPv4, IPv6 and TCP headers.
#include "packet.h"

#include <algorithm>

#include "byte_order.h"

namespace duplex::tools::trace {
namespace {

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86DD;
constexpr std::uint16_t ethertype_vlan = 0x8100;      // IEEE 802.1Q
constexpr std::uint16_t ethertype_provider = 0x88A8;  // IEEE 802.1ad
constexpr std::uint8_t protocol_tcp = 6;

template <class T>
Failure<PacketError> fail(const T& error) {
  return Failure{error};
}

// --- Layer 2 -------------------------------------------------------------------------------------

struct Link {
  std::optional<EthernetHeader> ethernet = {};
  std::size_t size = 0;
};

MacAddress read_mac(Bytes bytes, std::size_t at) noexcept {
  MacAddress address;
  for (std::size_t i = 0; i < address.size(); ++i) address[i] = read_byte(bytes, at + i);
  return address;
}

bool is_ip(std::uint16_t ethertype) noexcept {
  return ethertype == ethertype_ipv4 || ethertype == ethertype_ipv6;
}

Result<Link, PacketError> read_ethernet(Bytes bytes) {
  if (bytes.size() < 14) return fail(PacketError::link_too_short);
  std::size_t at = 12;
  std::uint16_t type = read_big<std::uint16_t>(bytes, at);
  while (type == ethertype_vlan || type == ethertype_provider) {
    at += 4;
    if (bytes.size() < at + 2) return fail(PacketError::link_too_short);
    type = read_big<std::uint16_t>(bytes, at);
  }
  if (!is_ip(type)) return fail(PacketError::not_ip);
  return Link{.ethernet = EthernetHeader{.to = read_mac(bytes, 0), .from = read_mac(bytes, 6)},
              .size = at + 2};
}

// A header of fixed size with an ethertype in it.
Result<Link, PacketError> read_cooked(Bytes bytes, std::size_t size, std::size_t type_at) {
  if (bytes.size() < size) return fail(PacketError::link_too_short);
  if (!is_ip(read_big<std::uint16_t>(bytes, type_at))) return fail(PacketError::not_ip);
  return Link{.size = size};
}

Result<Link, PacketError> read_link(LinkType link, Bytes bytes) {
  switch (link) {
    case LinkType::ethernet:
      return read_ethernet(bytes);
    case LinkType::raw_ip:
    case LinkType::raw_ipv4:
    case LinkType::raw_ipv6:
      return Link{};
    case LinkType::linux_cooked:
      return read_cooked(bytes, 16, 14);
    case LinkType::linux_cooked_2:
      return read_cooked(bytes, 20, 0);
    case LinkType::null_loopback:
      if (bytes.size() < 4) return fail(PacketError::link_too_short);
      return Link{.size = 4};
  }
  return fail(PacketError::link_unknown);
}

// --- Layer 3 -------------------------------------------------------------------------------------

using IpBytes = std::array<std::uint8_t, 16>;

struct Network {
  IpHeader header = {};
  IpBytes from = {};
  IpBytes to = {};
};

// An IPv4 address as RFC 4291 section 2.5.5.2 maps it.
IpBytes read_ipv4_address(Bytes bytes, std::size_t at) noexcept {
  IpBytes address = {};
  address[10] = address[11] = 0xFF;
  for (std::size_t i = 0; i < 4; ++i) address[12 + i] = read_byte(bytes, at + i);
  return address;
}

IpBytes read_ipv6_address(Bytes bytes, std::size_t at) noexcept {
  IpBytes address = {};
  for (std::size_t i = 0; i < address.size(); ++i) address[i] = read_byte(bytes, at + i);
  return address;
}

Result<Network, PacketError> read_ipv4(Bytes bytes) {
  if (bytes.size() < 20) return fail(PacketError::ip_too_short);
  Network network;
  IpHeader& header = network.header;
  header.header_size = std::size_t{4} * (read_byte(bytes, 0) & 0x0F);
  header.total_size = read_big<std::uint16_t>(bytes, 2);
  // 0: the card does the segmenting and will fill this in.
  if (header.total_size == 0) header.total_size = bytes.size();
  if (header.header_size < 20 || header.total_size < header.header_size) {
    return fail(PacketError::ip_malformed);
  }
  if (bytes.size() < header.header_size) return fail(PacketError::ip_too_short);
  header.identification = read_big<std::uint16_t>(bytes, 4);
  const auto fragment = read_big<std::uint16_t>(bytes, 6);
  header.dont_fragment = (fragment & 0x4000) != 0;
  if ((fragment & 0x3FFF) != 0) return fail(PacketError::ip_fragment);  // MF, or an offset
  header.hop_limit = read_byte(bytes, 8);
  if (read_byte(bytes, 9) != protocol_tcp) return fail(PacketError::not_tcp);
  network.from = read_ipv4_address(bytes, 12);
  network.to = read_ipv4_address(bytes, 16);
  return network;
}

bool is_extension(std::uint8_t next) noexcept {
  return next == 0 || next == 43 || next == 60;  // hop by hop, routing, destination
}

// Goes over the extension headers, RFC 8200 section 4.
Result<std::size_t, PacketError> find_tcp(Bytes bytes) {
  constexpr std::uint8_t fragment_header = 44;
  std::uint8_t next = read_byte(bytes, 6);
  std::size_t at = 40;
  while (is_extension(next)) {
    if (bytes.size() < at + 8) return fail(PacketError::ip_too_short);
    next = read_byte(bytes, at);
    at += std::size_t{8} * (std::size_t{read_byte(bytes, at + 1)} + 1);
  }
  if (next == fragment_header) return fail(PacketError::ip_fragment);
  if (next != protocol_tcp) return fail(PacketError::not_tcp);
  return at;
}

Result<Network, PacketError> read_ipv6(Bytes bytes) {
  if (bytes.size() < 40) return fail(PacketError::ip_too_short);
  const auto header_size = find_tcp(bytes);
  if (!header_size) return fail(header_size.error());
  Network network;
  IpHeader& header = network.header;
  const auto payload_size = read_big<std::uint16_t>(bytes, 4);
  header.version = 6;
  header.header_size = *header_size;
  header.total_size = payload_size == 0 ? bytes.size() : std::size_t{40} + payload_size;
  if (header.total_size < header.header_size) return fail(PacketError::ip_malformed);
  if (bytes.size() < header.header_size) return fail(PacketError::ip_too_short);
  header.hop_limit = read_byte(bytes, 7);
  network.from = read_ipv6_address(bytes, 8);
  network.to = read_ipv6_address(bytes, 24);
  return network;
}

Result<Network, PacketError> read_network(Bytes bytes) {
  if (bytes.empty()) return fail(PacketError::ip_too_short);
  const unsigned version = read_byte(bytes, 0) >> 4;
  if (version == 4) return read_ipv4(bytes);
  if (version == 6) return read_ipv6(bytes);
  return fail(PacketError::ip_malformed);
}

// --- Layer 4 -------------------------------------------------------------------------------------

void read_flags(TcpHeader& header, std::uint8_t flags) noexcept {
  header.fin = (flags & 0x01) != 0;
  header.syn = (flags & 0x02) != 0;
  header.rst = (flags & 0x04) != 0;
  header.psh = (flags & 0x08) != 0;
  header.ack = (flags & 0x10) != 0;
  header.urg = (flags & 0x20) != 0;
}

// `bytes` begin with the header; `sent_size` is what was sent of header and payload.
Result<TcpHeader, PacketError> read_tcp(Bytes bytes, std::size_t sent_size) {
  if (bytes.size() < 20) return fail(PacketError::tcp_too_short);
  TcpHeader header;
  header.header_size = std::size_t{4} * (read_byte(bytes, 12) >> 4);
  if (header.header_size < 20 || header.header_size > sent_size) {
    return fail(PacketError::tcp_malformed);
  }
  if (bytes.size() < header.header_size) return fail(PacketError::tcp_too_short);
  header.sequence = read_big<std::uint32_t>(bytes, 4);
  header.acknowledgement = read_big<std::uint32_t>(bytes, 8);
  read_flags(header, read_byte(bytes, 13));
  header.window = read_big<std::uint16_t>(bytes, 14);
  header.options = read_tcp_options(bytes.subspan(20, header.header_size - 20));
  return header;
}

void read_sack(TcpOptions& options, Bytes blocks) {
  for (; blocks.size() >= 8; blocks = blocks.subspan(8)) {
    options.sack.push_back(
        {.begin = read_big<std::uint32_t>(blocks, 0), .end = read_big<std::uint32_t>(blocks, 4)});
  }
}

// One option of a known kind and the right size; anything else is only counted.
void read_option(TcpOptions& options, std::uint8_t kind, Bytes value) {
  if (kind == 2 && value.size() == 2) {
    options.max_segment_size = read_big<std::uint16_t>(value, 0);
  } else if (kind == 3 && value.size() == 1) {
    options.window_scale = read_byte(value, 0);
  } else if (kind == 4 && value.empty()) {
    options.sack_permitted = true;
  } else if (kind == 5 && value.size() % 8 == 0) {
    read_sack(options, value);
  } else if (kind == 8 && value.size() == 8) {
    options.timestamps = TcpTimestamps{.value = read_big<std::uint32_t>(value, 0),
                                       .echo = read_big<std::uint32_t>(value, 4)};
  } else {
    ++options.unknown_count;
  }
}

}  // namespace

std::string_view describe(PacketError error) noexcept {
  switch (error) {
    case PacketError::link_unknown:
      return "a link type that is not read here";
    case PacketError::link_too_short:
      return "cut within the header of the link";
    case PacketError::not_ip:
      return "neither IPv4 nor IPv6";
    case PacketError::ip_too_short:
      return "cut within the IP header";
    case PacketError::ip_malformed:
      return "an IP header that cannot be";
    case PacketError::ip_fragment:
      return "a fragment of an IP packet";
    case PacketError::not_tcp:
      return "not TCP";
    case PacketError::tcp_too_short:
      return "cut within the TCP header";
    case PacketError::tcp_malformed:
      return "a TCP header that cannot be";
  }
  return "";
}

TcpOptions read_tcp_options(Bytes bytes) {
  TcpOptions options;
  while (!bytes.empty() && read_byte(bytes, 0) != 0) {  // 0 ends the list
    if (read_byte(bytes, 0) == 1) {                     // 1 fills up
      bytes = bytes.subspan(1);
      continue;
    }
    const std::size_t size = bytes.size() < 2 ? 0 : read_byte(bytes, 1);
    if (size < 2 || size > bytes.size()) {
      options.malformed = true;
      break;
    }
    read_option(options, read_byte(bytes, 0), bytes.subspan(2, size - 2));
    bytes = bytes.subspan(size);
  }
  return options;
}

Result<Packet, PacketError> read_packet(LinkType link_type, Bytes captured) {
  const auto link = read_link(link_type, captured);
  if (!link) return fail(link.error());
  const Bytes ip = captured.subspan(link->size);
  const auto network = read_network(ip);
  if (!network) return fail(network.error());
  const IpHeader& header = network->header;
  // What lies behind the packet fills up a small Ethernet frame.
  const Bytes segment =
      ip.first(std::min(ip.size(), header.total_size)).subspan(header.header_size);
  const std::size_t sent_size = header.total_size - header.header_size;
  auto tcp = read_tcp(segment, sent_size);
  if (!tcp) return fail(tcp.error());
  Packet packet;
  packet.ethernet = link->ethernet;
  packet.ip = header;
  packet.tcp = *std::move(tcp);
  packet.from = net::Address::from_ip(network->from, read_big<std::uint16_t>(segment, 0));
  packet.to = net::Address::from_ip(network->to, read_big<std::uint16_t>(segment, 2));
  packet.ip_offset = link->size;
  packet.tcp_offset = link->size + header.header_size;
  packet.payload = segment.subspan(packet.tcp.header_size);
  packet.payload_size = sent_size - packet.tcp.header_size;
  return packet;
}

}  // namespace duplex::tools::trace
