// What a connection owns besides its Protocol while it must: an unfinished message, an owed pong.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/byte_buffer.h"
#include "duplex/codec/utf8.h"
#include "duplex/websocket/protocol.h"

namespace duplex::websocket {

// An unfinished message (RFC 6455 section 5.4) and behind it, if one was cut by the end of a read,
// an unfinished control frame.
struct Protocol::Assembly {
  ByteBuffer bytes;
  std::size_t size = 0;          // payload bytes of the message so far
  std::size_t decoded_size = 0;  // what an extension made of them so far
  std::uint32_t fragments = 0;   // frames of it so far
  codec::Utf8Validator utf8;
  Opcode opcode = Opcode::binary;
  bool encoded = false;  // RSV1: to be decoded by the extension
  bool piece_delivered = false;
};

// The newest ping that could not be answered at once, section 5.5.3.
struct Protocol::OwedPong {
  void assign(Bytes ping) noexcept {
    size = ping.size();
    std::copy(ping.begin(), ping.end(), payload.begin());
  }
  Bytes view() const noexcept { return {payload.data(), size}; }

  std::array<std::byte, max_control_payload> payload;
  std::size_t size = 0;
};

}  // namespace duplex::websocket
