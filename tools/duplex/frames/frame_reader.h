// Frames out of the bytes of one direction, RFC 6455 section 5.2: read to be shown, not to be
// judged. The header is read by the library's decoder. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duplex/codec/inflate.h"
#include "duplex/codec/utf8.h"
#include "duplex/websocket/frame.h"

namespace duplex::tools {

// Bytes of a payload that are kept to be shown; the rest is read, counted and dropped.
inline constexpr std::size_t max_kept_payload = std::size_t{64} << 10;

enum class TextState : std::uint8_t {
  none,        // not text
  valid,       // UTF-8, complete
  unfinished,  // valid so far, but cut within a character, or the message goes on
  invalid,
};

struct SeenFrame {
  websocket::FrameHeader header = {};
  std::size_t header_size = 0;
  std::array<std::byte, websocket::max_frame_header_size> header_bytes = {};
  std::vector<std::byte> sent = {};     // the payload as it was sent: its first bytes
  std::vector<std::byte> payload = {};  // the same, unmasked
  // Of a compressed message: what it became, its first bytes, and how many there were.
  std::optional<std::vector<std::byte>> inflated = {};
  std::uint64_t inflated_size = 0;
  std::string inflate_fault = {};
  // The kind of message that a continuation goes on with.
  websocket::Opcode message_opcode = websocket::Opcode::text;
  TextState text = TextState::none;

  std::uint64_t size() const noexcept { return header_size + header.payload_length; }
};

// What the two agreed on for one direction.
struct Compression {
  unsigned window_bits = 15;
  bool context_takeover = true;
};

// Owner: a Dialogue, one for each direction.
class FrameReader {
 public:
  void set_compression(const Compression& compression);

  // Takes bytes from the front of `input`, until a frame is complete or nothing is left.
  std::optional<SeenFrame> read(Bytes& input);

  // A frame has begun and is not complete.
  bool within_frame() const noexcept { return header_complete_ || header_filled_ != 0; }

 private:
  bool read_header(Bytes& input);
  void begin_payload();
  void take_payload(Bytes piece);
  void inflate(Bytes piece);
  void add_inflated(Bytes piece);
  SeenFrame finish();
  void finish_message();
  bool is_data() const noexcept { return !is_control(frame_.header.opcode); }

  SeenFrame frame_ = {};
  std::size_t header_filled_ = 0;
  bool header_complete_ = false;
  std::uint64_t payload_read_ = 0;
  // Of the message, over its frames.
  websocket::Opcode message_opcode_ = websocket::Opcode::text;
  bool message_compressed_ = false;
  codec::Utf8Validator utf8_ = {};
  bool utf8_valid_ = true;
  std::unique_ptr<codec::Inflater> inflater_ = {};
};

}  // namespace duplex::tools
