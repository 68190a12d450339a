// Frames as bytes, right ones and wrong ones.
#include "frame_writer.h"

namespace duplex::tools::suite {
namespace {

char byte(std::uint64_t value) { return static_cast<char>(value & 0xFF); }

unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

// The 7 bits of the second byte, and the bytes of the extended length.
std::string length_bytes(std::uint64_t length, LengthForm form, unsigned mask_bit) {
  if (form == LengthForm::shortest && length > 125) {
    form = length > 0xFFFF ? LengthForm::bits_64 : LengthForm::bits_16;
  }
  if (form == LengthForm::shortest) return std::string(1, byte(mask_bit | length));
  if (form == LengthForm::bits_16) return byte(mask_bit | 126) + big_endian(length, 2);
  return byte(mask_bit | 127) + big_endian(length, 8);
}

}  // namespace

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = size; i != 0; --i) bytes += byte(value >> (8 * (i - 1)));
  return bytes;
}

std::string masked(std::string_view payload, std::string_view key) {
  std::string out(payload);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ key[i % 4]);
  return out;
}

std::string encode(const Frame& frame, Role sender) {
  const bool is_masked = frame.masked.value_or(sender == Role::client);
  std::string bytes(1, byte((frame.fin ? 0x80U : 0) | frame.rsv << 4 | frame.opcode));
  bytes +=
      length_bytes(frame.length.value_or(frame.payload.size()), frame.form, is_masked ? 0x80U : 0);
  if (!is_masked) return bytes + frame.payload;
  bytes += frame.key;
  return bytes + masked(frame.payload, frame.key);
}

std::string close_payload(unsigned code, std::string_view reason) {
  return big_endian(code, 2) + std::string(reason);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    if (!text.empty()) text += ' ';
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    while (i < digits.size() && digits[i] == ' ') ++i;
    if (i + 1 < digits.size()) bytes += byte(digit(digits[i]) << 4 | digit(digits[i + 1]));
  }
  return bytes;
}

}  // namespace duplex::tools::suite
