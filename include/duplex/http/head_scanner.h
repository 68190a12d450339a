// Incremental scanners for the parts of a message head: RFC 9112 sections 3, 4 and 5.
//
// Each looks at every byte once and refuses at the first one that cannot be, so that the way the
// bytes are cut into reads changes nothing. They keep positions, never bytes: the caller keeps the
// head together and says where it begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "duplex/http/error.h"
#include "duplex/http/limits.h"
#include "duplex/http/message.h"

namespace duplex::http {

// The bytes from the beginning of a head; [at, end) have not been looked at.
struct Cursor {
  const char* bytes = nullptr;
  std::size_t at = 0;
  std::size_t end = 0;

  bool empty() const noexcept { return at == end; }
  char front() const noexcept { return bytes[at]; }
};

// method SP request-target SP HTTP-version CRLF, after at most one empty line (section 2.2).
class RequestLine {
 public:
  HttpError scan(Cursor& in, const ParserLimits& limits) noexcept;
  bool complete() const noexcept { return state_ == State::complete; }
  // Points the views of `request` into the head that begins at `bytes`.
  void fill(Request& request, const char* bytes) const noexcept;

 private:
  enum class State : std::uint8_t {
    start,
    empty_line_end,
    method,
    target,
    escape_first,
    escape_second,
    version,
    complete,
  };
  struct Range {
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  HttpError step(Cursor& in, const ParserLimits& limits) noexcept;
  HttpError scan_start(Cursor& in) noexcept;
  HttpError scan_method(Cursor& in, const ParserLimits& limits) noexcept;
  HttpError finish_method(std::string_view method) noexcept;
  HttpError scan_target(Cursor& in, const ParserLimits& limits) noexcept;
  HttpError leave_target(Cursor& in) noexcept;
  HttpError finish_target(const char* bytes) noexcept;
  HttpError split_absolute_form(std::string_view target) noexcept;
  HttpError scan_escape(Cursor& in) noexcept;
  HttpError scan_version(Cursor& in) noexcept;

  State state_ = State::start;
  std::uint8_t version_size_ = 0;  // characters of "HTTP/1.1\r\n" seen
  char major_version_ = 0;
  char minor_version_ = 0;
  bool escape_begins_with_zero_ = false;
  bool has_query_ = false;
  bool is_options_ = false;
  Range method_ = {};
  Range target_ = {};
  Range path_ = {};  // of size 0: the path is "/"
  std::size_t query_begin_ = 0;
};

// HTTP-version SP status-code SP [ reason-phrase ] CRLF.
class StatusLine {
 public:
  HttpError scan(Cursor& in, const ParserLimits& limits) noexcept;
  bool complete() const noexcept { return state_ == State::complete; }
  void fill(Response& response, const char* bytes) const noexcept;

 private:
  enum class State : std::uint8_t { fixed_part, reason, end, complete };

  HttpError step(Cursor& in) noexcept;
  HttpError scan_fixed_part(Cursor& in) noexcept;
  HttpError finish_fixed_part(const char* bytes, std::size_t end) noexcept;
  HttpError scan_reason(Cursor& in) noexcept;

  State state_ = State::fixed_part;
  std::uint8_t minor_version_ = 0;
  std::uint16_t status_ = 0;
  std::size_t size_ = 0;  // characters of the fixed part seen
  std::size_t reason_begin_ = 0;
  std::size_t reason_end_ = 0;
};

// Field lines up to and with the empty line that ends them.
class FieldScanner {
 public:
  // Complete fields are appended to `fields`, as views of in.bytes. Without `fields` they are
  // checked and dropped, and in.bytes may begin anywhere.
  HttpError scan(Cursor& in, const ParserLimits& limits, std::vector<Field>* fields);
  bool complete() const noexcept { return state_ == State::complete; }

 private:
  enum class State : std::uint8_t {
    line_begin,
    name,
    before_value,
    value,
    line_end,
    section_end,
    complete,
  };

  HttpError step(Cursor& in, const ParserLimits& limits, std::vector<Field>* fields);
  HttpError begin_line(Cursor& in, const ParserLimits& limits) noexcept;
  HttpError scan_name(Cursor& in) noexcept;
  void skip_space(Cursor& in) noexcept;
  HttpError scan_value(Cursor& in, std::vector<Field>* fields);
  HttpError scan_line_feed(Cursor& in, State next) noexcept;

  State state_ = State::line_begin;
  std::size_t count_ = 0;
  std::size_t name_begin_ = 0;
  std::size_t name_end_ = 0;
  std::size_t value_begin_ = 0;
};

}  // namespace duplex::http
