// Writes Server-Sent Events: WHATWG HTML section 9.2.5.
#include "duplex/http/event_stream.h"

#include <algorithm>

#include "duplex/codec/utf8.h"
#include "http/character.h"

namespace duplex::http {
namespace {

bool is_utf8(std::string_view text) noexcept { return codec::is_valid_utf8(as_bytes(text)); }

bool is_one_line(std::string_view text) noexcept {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos &&
         is_utf8(text);
}

bool is_sendable(const ServerSentEvent& event) noexcept {
  return is_one_line(event.event) && is_one_line(event.id.value_or("")) &&
         is_utf8(event.data.value_or("")) &&
         std::all_of(event.retry.begin(), event.retry.end(), is_digit);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\n");
}

void append_data(std::string& out, std::string_view data) {
  for (;;) {
    const std::size_t end = data.find_first_of("\r\n");
    append_field(out, "data", data.substr(0, end));
    if (end == std::string_view::npos) return;
    const bool pair = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (pair ? 2 : 1));
  }
}

}  // namespace

bool append_event(std::string& out, const ServerSentEvent& event) {
  if (!is_sendable(event)) return false;
  if (!event.event.empty()) append_field(out, "event", event.event);
  if (event.id) append_field(out, "id", *event.id);
  if (!event.retry.empty()) append_field(out, "retry", event.retry);
  if (event.data) append_data(out, *event.data);
  out += '\n';
  return true;
}

}  // namespace duplex::http
