// Field lines, byte by byte: RFC 9112 section 5.
#include <cstring>

#include "duplex/http/head_scanner.h"
#include "http/character.h"

namespace duplex::http {
namespace {

constexpr std::uint64_t repeat(std::uint8_t byte) { return 0x0101010101010101U * byte; }

// True when one of the eight bytes may be outside of VCHAR, SP and obs-text. Exact for single
// bytes; a borrow can only add a false alarm, which costs a slower look.
bool has_control(std::uint64_t bytes) noexcept {
  const std::uint64_t below_space = (bytes - repeat(0x20)) & ~bytes;
  const std::uint64_t without_delete = bytes ^ repeat(0x7F);
  const std::uint64_t deletes = (without_delete - repeat(1)) & ~without_delete;
  return ((below_space | deletes) & repeat(0x80)) != 0;
}

// Values are most of a head, hence eight bytes at a time.
void skip_value(Cursor& in) noexcept {
  while (in.end - in.at >= sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, in.bytes + in.at, sizeof(bytes));
    if (has_control(bytes)) break;
    in.at += sizeof(bytes);
  }
  while (!in.empty() && is(in.front(), CharacterClass::field_value)) ++in.at;
}

HttpError error_in_name(char c) noexcept {
  if (is_space(c)) return HttpError::whitespace_before_colon;
  if (c == '\r') return HttpError::missing_colon;
  if (c == '\n') return HttpError::bare_lf;
  return HttpError::invalid_field_name;
}

}  // namespace

HttpError FieldScanner::scan(Cursor& in, const ParserLimits& limits, std::vector<Field>* fields) {
  while (!in.empty() && !complete()) {
    const HttpError error = step(in, limits, fields);
    if (error != HttpError::none) return error;
  }
  return HttpError::none;
}

HttpError FieldScanner::step(Cursor& in, const ParserLimits& limits, std::vector<Field>* fields) {
  switch (state_) {
    case State::line_begin:
      return scan_line_begin(in, limits);
    case State::name:
      return scan_name(in);
    case State::before_value:
      while (!in.empty() && is_space(in.front())) ++in.at;
      value_begin_ = in.at;
      if (!in.empty()) state_ = State::value;
      return HttpError::none;
    case State::value:
      return scan_value(in, fields);
    case State::line_end:
      return scan_line_feed(in, State::line_begin);
    default:
      return scan_line_feed(in, State::complete);
  }
}

HttpError FieldScanner::scan_line_begin(Cursor& in, const ParserLimits& limits) noexcept {
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

HttpError FieldScanner::scan_name(Cursor& in) noexcept {
  while (!in.empty() && is(in.front(), CharacterClass::token)) ++in.at;
  if (in.empty()) return HttpError::none;
  // No white space is allowed before the colon, section 5.1.
  if (in.front() != ':') return error_in_name(in.front());
  name_end_ = in.at++;
  state_ = State::before_value;
  return HttpError::none;
}

HttpError FieldScanner::scan_value(Cursor& in, std::vector<Field>* fields) {
  skip_value(in);
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

HttpError FieldScanner::scan_line_feed(Cursor& in, State next) noexcept {
  if (in.front() != '\n') return HttpError::bare_cr;
  ++in.at;
  state_ = next;
  return HttpError::none;
}

}  // namespace duplex::http
