// The status line, byte by byte: RFC 9112 section 4.
#include "duplex/http/head_scanner.h"
#include "http/cursor.h"

namespace duplex::http {
namespace {

constexpr std::string_view fixed_part = "HTTP/#.# ### ";
constexpr std::size_t version_size = 8;
constexpr std::size_t status_begin = 9;

}  // namespace

HttpError StatusLine::scan(Cursor& in, const ParserLimits&) noexcept {
  while (!in.empty() && !complete()) {
    const HttpError error = step(in);
    if (error != HttpError::none) return error;
  }
  return HttpError::none;
}

HttpError StatusLine::step(Cursor& in) noexcept {
  switch (state_) {
    case State::fixed_part:
      return scan_fixed_part(in);
    case State::reason:
      return scan_reason(in);
    default:
      if (in.front() != '\n') return HttpError::bare_cr;
      ++in.at;
      state_ = State::complete;
      return HttpError::none;
  }
}

HttpError StatusLine::scan_fixed_part(Cursor& in) noexcept {
  const char c = in.front();
  const char expected = fixed_part[size_];
  if (expected == '#' ? !is_digit(c) : c != expected) {
    return size_ < version_size ? HttpError::invalid_version : HttpError::invalid_status;
  }
  ++in.at;
  ++size_;
  return size_ == fixed_part.size() ? finish_fixed_part(in.bytes, in.at) : HttpError::none;
}

HttpError StatusLine::finish_fixed_part(const char* bytes, std::size_t end) noexcept {
  const std::string_view text(bytes + end - fixed_part.size(), fixed_part.size());
  if (text[5] != '1' || text[7] > '1') return HttpError::unsupported_version;
  minor_version_ = static_cast<std::uint8_t>(text[7] - '0');
  for (const char c : text.substr(status_begin, 3)) {
    status_ = static_cast<std::uint16_t>(status_ * 10 + (c - '0'));
  }
  if (status_ < 100 || status_ > 599) return HttpError::invalid_status;  // RFC 9110 section 15
  reason_begin_ = end;
  state_ = State::reason;
  return HttpError::none;
}

HttpError StatusLine::scan_reason(Cursor& in) noexcept {
  skip(in, CharacterClass::field_value, in.end);
  if (in.empty()) return HttpError::none;
  if (in.front() == '\n') return HttpError::bare_lf;
  if (in.front() != '\r') return HttpError::invalid_reason;
  reason_end_ = in.at++;
  state_ = State::end;
  return HttpError::none;
}

void StatusLine::fill(Response& response, const char* bytes) const noexcept {
  response.status = status_;
  response.reason = {bytes + reason_begin_, reason_end_ - reason_begin_};
  response.minor_version = minor_version_;
}

}  // namespace duplex::http
