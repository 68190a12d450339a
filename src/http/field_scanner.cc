// Field lines, byte by byte: RFC 9112 section 5.
#include "duplex/http/head_scanner.h"
#include "http/cursor.h"
#include "http/value_scan.h"

namespace duplex::http {
namespace {

HttpError error_in_name(char c) noexcept {
  if (is_space(c)) return HttpError::whitespace_before_colon;
  if (c == '\r') return HttpError::missing_colon;
  if (c == '\n') return HttpError::bare_lf;
  return HttpError::invalid_field_name;
}

}  // namespace

HttpError FieldScanner::scan(Cursor& in, const ParserLimits& limits, std::vector<Field>* fields) {
  Cursor cursor = in;  // a copy that nobody else sees lives in registers
  HttpError error = HttpError::none;
  while (!cursor.empty() && !complete() && error == HttpError::none) {
    error = step(cursor, limits, fields);
  }
  in.at = cursor.at;
  return error;
}

// A state that has done its part falls into the next one; it has not when more input is needed or
// something is wrong, and then the state is still the same.
inline HttpError FieldScanner::step(Cursor& in, const ParserLimits& limits,
                                    std::vector<Field>* fields) {
  HttpError error = HttpError::none;
  switch (state_) {
    case State::line_begin:
      error = begin_line(in, limits);
      if (state_ != State::name) return error;
      [[fallthrough]];
    case State::name:
      error = scan_name(in);
      if (state_ != State::before_value) return error;
      [[fallthrough]];
    case State::before_value:
      skip_space(in);
      if (state_ != State::value) return error;
      [[fallthrough]];
    case State::value:
      error = scan_value(in, fields);
      if (state_ != State::line_end || in.empty()) return error;
      [[fallthrough]];
    case State::line_end:
      return scan_line_feed(in, State::line_begin);
    default:
      return scan_line_feed(in, State::complete);
  }
}

inline HttpError FieldScanner::begin_line(Cursor& in, const ParserLimits& limits) noexcept {
  const char c = in.front();
  if (is(c, CharacterClass::token)) {
    if (count_ == limits.max_field_count) return HttpError::too_many_fields;
    ++count_;
    name_begin_ = in.at;
    state_ = State::name;
    return HttpError::none;
  }
  if (is_space(c)) return HttpError::obsolete_folding;  // section 5.2
  if (c != '\r') return c == '\n' ? HttpError::bare_lf : HttpError::invalid_field_name;
  ++in.at;
  state_ = State::section_end;
  return HttpError::none;
}

inline HttpError FieldScanner::scan_name(Cursor& in) noexcept {
  skip(in, CharacterClass::token, in.end);
  if (in.empty()) return HttpError::none;
  // No white space is allowed before the colon, section 5.1.
  if (in.front() != ':') return error_in_name(in.front());
  name_end_ = in.at++;
  state_ = State::before_value;
  return HttpError::none;
}

inline void FieldScanner::skip_space(Cursor& in) noexcept {
  while (!in.empty() && is_space(in.front())) ++in.at;
  value_begin_ = in.at;
  if (!in.empty()) state_ = State::value;
}

inline HttpError FieldScanner::scan_value(Cursor& in, std::vector<Field>* fields) {
  const char* stop = skip_value(in.bytes + in.at, in.bytes + in.end);
  in.at = static_cast<std::size_t>(stop - in.bytes);
  if (in.empty()) return HttpError::none;
  if (in.front() == '\n') return HttpError::bare_lf;
  if (in.front() != '\r') return HttpError::invalid_field_value;
  if (fields != nullptr) {
    std::size_t end = in.at;
    while (end > value_begin_ && is_space(in.bytes[end - 1])) --end;
    fields->push_back({.name = {in.bytes + name_begin_, name_end_ - name_begin_},
                       .value = {in.bytes + value_begin_, end - value_begin_}});
  }
  ++in.at;
  state_ = State::line_end;
  return HttpError::none;
}

inline HttpError FieldScanner::scan_line_feed(Cursor& in, State next) noexcept {
  if (in.front() != '\n') return HttpError::bare_cr;
  ++in.at;
  state_ = next;
  return HttpError::none;
}

}  // namespace duplex::http
