// The checksums of IPv4 and TCP: RFC 1071, RFC 9293 section 3.1, RFC 8200 section 8.1. Pure.
#pragma once

#include <cstdint>

#include "duplex/base/bytes.h"
#include "packet.h"

namespace duplex::tools::trace {

// The ones' complement sum of 16-bit words, folded but not complemented, going on from `sum`.
std::uint16_t ones_complement_sum(Bytes bytes, std::uint16_t sum = 0) noexcept;

enum class ChecksumState : std::uint8_t {
  right,
  // Only the pseudo-header is summed, or nothing (the field is 0): whoever sends the packet leaves
  // the rest to the network card. On loopback nobody ever does it, so that captures show "bad"
  // checksums that are no fault.
  unfinished,
  wrong,    // a receiver throws the segment away
  unknown,  // the capture has not all of the packet
};

// Of the TCP segment in `captured`, which read_packet() made `packet` of.
ChecksumState tcp_checksum_state(const Packet& packet, Bytes captured) noexcept;

// Writes the checksums of the IPv4 header and of TCP. Only for packets that are complete().
void write_checksums(const Packet& packet, MutableBytes captured) noexcept;

}  // namespace duplex::tools::trace
