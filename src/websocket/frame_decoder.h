// The mechanical half of receiving a frame, RFC 6455 section 5.2: bits to fields, no rule applied.
#pragma once

#include <cstring>

#include "duplex/websocket/frame.h"

namespace duplex::websocket {

// An unsigned integer in network byte order.
template <class Unsigned>
Unsigned read_big_endian(const std::byte* from) noexcept {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8 | std::to_integer<Unsigned>(from[i]));
  }
  return value;
}

// The size of the header that begins with these two bytes.
inline std::size_t announced_header_size(const std::byte* first_two) noexcept {
  const auto second = std::to_integer<unsigned>(first_two[1]);
  const std::size_t masking_key = (second & 0x80) != 0 ? sizeof(MaskingKey) : 0;
  const unsigned length = second & 0x7F;
  return 2 + masking_key + (length < 126 ? 0u : length == 126 ? 2u : 8u);
}

// As decode_frame_header(), which is this out of line.
inline std::size_t read_frame_header(const std::byte* in, std::size_t available,
                                     FrameHeader& header) noexcept {
  if (available < 2) return 0;
  const std::size_t size = announced_header_size(in);
  if (available < size) return 0;
  const auto first = std::to_integer<unsigned>(in[0]);
  const auto second = std::to_integer<unsigned>(in[1]);
  header.fin = (first & 0x80) != 0;
  header.rsv1 = (first & 0x40) != 0;
  header.rsv2 = (first & 0x20) != 0;
  header.rsv3 = (first & 0x10) != 0;
  header.opcode = static_cast<Opcode>(first & 0x0F);
  header.masked = (second & 0x80) != 0;
  const unsigned length = second & 0x7F;
  header.payload_length = length < 126    ? length
                          : length == 126 ? read_big_endian<std::uint16_t>(in + 2)
                                          : read_big_endian<std::uint64_t>(in + 2);
  header.masking_key = {};
  if (header.masked) std::memcpy(header.masking_key.data(), in + size - 4, 4);
  return size;
}

}  // namespace duplex::websocket
