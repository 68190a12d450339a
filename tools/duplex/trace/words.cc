// Names and one-line texts.
#include "words.h"

#include "measure/format.h"

namespace duplex::tools::trace {
namespace {

void append_flag(std::string& text, bool set, std::string_view name) {
  if (!set) return;
  if (!text.empty()) text += ' ';
  text += name;
}

void append_item(std::string& text, const std::string& item) {
  if (!text.empty()) text += ", ";
  text += item;
}

}  // namespace

std::string mac_text(const MacAddress& address) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t part : address) {
    if (!text.empty()) text += ':';
    text += digits[part >> 4];
    text += digits[part & 15];
  }
  return text;
}

std::string flags_text(const TcpHeader& header) {
  std::string text;
  append_flag(text, header.syn, "SYN");
  append_flag(text, header.fin, "FIN");
  append_flag(text, header.rst, "RST");
  append_flag(text, header.psh, "PSH");
  append_flag(text, header.urg, "URG");
  append_flag(text, header.ack, "ACK");
  return text.empty() ? "no flags" : text;
}

std::string options_text(const TcpOptions& options) {
  std::string text;
  if (options.max_segment_size) {
    append_item(text, "MSS " + std::to_string(*options.max_segment_size));
  }
  if (options.sack_permitted) append_item(text, "SACK");
  if (options.timestamps) append_item(text, "TS");
  if (options.window_scale) append_item(text, "WS 2^" + std::to_string(*options.window_scale));
  for (const SackBlock& block : options.sack) {
    append_item(text, "SACK " + std::to_string(block.begin) + "-" + std::to_string(block.end));
  }
  if (options.unknown_count > 0) {
    append_item(text, std::to_string(options.unknown_count) + " other");
  }
  if (options.malformed) append_item(text, "malformed options");
  return text;
}

std::string time_text(std::chrono::nanoseconds time) {
  if (time.count() == 0) return "0 µs";
  return measure::format_duration(time);
}

}  // namespace duplex::tools::trace
