// Server-Sent Events, text/event-stream: WHATWG HTML section 9.2. Writing and reading, no I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "duplex/base/bytes.h"

namespace duplex::http {

// What is absent or empty is not sent, except that data may be present and empty.
struct ServerSentEvent {
  std::string_view event = {};                // its type; the peer takes "message" without one
  std::optional<std::string_view> data = {};  // any lines; without data the peer sees no event
  std::optional<std::string_view> id = {};    // empty: the peer forgets its last event id
  std::string_view retry = {};                // milliseconds, decimal digits
};

// Appends the event with the empty line that ends it; each line of data becomes a field of its own,
// whether LF, CR LF or CR ended it. False, and nothing is appended, when it could be read as
// something else: CR, LF or NUL in event or id, other than digits in retry, text that is not UTF-8.
[[nodiscard]] bool append_event(std::string& out, const ServerSentEvent& event);

// A comment that keeps an idle stream alive: proxies see bytes, applications see nothing.
inline constexpr std::string_view event_stream_heartbeat = ":\n\n";

struct StreamEvent {
  std::string_view type;  // "message" unless the stream said otherwise
  std::string_view data;
  std::string_view id;  // the last event id at this event
};

// Reads a stream in pieces of any size, and is pulled: receive(), then next_event() until there is
// nothing. Bytes are not checked for UTF-8. Thread: none of its own.
class EventStreamReader {
 public:
  // An event, or any one line, of more than `max_event_size` bytes fails the stream.
  explicit EventStreamReader(std::size_t max_event_size = std::size_t{1} << 20) noexcept
      : max_event_size_(max_event_size) {}
  EventStreamReader(const EventStreamReader&) = delete;
  EventStreamReader& operator=(const EventStreamReader&) = delete;

  // `bytes` must stay until next_event() has returned nothing.
  void receive(Bytes bytes) noexcept { input_ = as_text(bytes); }

  // Its views are valid until the next call of next_event().
  std::optional<StreamEvent> next_event();

  // The limit was passed; no more events come.
  bool failed() const noexcept { return failed_; }

  std::string_view last_event_id() const noexcept { return last_event_id_; }
  // What the stream last said under "retry".
  std::optional<std::chrono::milliseconds> reconnection_time() const noexcept { return retry_; }

 private:
  std::optional<std::string_view> take_line();
  void fail() noexcept;
  bool process(std::string_view line);
  void process_field(std::string_view name, std::string_view value);
  void set_retry(std::string_view value) noexcept;
  bool dispatch();

  std::size_t max_event_size_;
  std::string_view input_ = {};
  std::string line_ = {};  // an unfinished line, or one that came in several pieces
  std::string type_ = {};
  std::string data_ = {};
  std::string id_ = {};
  std::string last_event_id_ = {};
  std::optional<std::chrono::milliseconds> retry_ = {};
  bool first_line_ = true;
  bool line_is_whole_ = false;  // line_ has been processed
  bool skip_line_feed_ = false;
  bool delivered_ = false;  // type_ and data_ have been delivered
  bool failed_ = false;
};

}  // namespace duplex::http
