// Reads Server-Sent Events: WHATWG HTML sections 9.2.5 and 9.2.6.
#include <charconv>
#include <cstdint>

#include "duplex/http/event_stream.h"

namespace duplex::http {

std::optional<StreamEvent> EventStreamReader::next_event() {
  if (delivered_) {
    type_.clear();
    data_.clear();
    delivered_ = false;
  }
  while (!input_.empty()) {
    const auto line = take_line();
    if (line && process(*line)) {
      const auto type = type_.empty() ? std::string_view("message") : std::string_view(type_);
      return StreamEvent{.type = type, .data = data_, .id = last_event_id_};
    }
  }
  return std::nullopt;
}

// LF, CR LF and CR end a line. A CR ends it at once, so that an event is not held back by waiting
// for an LF; one that comes later is skipped.
std::optional<std::string_view> EventStreamReader::take_line() {
  if (failed_) return fail(), std::nullopt;
  if (skip_line_feed_ && input_.front() == '\n') input_.remove_prefix(1);
  skip_line_feed_ = false;
  if (line_is_whole_) line_.clear();
  line_is_whole_ = false;
  const std::size_t end = input_.find_first_of("\r\n");
  const std::string_view piece = input_.substr(0, end);
  if (line_.size() + piece.size() + data_.size() > max_event_size_) return fail(), std::nullopt;
  line_is_whole_ = end != std::string_view::npos;
  skip_line_feed_ = line_is_whole_ && input_[end] == '\r';
  input_.remove_prefix(line_is_whole_ ? end + 1 : piece.size());
  if (line_is_whole_ && line_.empty()) return piece;
  line_ += piece;
  return line_is_whole_ ? std::optional<std::string_view>(line_) : std::nullopt;
}

void EventStreamReader::fail() noexcept {
  failed_ = true;
  input_ = {};
}

// True when the line ends an event that is to be delivered.
bool EventStreamReader::process(std::string_view line) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (first_line_ && line.starts_with(byte_order_mark)) {
    line.remove_prefix(byte_order_mark.size());
  }
  first_line_ = false;
  if (line.empty()) return dispatch();
  const std::size_t colon = line.find(':');
  if (colon == 0) return false;  // a comment
  std::string_view value;
  if (colon != std::string_view::npos) value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  process_field(line.substr(0, colon), value);
  return false;
}

void EventStreamReader::process_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    data_.append(value).append("\n");
  } else if (name == "event") {
    type_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) id_ = value;
  } else if (name == "retry") {
    set_retry(value);
  }
}

void EventStreamReader::set_retry(std::string_view value) noexcept {
  std::uint32_t milliseconds = 0;
  const char* end = value.data() + value.size();
  const auto result = std::from_chars(value.data(), end, milliseconds);
  if (result.ec == std::errc() && result.ptr == end) {
    retry_ = std::chrono::milliseconds(milliseconds);
  }
}

bool EventStreamReader::dispatch() {
  last_event_id_ = id_;
  if (data_.empty()) {
    type_.clear();
    return false;
  }
  data_.pop_back();
  delivered_ = true;
  return true;
}

}  // namespace duplex::http
