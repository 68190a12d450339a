// WebSocket frames on the wire: RFC 6455 section 5.2. Pure functions, no I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "duplex/base/bytes.h"

namespace duplex::websocket {

enum class Role : std::uint8_t { server, client };

// RFC 6455 section 11.8.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

// Section 5.5: control frames are those whose opcode has the most significant bit set.
constexpr bool is_control(Opcode opcode) noexcept {
  return (static_cast<std::uint8_t>(opcode) & 0x8) != 0;
}

using MaskingKey = std::array<std::byte, 4>;

struct FrameHeader {
  Opcode opcode = Opcode::text;
  bool fin = true;
  bool rsv1 = false;  // "compressed" under permessage-deflate, RFC 7692 section 6
  bool rsv2 = false;
  bool rsv3 = false;
  bool masked = false;
  MaskingKey masking_key = {};
  std::uint64_t payload_length = 0;
};

inline constexpr std::size_t max_frame_header_size = 14;  // bytes: 2 + 8 + 4
inline constexpr std::size_t max_control_payload = 125;   // bytes, section 5.5

// Size in bytes of the header that encode_frame_header writes: 2 to 14.
std::size_t frame_header_size(const FrameHeader& header) noexcept;

// Writes the header with the shortest length form (section 5.2) and returns its size, 2 to 14.
std::size_t encode_frame_header(const FrameHeader& header,
                                std::span<std::byte, max_frame_header_size> out) noexcept;

// Reads the header at the front of `in`, whatever it says: judging it is not the decoder's work.
// Returns its size, or 0 when `in` ends inside it (`header` is then unspecified).
std::size_t decode_frame_header(Bytes in, FrameHeader& header) noexcept;

}  // namespace duplex::websocket
