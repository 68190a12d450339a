// Bytes on the wire, made and read without the code under test: RFC 6455 sections 4.1 and 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::support {

inline constexpr std::string_view wire_masking_key = "\x37\xfa\x21\x3d";  // of RFC 6455 section 5.7

// A client's opening handshake for `path`; `fields` are more of its lines, each with its end.
std::string opening_request(std::string_view path = "/ws", std::string_view fields = {});

// A frame in plain numbers, so that wrong ones can be written too.
struct WireFrame {
  unsigned first_byte = 0x81;  // FIN, RSV1-3, opcode
  std::string payload = {};
  std::string masking_key = {};  // empty: not masked

  unsigned opcode() const noexcept { return first_byte & 0x0F; }
  bool fin() const noexcept { return (first_byte & 0x80) != 0; }
};

std::string encode(const WireFrame& frame);
std::string client_frame(unsigned first_byte, std::string_view payload);  // masked
std::string server_frame(unsigned first_byte, std::string_view payload);

std::string repeated(std::string_view bytes, std::size_t times);

// The whole frames that `bytes` consists of, unmasked. Throws std::runtime_error when it does not.
std::vector<WireFrame> decode_frames(std::string_view bytes);

// The payload of a Close frame.
std::string close_payload(unsigned code, std::string_view reason = {});
// The code in the payload of a Close frame, 1005 for an empty one.
unsigned close_code(std::string_view payload);

// "81 05" or "8105" as bytes.
std::string from_hex(std::string_view hex);

std::string to_string(std::span<const std::byte> bytes);
std::vector<std::byte> to_bytes(std::string_view text);

}  // namespace duplex::support
