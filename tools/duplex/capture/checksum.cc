// The checksums of IPv4 and TCP.
#include "checksum.h"

#include <array>

#include "byte_order.h"

namespace duplex::tools::trace {
namespace {

std::uint16_t fold(std::uint64_t sum) noexcept {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

Bytes tcp_segment(const Packet& packet, Bytes captured) noexcept {
  return captured.subspan(packet.tcp_offset, packet.tcp.header_size + packet.payload_size);
}

// Addresses, protocol and length, which belong to no header but are summed with it.
std::uint16_t pseudo_header_sum(const Packet& packet, Bytes captured) noexcept {
  const bool v6 = packet.ip.version == 6;
  const Bytes addresses =
      captured.subspan(packet.ip_offset + (v6 ? 8 : 12), v6 ? std::size_t{32} : std::size_t{8});
  const std::uint64_t size = packet.tcp.header_size + packet.payload_size;
  return fold(ones_complement_sum(addresses) + std::uint64_t{6} + (size >> 16) + (size & 0xFFFF));
}

}  // namespace

std::uint16_t ones_complement_sum(Bytes bytes, std::uint16_t start) noexcept {
  std::uint64_t sum = start;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2)
    sum += read_big<std::uint16_t>(bytes, at);
  if (bytes.size() % 2 != 0) sum += std::uint64_t{read_byte(bytes, bytes.size() - 1)} << 8;
  return fold(sum);
}

ChecksumState tcp_checksum_state(const Packet& packet, Bytes captured) noexcept {
  if (!packet.complete()) return ChecksumState::unknown;
  const std::uint16_t pseudo = pseudo_header_sum(packet, captured);
  const Bytes segment = tcp_segment(packet, captured);
  if (ones_complement_sum(segment, pseudo) == 0xFFFF) return ChecksumState::right;
  const auto written = read_big<std::uint16_t>(segment, 16);
  const bool unfinished = written == pseudo || written == 0;
  return unfinished ? ChecksumState::unfinished : ChecksumState::wrong;
}

void write_checksums(const Packet& packet, MutableBytes captured) noexcept {
  if (packet.ip.version == 4) {
    const std::size_t options = packet.ip.header_size;
    write_big16(captured, packet.ip_offset + 10, 0);
    const std::uint16_t sum = ones_complement_sum(captured.subspan(packet.ip_offset, options));
    write_big16(captured, packet.ip_offset + 10, static_cast<std::uint16_t>(~sum));
  }
  const std::size_t field = packet.tcp_offset + 16;
  write_big16(captured, field, 0);
  const std::uint16_t sum =
      ones_complement_sum(tcp_segment(packet, captured), pseudo_header_sum(packet, captured));
  write_big16(captured, field, static_cast<std::uint16_t>(~sum));
}

}  // namespace duplex::tools::trace
