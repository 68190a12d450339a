// What went over the wire in a case.
#include "transcript.h"

#include "frame_writer.h"

namespace duplex::tools::suite {
namespace {

bool is_http(std::string_view bytes) {
  return bytes.find(" HTTP/") != std::string_view::npos || bytes.starts_with("HTTP/");
}

std::string escaped(char c) {
  if (c == '\r') return "\\r";
  if (c == '\n') return "\\n";
  const auto value = static_cast<unsigned char>(c);
  const bool is_plain = value >= 0x20 && value <= 0x7E && c != '\\';
  return is_plain ? std::string(1, c) : "\\x" + hex(std::string_view(&c, 1));
}

std::string quoted(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += c == '"' ? "\\x22" : escaped(c);
  return '"' + text + '"';
}

}  // namespace

std::string printable(std::string_view bytes) {
  constexpr std::size_t longest = 200;
  std::string text;
  for (const char c : bytes.substr(0, longest)) text += escaped(c);
  return bytes.size() > longest ? text + " …" : text;
}

std::string show_bytes(std::string_view bytes, std::size_t size, std::size_t limit,
                       std::size_t http_limit) {
  const bool http = is_http(bytes);
  const std::string_view shown = bytes.substr(0, http ? http_limit : limit);
  const std::string text = http ? quoted(shown) : hex(shown);
  const std::size_t more = size - shown.size();
  return more == 0 ? text : text + " … (" + std::to_string(more) + " more bytes)";
}

void Transcript::add(Direction direction, std::string_view bytes, std::chrono::microseconds at) {
  sides_[direction == Direction::sent ? 0 : 1].add(bytes);
  if (entries_.size() == max_entries) {
    ++left_out_;
    return;
  }
  entries_.push_back({.direction = direction,
                      .at = at,
                      .size = bytes.size(),
                      .head = std::string(bytes.substr(0, head_size))});
}

// What comes after HTTP takes the place of it.
void Transcript::Side::add(std::string_view bytes) {
  const bool is_frames = !is_http(bytes.substr(0, head_size));
  if (is_opening && is_frames) *this = {.is_opening = false};
  head += bytes.substr(0, side_size - head.size());
  size += bytes.size();
}

std::string Transcript::bytes(Direction direction, Detail detail) const {
  const Side& side = sides_[direction == Direction::sent ? 0 : 1];
  if (side.size == 0) return "nothing";
  if (detail == Detail::whole) return show_bytes(side.head, side.size, side_size, side_size);
  constexpr std::size_t brief_http = 1024;  // with every field of the suite's usual openings
  return show_bytes(side.head, side.size, 40, brief_http);
}

}  // namespace duplex::tools::suite
