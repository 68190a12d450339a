// What others say, for a terminal.
#include "printable.h"

#include "duplex/base/bytes.h"
#include "duplex/codec/utf8.h"

namespace duplex::tools {
namespace {

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

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : printable(text)) {
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\t') {
      line += "\\t";
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace duplex::tools
