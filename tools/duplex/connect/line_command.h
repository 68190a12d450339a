// What a line asks for: a message, or a command that begins with a slash. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/websocket/close_code.h"

namespace duplex::tools {

enum class LineMode : std::uint8_t {
  text,    // a line is a text message
  binary,  // a line's bytes are a binary message
  hex,     // a line's digits are the bytes of a binary message; binary ones are shown like that
};

struct SayMessage {
  bool text = true;
  std::vector<std::byte> payload = {};
};
struct SayFragments {  // of one text message
  std::size_t count = 1;
  std::string text = {};
};
struct SayFile {
  std::string path = {};
};
struct SayPing {
  std::string payload = {};  // empty: one that is told apart from others
};
struct SayPong {
  std::string payload = {};
};
struct SayClose {
  websocket::CloseCode code = websocket::CloseCode::normal_closure;
  std::string reason = {};
};
struct SayRaw {  // bytes as they are, whether they are frames or not
  std::vector<std::byte> bytes = {};
};
struct SwitchMode {
  LineMode mode = LineMode::text;
};
struct ToggleJson {};
struct ShowHelp {};
struct Refusal {  // a sentence: what was typed, and what is allowed
  std::string why = {};
};

using LineCommand = std::variant<SayMessage, SayFragments, SayFile, SayPing, SayPong, SayClose,
                                 SayRaw, SwitchMode, ToggleJson, ShowHelp, Refusal>;

inline constexpr std::size_t max_fragments = 1000;  // of /frag

// A line as it is, in this mode.
LineCommand read_plain_line(std::string_view line, LineMode mode);
// The same, but for lines that begin with a slash; two of them stand for one.
LineCommand read_line(std::string_view line, LineMode mode);

// A line for each command.
std::vector<std::string> command_help();
// The names that begin so: "/p" is "/ping" and "/pong".
std::vector<std::string_view> complete_command(std::string_view beginning);

}  // namespace duplex::tools
