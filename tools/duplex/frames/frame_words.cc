// Names and one-line texts.
#include "frame_words.h"

#include <algorithm>
#include <array>

namespace duplex::tools {
namespace {

struct CodeWords {
  std::uint16_t code;
  std::string_view words;
};

constexpr std::array close_codes = {
    CodeWords{1000, "normal: the purpose of the connection has been fulfilled"},
    CodeWords{1001, "going away: the server shuts down, or the page has been left"},
    CodeWords{1002, "protocol error: the other side broke the rules"},
    CodeWords{1003, "unsupported data: a kind of message that is not accepted here"},
    CodeWords{1005, "no code was given (never on the wire)"},
    CodeWords{1006, "ended without a Close frame (never on the wire)"},
    CodeWords{1007, "invalid payload: text that is not UTF-8"},
    CodeWords{1008, "policy violation: refused for a reason that has no code of its own"},
    CodeWords{1009, "message too big"},
    CodeWords{1010, "mandatory extension: the client wanted one that the server did not agree to"},
    CodeWords{1011, "internal error of the server"},
    CodeWords{1012, "service restart"},
    CodeWords{1013, "try again later"},
    CodeWords{1014, "bad gateway"},
    CodeWords{1015, "TLS failed (never on the wire)"},
};

// Without a part of a character at the end.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(4, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return text;
    if (byte < 0xC0) continue;
    const std::size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return back < needed ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

}  // namespace

std::string_view side_name(Side side) noexcept {
  return side == Side::client ? "client" : "server";
}

std::string opcode_name(websocket::Opcode opcode) {
  switch (opcode) {
    case websocket::Opcode::continuation:
      return "CONTINUATION";
    case websocket::Opcode::text:
      return "TEXT";
    case websocket::Opcode::binary:
      return "BINARY";
    case websocket::Opcode::close:
      return "CLOSE";
    case websocket::Opcode::ping:
      return "PING";
    case websocket::Opcode::pong:
      return "PONG";
  }
  return "RESERVED OPCODE " + std::to_string(static_cast<unsigned>(opcode));
}

std::string close_code_words(std::uint16_t code) {
  const auto* found = std::find_if(close_codes.begin(), close_codes.end(),
                                   [code](const CodeWords& known) { return known.code == code; });
  if (found != close_codes.end()) return std::string(found->words);
  if (code >= 3000 && code <= 3999) return "a code of a library or framework, registered with IANA";
  if (code >= 4000 && code <= 4999) return "a code of the application's own";
  return "a code that must not be used";
}

std::string one_line(std::string_view text, std::size_t shown, std::uint64_t size) {
  if (text.size() <= shown && size <= text.size()) return one_line(text);
  return one_line(whole_characters(text.substr(0, shown))) + " …";
}

std::string bytes_text(std::uint64_t size) {
  return std::to_string(size) + (size == 1 ? " byte" : " bytes");
}

}  // namespace duplex::tools
