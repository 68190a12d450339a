// Packets of Engine.IO.
#include "duplex/engineio/packet.h"

#include <array>
#include <utility>

#include "duplex/codec/base64.h"

namespace duplex::engineio {
namespace {

constexpr std::array<std::string_view, 7> names = {"open",    "close",   "ping", "pong",
                                                   "message", "upgrade", "noop"};
constexpr char binary_mark = 'b';
constexpr char message_digit = '4';
constexpr std::byte bytes_type = std::byte{4};
constexpr std::string_view no_message = "a packet of bytes that is no message";

// A peer's character as it may stand in an error.
std::string shown(char c) {
  const auto code = static_cast<unsigned char>(c);
  if (code >= 0x20 && code < 0x7f) return std::string("'") + c + "'";
  return "of code " + std::to_string(code);
}

Packet message_of(std::vector<std::byte> bytes) {
  return {.type = PacketType::message, .text = {}, .bytes = std::move(bytes)};
}

// What follows the mark.
Result<Packet, std::string> parse_base64(std::string_view text, Revision revision) {
  if (revision == Revision::three) {
    if (!text.starts_with(message_digit)) return Failure{std::string(no_message)};
    text.remove_prefix(1);
  }
  auto bytes = codec::base64_decode(text);
  if (!bytes) return Failure{std::string("a message of bytes that is not Base64")};
  return message_of(std::move(*bytes));
}

}  // namespace

std::string_view name_of(PacketType type) noexcept { return names[static_cast<std::size_t>(type)]; }

Result<Packet, std::string> parse_packet(std::string_view text, Revision revision) {
  if (text.empty()) return Failure{std::string("an empty packet")};
  const char type = text.front();
  text.remove_prefix(1);
  if (type == binary_mark) return parse_base64(text, revision);
  if (type < '0' || type > '6') return Failure{"packet type " + shown(type) + " is not 0 to 6"};
  return Packet{.type = static_cast<PacketType>(type - '0'), .text = text, .bytes = {}};
}

Result<Packet, std::string> parse_bytes(Bytes bytes, Revision revision) {
  if (revision == Revision::three) {
    if (bytes.empty()) return Failure{std::string("an empty packet")};
    if (bytes.front() != bytes_type) return Failure{std::string(no_message)};
    bytes = bytes.subspan(1);
  }
  return message_of({bytes.begin(), bytes.end()});
}

void append_packet(std::string& out, PacketType type, std::string_view text) {
  out += static_cast<char>('0' + static_cast<char>(type));
  out += text;
}

void append_bytes(std::string& out, Bytes bytes, Revision revision) {
  out += binary_mark;
  if (revision == Revision::three) out += message_digit;
  out += codec::base64_encode(bytes);
}

std::string bytes_with_type(Bytes bytes) {
  std::string out(1, static_cast<char>(bytes_type));
  return out.append(as_text(bytes));
}

std::string make_id(std::span<const std::byte, id_entropy> random) {
  std::string id = codec::base64_encode(random);
  for (char& c : id) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return id;
}

}  // namespace duplex::engineio
