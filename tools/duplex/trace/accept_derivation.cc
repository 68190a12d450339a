// Key ‖ GUID → SHA-1 → Base64.
#include "accept_derivation.h"

#include "duplex/codec/base64.h"
#include "duplex/codec/sha1.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// "b37a4f2c c0624f16 ..."
std::string grouped_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 4 == 0) text += ' ';
    const auto value = std::to_integer<unsigned>(bytes[i]);
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

}  // namespace

std::vector<std::string> derivation_lines(std::string_view key, std::string_view accept) {
  if (key.empty()) return {"the request was not seen: its key is not known"};
  const codec::Sha1Digest digest = codec::sha1(as_bytes(std::string(key) + std::string(guid)));
  const std::string expected = codec::base64_encode(digest);
  const bool right = expected == accept;
  return {"How the server proves that it has read the request:",
          "  key      " + one_line(key) + "   16 random bytes, in Base64",
          "  ‖ GUID   " + std::string(guid) + "   the same for everybody",
          "  → SHA-1  " + grouped_hex(digest),
          "  → Base64 " + expected,
          right ? "  = Sec-WebSocket-Accept ✓"
                : "  ≠ Sec-WebSocket-Accept ✗ (" + one_line(accept) + ")"};
}

}  // namespace duplex::tools::trace
