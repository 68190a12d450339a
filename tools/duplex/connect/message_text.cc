// Messages as lines of a terminal.
#include "message_text.h"

#include "duplex/codec/utf8.h"

namespace duplex::tools {
namespace {

// 16 for what is no digit.
unsigned digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

constexpr std::string_view digits = "0123456789abcdef";

std::string escaped(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return {'\\', 'x', digits[value >> 4], digits[value & 15]};
}

bool is_c0(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

// U+0080 to U+009F, in UTF-8.
bool starts_c1(std::string_view text) noexcept {
  return text.size() > 1 && text[0] == '\xc2' && static_cast<unsigned char>(text[1]) < 0xa0;
}

bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::string hex_text(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    if (!text.empty()) text += ' ';
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

std::optional<std::vector<std::byte>> parse_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  while (!text.empty()) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 2) return std::nullopt;
    const unsigned high = digit_value(text[0]);
    const unsigned low = digit_value(text[1]);
    if (high > 15 || low > 15) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(high << 4 | low));
    text.remove_prefix(2);
  }
  return bytes;
}

std::string printable(std::string_view text) {
  const bool valid = codec::is_valid_utf8(as_bytes(text));
  std::string shown;
  while (!text.empty()) {
    const std::size_t size = starts_c1(text) ? 2 : 1;
    const bool escape = size == 2 || is_c0(text[0]) || (!valid && !is_ascii(text[0]));
    for (const char c : text.substr(0, size)) shown += escape ? escaped(c) : std::string(1, c);
    text.remove_prefix(size);
  }
  return shown;
}

std::optional<endpoint::HeaderField> parse_header(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  std::string_view value = text.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  return endpoint::HeaderField{.name = std::string(text.substr(0, colon)),
                               .value = std::string(value)};
}

}  // namespace duplex::tools
