// Frames as bytes, right ones and wrong ones: RFC 6455 section 5.2. Written for the suite alone, so
// that the library is not judged by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools::suite {

enum class Role : std::uint8_t { client, server };  // the end that the suite plays

// Of RFC 6455 section 5.7. Always the same, so that what a report shows can be sent again.
inline constexpr std::string_view masking_key = "\x37\xfa\x21\x3d";

namespace opcode {
inline constexpr unsigned continuation = 0;
inline constexpr unsigned text = 1;
inline constexpr unsigned binary = 2;
inline constexpr unsigned close = 8;
inline constexpr unsigned ping = 9;
inline constexpr unsigned pong = 10;
}  // namespace opcode

enum class LengthForm : std::uint8_t { shortest, bits_16, bits_64 };

struct Frame {
  unsigned opcode = opcode::text;
  std::string payload = {};
  bool fin = true;
  unsigned rsv = 0;  // 4: RSV1, 2: RSV2, 1: RSV3
  LengthForm form = LengthForm::shortest;
  std::optional<std::uint64_t> length = {};  // when it is not that of the payload
  std::optional<bool> masked = {};           // when it is not as the role demands
  std::string_view key = masking_key;
};

std::string encode(const Frame& frame, Role sender);

std::string masked(std::string_view payload, std::string_view key);
std::string big_endian(std::uint64_t value, std::size_t size);

// The payload of a Close frame.
std::string close_payload(unsigned code, std::string_view reason = {});

inline Frame text_frame(std::string payload) { return {opcode::text, std::move(payload)}; }
inline Frame binary_frame(std::string payload) { return {opcode::binary, std::move(payload)}; }
inline Frame ping_frame(std::string payload) { return {opcode::ping, std::move(payload)}; }
inline Frame pong_frame(std::string payload) { return {opcode::pong, std::move(payload)}; }
inline Frame close_frame(unsigned code, std::string_view reason = {}) {
  return {opcode::close, close_payload(code, reason)};
}
inline Frame part(unsigned opcode, std::string payload, bool fin) {
  return {opcode, std::move(payload), fin};
}

// "82 fe 00 7d": bytes as hexadecimal digits, and back.
std::string hex(std::string_view bytes);
std::string from_hex(std::string_view digits);

}  // namespace duplex::tools::suite
