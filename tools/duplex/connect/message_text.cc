// Messages as lines of a terminal.
#include "message_text.h"

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

std::optional<endpoint::HeaderField> parse_header(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  std::string_view value = text.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  return endpoint::HeaderField{.name = std::string(text.substr(0, colon)),
                               .value = std::string(value)};
}

}  // namespace duplex::tools
