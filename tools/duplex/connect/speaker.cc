// Carries out lines on a connection.
#include "speaker.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "duplex/codec/utf8.h"
#include "ending.h"
#include "input.h"

namespace duplex::tools {
namespace {

struct FileContent {
  std::string bytes = {};
  std::string problem = {};
};

FileContent read_content(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"),
                                                             std::fclose);
  FileContent content;
  std::array<char, 65536> part;
  while (const std::size_t size = file ? std::fread(part.data(), 1, part.size(), file.get()) : 0) {
    content.bytes.append(part.data(), size);
    if (content.bytes.size() <= max_line_size) continue;
    content.problem = "/file: " + path + " is larger than " + std::to_string(max_line_size >> 20) +
                      " MiB, which a message may have";
    return content;
  }
  if (file && std::ferror(file.get()) == 0) return content;
  content.problem = "/file: cannot read " + path + ": " + std::system_category().message(errno);
  return content;
}

std::string_view name_of(LineMode mode) {
  if (mode == LineMode::text) return "text";
  return mode == LineMode::binary ? "binary" : "hexadecimal, binary";
}

// The first bytes of a piece when `pieces` of them share what is left.
std::string_view take_piece(std::string_view& rest, std::size_t pieces) {
  const std::string_view piece = rest.substr(0, (rest.size() + pieces - 1) / pieces);
  rest.remove_prefix(piece.size());
  return piece;
}

}  // namespace

Speaker::Speaker(SpeakerOptions options) : options_(std::move(options)) {}

Speaker::Outcome Speaker::speak(Connection& peer, const std::string& line) {
  const LineCommand command =
      options_.commands ? read_line(line, options_.mode) : read_plain_line(line, options_.mode);
  return std::visit([&](const auto& wish) { return carry_out(peer, wish); }, command);
}

Speaker::Outcome Speaker::said(const Connection& peer, SendStatus status, Saying what,
                               Bytes payload) {
  Outcome outcome{.status = status};
  if (status != SendStatus::refused) {
    if (options_.on_said) options_.on_said(what, payload);
  } else if (peer.is_open()) {
    outcome.problem =
        "not sent: " + std::to_string(payload.size()) + " bytes are more than may wait to be sent";
  }
  return outcome;
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayMessage& message) {
  const SendStatus status = peer.send(
      {.opcode = message.text ? Opcode::text : Opcode::binary, .payload = message.payload});
  return said(peer, status, message.text ? Saying::text : Saying::binary, message.payload);
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayFragments& fragments) {
  std::string_view rest = fragments.text;
  SendStatus status = SendStatus::ok;
  for (std::size_t left = fragments.count; left > 0 && status != SendStatus::refused; --left) {
    const Opcode opcode = left == fragments.count ? Opcode::text : Opcode::continuation;
    status = peer.send_fragment(opcode, as_bytes(take_piece(rest, left)), left == 1);
  }
  return said(peer, status, Saying::text, as_bytes(fragments.text));
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayFile& file) {
  const FileContent content = read_content(file.path);
  if (!content.problem.empty()) return {.problem = content.problem};
  const Bytes bytes = as_bytes(content.bytes);
  if (options_.mode != LineMode::text) {
    return said(peer, peer.send_binary(bytes), Saying::binary, bytes);
  }
  if (codec::is_valid_utf8(bytes)) {
    return said(peer, peer.send_text(content.bytes), Saying::text, bytes);
  }
  return {.problem = "/file: " + file.path +
                     " is not UTF-8, which a text message has to be; /binary comes first"};
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayPing& ping) {
  const std::string payload =
      ping.payload.empty() ? "ping " + std::to_string(++ping_count_) : ping.payload;
  return said(peer, peer.ping(as_bytes(payload)), Saying::ping, as_bytes(payload));
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayPong& pong) {
  return said(peer, peer.pong(as_bytes(pong.payload)), Saying::pong, as_bytes(pong.payload));
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayClose& close) {
  peer.close(close.code, close.reason);
  return said(peer, SendStatus::ok, Saying::close,
              as_bytes(close_payload(close.code, close.reason)));
}

Speaker::Outcome Speaker::carry_out(Connection& peer, const SayRaw& raw) {
  if (!options_.write_raw) return {.problem = "/raw: nothing here can be written to"};
  // Between two frames, and not within one.
  if (peer.queued_bytes() > 0) return {.too_early = true};
  std::string problem = options_.write_raw(raw.bytes);
  if (problem.empty() && options_.on_said) options_.on_said(Saying::raw, raw.bytes);
  return {.problem = std::move(problem)};
}

Speaker::Outcome Speaker::carry_out(Connection&, const SwitchMode& mode) {
  options_.mode = mode.mode;
  return {.notes = {"lines are " + std::string(name_of(mode.mode)) + " messages from here on"}};
}

Speaker::Outcome Speaker::carry_out(Connection&, const ToggleJson&) {
  options_.indent_json = !options_.indent_json;
  return {.notes = {options_.indent_json ? "messages that are JSON are indented from here on"
                                         : "messages are shown as they come from here on"}};
}

Speaker::Outcome Speaker::carry_out(Connection&, const ShowHelp&) {
  return {.notes = command_help()};
}

Speaker::Outcome Speaker::carry_out(Connection&, const Refusal& refusal) {
  return {.problem = refusal.why};
}

}  // namespace duplex::tools
