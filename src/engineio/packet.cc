// Packets of Engine.IO protocol 4.
#include "duplex/engineio/packet.h"

#include <array>

#include "duplex/codec/base64.h"
#include "duplex/codec/utf8.h"

namespace duplex::engineio {
namespace {

constexpr std::array<std::string_view, 7> names = {"open",    "close",   "ping", "pong",
                                                   "message", "upgrade", "noop"};
constexpr char binary_mark = 'b';

// A peer's character as it may stand in an error.
std::string shown(char c) {
  const auto code = static_cast<unsigned char>(c);
  if (code >= 0x20 && code < 0x7f) return std::string("'") + c + "'";
  return "of code " + std::to_string(code);
}

}  // namespace

std::string_view name_of(PacketType type) noexcept { return names[static_cast<std::size_t>(type)]; }

Result<Packet, std::string> parse_packet(std::string_view text) {
  if (text.empty()) return Failure{std::string("an empty packet")};
  const char type = text.front();
  text.remove_prefix(1);
  if (type == binary_mark) {
    auto bytes = codec::base64_decode(text);
    if (!bytes) return Failure{std::string("a message of bytes that is not Base64")};
    return Packet{.type = PacketType::message, .text = {}, .bytes = std::move(*bytes)};
  }
  if (type < '0' || type > '6') return Failure{"packet type " + shown(type) + " is not 0 to 6"};
  return Packet{.type = static_cast<PacketType>(type - '0'), .text = text, .bytes = {}};
}

void append_packet(std::string& out, PacketType type, std::string_view text) {
  out += static_cast<char>('0' + static_cast<char>(type));
  out += text;
}

void append_bytes(std::string& out, Bytes bytes) {
  out += binary_mark;
  out += codec::base64_encode(bytes);
}

std::optional<Packet> PayloadReader::next() {
  if (finished_) return std::nullopt;
  if (++count_ > limits_.max_packets) {
    return fail("more than " + std::to_string(limits_.max_packets) + " packets in a payload");
  }
  const std::size_t end = rest_.find(separator);
  const std::string_view text = rest_.substr(0, end);
  if (!codec::is_valid_utf8(as_bytes(text))) {
    return fail("packet " + std::to_string(count_) + ": text that is not UTF-8");
  }
  auto packet = parse_packet(text);
  if (!packet) return fail("packet " + std::to_string(count_) + ": " + packet.error());
  finished_ = end == std::string_view::npos;
  if (!finished_) rest_.remove_prefix(end + 1);
  return *std::move(packet);
}

std::optional<Packet> PayloadReader::fail(std::string why) {
  finished_ = true;
  fault_ = std::move(why);
  return std::nullopt;
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
