// Writing a frame header, RFC 6455 section 5.2, with the shortest length form.
#pragma once

#include <cstring>

#include "duplex/websocket/frame.h"

namespace duplex::websocket {

inline constexpr std::uint64_t largest_7_bit_length = 125;
inline constexpr std::uint64_t largest_16_bit_length = 0xFFFF;

template <class Unsigned>
void write_big_endian(Unsigned value, std::byte* to) noexcept {
  for (std::size_t i = sizeof(Unsigned); i != 0; --i, value = static_cast<Unsigned>(value >> 8)) {
    to[i - 1] = static_cast<std::byte>(value);
  }
}

// As frame_header_size(), which is this out of line.
inline std::size_t encoded_header_size(const FrameHeader& header) noexcept {
  const std::size_t masking_key = header.masked ? sizeof(MaskingKey) : 0;
  if (header.payload_length <= largest_7_bit_length) return 2 + masking_key;
  return 2 + masking_key + (header.payload_length <= largest_16_bit_length ? 2 : 8);
}

// Writes encoded_header_size() bytes to `out`.
inline void write_frame_header(const FrameHeader& header, std::byte* out) noexcept {
  const auto bit = [](bool set, unsigned mask) { return set ? mask : 0u; };
  const unsigned mask_bit = bit(header.masked, 0x80);
  *out++ = static_cast<std::byte>(bit(header.fin, 0x80) | bit(header.rsv1, 0x40) |
                                  bit(header.rsv2, 0x20) | bit(header.rsv3, 0x10) |
                                  static_cast<unsigned>(header.opcode));
  if (header.payload_length <= largest_7_bit_length) {
    *out++ = static_cast<std::byte>(mask_bit | header.payload_length);
  } else if (header.payload_length <= largest_16_bit_length) {
    *out++ = static_cast<std::byte>(mask_bit | 126);
    write_big_endian(static_cast<std::uint16_t>(header.payload_length), out);
    out += 2;
  } else {
    *out++ = static_cast<std::byte>(mask_bit | 127);
    write_big_endian(header.payload_length, out);
    out += 8;
  }
  if (header.masked) std::memcpy(out, header.masking_key.data(), header.masking_key.size());
}

}  // namespace duplex::websocket
