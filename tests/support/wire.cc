#include "wire.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace duplex::support {
namespace {

char byte(std::uint64_t value) { return static_cast<char>(value & 0xFF); }
unsigned number(char c) { return static_cast<unsigned char>(c); }

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = size; i != 0; --i) bytes += byte(value >> (8 * (i - 1)));
  return bytes;
}

std::string masked(std::string_view payload, std::string_view key) {
  std::string out(payload);
  for (std::size_t i = 0; i < out.size() && !key.empty(); ++i) out[i] ^= key[i % 4];
  return out;
}

// Takes `size` bytes off the front.
std::string_view take(std::string_view& bytes, std::uint64_t size) {
  if (bytes.size() < size) throw std::runtime_error("wire: the bytes end inside a frame");
  const std::string_view front = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return front;
}

std::uint64_t take_number(std::string_view& bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (const char c : take(bytes, size)) value = value << 8 | number(c);
  return value;
}

WireFrame take_frame(std::string_view& bytes) {
  WireFrame frame;
  frame.first_byte = static_cast<unsigned>(take_number(bytes, 1));
  const auto second = take_number(bytes, 1);
  std::uint64_t size = second & 0x7F;
  if (size >= 126) size = take_number(bytes, size == 126 ? 2 : 8);
  if ((second & 0x80) != 0) frame.masking_key = take(bytes, 4);
  frame.payload = masked(take(bytes, size), frame.masking_key);
  return frame;
}

}  // namespace

std::string opening_request(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(fields) + "\r\n";
}

std::string encode(const WireFrame& frame) {
  const unsigned mask_bit = frame.masking_key.empty() ? 0 : 0x80;
  const std::size_t size = frame.payload.size();
  std::string bytes(1, byte(frame.first_byte));
  if (size < 126) {
    bytes += byte(mask_bit | size);
  } else if (size <= 0xFFFF) {
    bytes += byte(mask_bit | 126) + big_endian(size, 2);
  } else {
    bytes += byte(mask_bit | 127) + big_endian(size, 8);
  }
  return bytes + frame.masking_key + masked(frame.payload, frame.masking_key);
}

std::string client_frame(unsigned first_byte, std::string_view payload) {
  return encode({first_byte, std::string(payload), std::string(wire_masking_key)});
}

std::string server_frame(unsigned first_byte, std::string_view payload) {
  return encode({first_byte, std::string(payload), {}});
}

std::string repeated(std::string_view bytes, std::size_t times) {
  std::string all;
  all.reserve(bytes.size() * times);
  for (; times > 0; --times) all += bytes;
  return all;
}

std::vector<WireFrame> decode_frames(std::string_view bytes) {
  std::vector<WireFrame> frames;
  while (!bytes.empty()) frames.push_back(take_frame(bytes));
  return frames;
}

std::string close_payload(unsigned code, std::string_view reason) {
  return big_endian(code, 2) + std::string(reason);
}

unsigned close_code(std::string_view payload) {
  return payload.empty() ? 1005 : number(payload.at(0)) << 8 | number(payload.at(1));
}

std::string from_hex(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
  }
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += byte(std::strtoul(digits.substr(i, 2).c_str(), nullptr, 16));
  }
  return bytes;
}

std::string to_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> to_bytes(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return std::byte(c); });
  return bytes;
}

}  // namespace duplex::support
