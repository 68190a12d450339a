// Reads lines.
#include "line_command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "command_table.h"
#include "duplex/codec/json.h"
#include "duplex/codec/utf8.h"
#include "duplex/websocket/frame.h"
#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

constexpr std::size_t max_reason_size = websocket::max_control_payload - 2;

std::vector<std::byte> copy_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

// The first word, which is taken off `text` with the space behind it.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::size_t> number(std::string_view word) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

LineCommand bytes_of(std::string_view digits) {
  auto bytes = parse_hex(digits);
  if (bytes) return SayMessage{.text = false, .payload = *std::move(bytes)};
  return Refusal{quoted(digits) + " is not hexadecimal; write two digits a byte: 01 ab ff"};
}

LineCommand text_of(std::string_view text) {
  if (codec::is_valid_utf8(as_bytes(text))) return SayMessage{.payload = copy_of(text)};
  return Refusal{"not sent: the line is not UTF-8, which a text message has to be (see --binary)"};
}

LineCommand read_text(std::string_view argument) {
  return argument.empty() ? LineCommand(SwitchMode{LineMode::text}) : text_of(argument);
}

LineCommand read_binary(std::string_view argument) {
  if (argument.empty()) return SwitchMode{LineMode::binary};
  return SayMessage{.text = false, .payload = copy_of(argument)};
}

LineCommand read_hex(std::string_view argument) {
  return argument.empty() ? LineCommand(SwitchMode{LineMode::hex}) : bytes_of(argument);
}

LineCommand read_json(std::string_view argument) {
  if (argument.empty()) return ToggleJson{};
  const auto value = codec::parse_json(argument);
  if (value) return SayMessage{.payload = copy_of(argument)};
  return Refusal{"/json: " + quoted(argument) + " is not JSON: " + value.error().message};
}

LineCommand read_file_path(std::string_view argument) {
  if (argument.empty()) return Refusal{"/file needs a path: /file picture.png"};
  return SayFile{std::string(argument)};
}

LineCommand read_fragments(std::string_view argument) {
  const std::string_view word = take_word(argument);
  const auto count = number(word);
  if (!count || *count < 1 || *count > max_fragments) {
    return Refusal{"/frag: " + quoted(word) + " is no number of frames from 1 to " +
                   std::to_string(max_fragments) + "; write /frag 3 TEXT"};
  }
  if (!codec::is_valid_utf8(as_bytes(argument))) return Refusal{"/frag: the text is not UTF-8"};
  return SayFragments{.count = *count, .text = std::string(argument)};
}

// Section 5.5.
std::optional<Refusal> too_long_for_control(std::string_view name, std::string_view payload) {
  if (payload.size() <= websocket::max_control_payload) return std::nullopt;
  return Refusal{std::string(name) + ": " + std::to_string(payload.size()) +
                 " bytes; a control frame carries at most " +
                 std::to_string(websocket::max_control_payload) + " (RFC 6455 section 5.5)"};
}

LineCommand read_ping(std::string_view argument) {
  if (auto refusal = too_long_for_control("/ping", argument)) return *std::move(refusal);
  return SayPing{std::string(argument)};
}

LineCommand read_pong(std::string_view argument) {
  if (auto refusal = too_long_for_control("/pong", argument)) return *std::move(refusal);
  return SayPong{std::string(argument)};
}

// Section 7.4 says which codes may be sent, 5.5.1 how a reason looks.
LineCommand read_close(std::string_view argument) {
  if (argument.empty()) return SayClose{};
  const std::string_view word = take_word(argument);
  const auto code = number(word);
  if (!code || *code > 0xffff || !is_sendable(static_cast<websocket::CloseCode>(*code))) {
    return Refusal{"/close: " + quoted(word) +
                   " is no code that may be sent: 1000 to 1014 but 1004 to 1006, 3000 to 4999"};
  }
  if (argument.size() > max_reason_size || !codec::is_valid_utf8(as_bytes(argument))) {
    return Refusal{"/close: the reason has " + std::to_string(argument.size()) +
                   " bytes; at most " + std::to_string(max_reason_size) + ", and UTF-8"};
  }
  return SayClose{.code = static_cast<websocket::CloseCode>(*code),
                  .reason = std::string(argument)};
}

LineCommand read_raw(std::string_view argument) {
  LineCommand read = bytes_of(argument);
  auto* const message = std::get_if<SayMessage>(&read);
  if (message == nullptr) return read;
  if (message->payload.empty()) return Refusal{"/raw needs bytes: /raw 89 80 00 00 00 00"};
  return SayRaw{std::move(message->payload)};
}

LineCommand read_help(std::string_view) { return ShowHelp{}; }

using Known = KnownCommand<LineCommand>;

constexpr std::array known = {
    Known{"/text", "[TEXT]", "a text message; alone: lines are text from here on", read_text},
    Known{"/binary", "[TEXT]", "a binary message; alone: lines are binary from here on",
          read_binary},
    Known{"/hex", "[DIGITS]", "a binary message in hexadecimal; alone: lines are hexadecimal",
          read_hex},
    Known{"/json", "[VALUE]", "a text message that is JSON; alone: indent what comes, or not",
          read_json},
    Known{"/file", "PATH", "the file as one message, text or binary as lines are", read_file_path},
    Known{"/frag", "N TEXT", "a text message in N frames", read_fragments},
    Known{"/ping", "[TEXT]", "a ping; its pong is shown with the round trip", read_ping},
    Known{"/pong", "[TEXT]", "a pong that nobody asked for", read_pong},
    Known{"/close", "[CODE [REASON]]", "the closing handshake", read_close},
    Known{"/raw", "DIGITS", "these bytes as they are, frames or not, masked or not", read_raw},
    Known{"/help", "", "this list", read_help},
};

}  // namespace

LineCommand read_plain_line(std::string_view line, LineMode mode) {
  if (mode == LineMode::text) return text_of(line);
  if (mode == LineMode::hex) return bytes_of(line);
  return SayMessage{.text = false, .payload = copy_of(line)};
}

LineCommand read_line(std::string_view line, LineMode mode) {
  if (line.starts_with("//")) return read_plain_line(line.substr(1), mode);
  if (!line.starts_with('/')) return read_plain_line(line, mode);
  std::string_view argument = line;
  const std::string_view name = take_word(argument);
  const Known* const found = find_command(known, name);
  if (found != nullptr) return found->read(argument);
  return Refusal{quoted(name) + " is no command (see /help); '/" + std::string(line) +
                 "' sends the line itself"};
}

std::vector<std::string> command_help() {
  std::vector<std::string> lines = help_lines(known, 24);
  lines.push_back(measure::pad_right("//TEXT", 24) + "the line /TEXT");
  return lines;
}

std::vector<std::string_view> complete_command(std::string_view beginning) {
  return names_that_begin(known, beginning);
}

}  // namespace duplex::tools
