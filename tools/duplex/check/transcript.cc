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

std::string show_bytes(std::string_view bytes, std::size_t size, std::size_t limit) {
  const bool http = is_http(bytes);
  const std::string_view shown = bytes.substr(0, http ? 4 * limit : limit);
  std::string text = http ? quoted(shown) : hex(shown);
  if (shown.size() < size) text += " … (" + std::to_string(size) + " bytes)";
  return text;
}

void Transcript::add(Direction direction, std::string_view bytes, std::chrono::microseconds at) {
  if (entries_.size() == max_entries) {
    ++left_out_;
    return;
  }
  entries_.push_back({.direction = direction,
                      .at = at,
                      .size = bytes.size(),
                      .head = std::string(bytes.substr(0, head_size))});
}

std::string Transcript::bytes(Direction direction) const {
  std::string head;
  std::size_t size = 0;
  bool only_opening = true;
  for (const Entry& entry : entries_) {
    if (entry.direction != direction) continue;
    if (only_opening && !is_http(entry.head)) {
      only_opening = false;
      head.clear();
      size = 0;
    }
    if (head.size() == size) head += entry.head;
    size += entry.size;
  }
  return size == 0 ? "nothing" : show_bytes(head, size);
}

}  // namespace duplex::tools::suite
