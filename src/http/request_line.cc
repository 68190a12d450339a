// The request line, byte by byte: RFC 9112 section 3.
#include <algorithm>
#include <array>

#include "duplex/http/head_scanner.h"
#include "http/authority.h"
#include "http/cursor.h"

namespace duplex::http {
namespace {

constexpr std::array<std::string_view, 7> known_methods = {"GET",    "HEAD",  "POST",   "PUT",
                                                           "DELETE", "PATCH", "OPTIONS"};

// Scanning stops one byte behind the limit, where the fault shows however the bytes are cut.
std::size_t stop_of(const Cursor& in, std::size_t begin, std::size_t max_size) noexcept {
  if (in.end - begin <= max_size) return in.end;
  return std::max(in.at, begin + max_size + 1);
}

}  // namespace

HttpError RequestLine::scan(Cursor& in, const ParserLimits& limits) noexcept {
  while (!in.empty() && !complete()) {
    const HttpError error = step(in, limits);
    if (error != HttpError::none) return error;
  }
  return HttpError::none;
}

HttpError RequestLine::step(Cursor& in, const ParserLimits& limits) noexcept {
  switch (state_) {
    case State::start:
      return scan_start(in);
    case State::empty_line_end:
      if (in.front() != '\n') return HttpError::bare_cr;
      method_.begin = ++in.at;
      state_ = State::method;
      return HttpError::none;
    case State::method:
      return scan_method(in, limits);
    case State::target:
      return scan_target(in, limits);
    case State::version:
      return scan_version(in);
    default:
      return scan_escape(in);
  }
}

HttpError RequestLine::scan_start(Cursor& in) noexcept {
  if (in.front() == '\n') return HttpError::bare_lf;
  state_ = State::method;
  if (in.front() != '\r') return HttpError::none;
  // One empty line before a request is tolerated, section 2.2.
  ++in.at;
  state_ = State::empty_line_end;
  return HttpError::none;
}

HttpError RequestLine::scan_method(Cursor& in, const ParserLimits& limits) noexcept {
  const std::size_t stop = stop_of(in, method_.begin, limits.max_method_size);
  skip(in, CharacterClass::token, stop);
  method_.size = in.at - method_.begin;
  if (method_.size > limits.max_method_size) return HttpError::method_too_long;
  if (in.empty()) return HttpError::none;
  if (in.front() != ' ' || method_.size == 0) return HttpError::invalid_method;
  const HttpError error = finish_method({in.bytes + method_.begin, method_.size});
  target_.begin = ++in.at;
  state_ = State::target;
  return error;
}

// A method is judged as soon as it has ended, so that the target of an unknown one, which may have
// a form of its own, is never looked at.
HttpError RequestLine::finish_method(std::string_view method) noexcept {
  is_options_ = method == "OPTIONS";
  if (std::find(known_methods.begin(), known_methods.end(), method) != known_methods.end()) {
    return HttpError::none;
  }
  // RFC 9113 section 3.4 reserves PRI for its preface.
  return method == "PRI" ? HttpError::http2_preface : HttpError::unknown_method;
}

HttpError RequestLine::scan_target(Cursor& in, const ParserLimits& limits) noexcept {
  const std::size_t stop = stop_of(in, target_.begin, limits.max_target_size);
  skip(in, CharacterClass::target, stop);
  target_.size = in.at - target_.begin;
  if (target_.size > limits.max_target_size) return HttpError::target_too_long;
  return in.empty() ? HttpError::none : leave_target(in);
}

HttpError RequestLine::leave_target(Cursor& in) noexcept {
  switch (in.front()) {
    case ' ': {
      const HttpError error = finish_target(in.bytes);
      state_ = State::version;
      ++in.at;
      return error;
    }
    case '%':
      state_ = State::escape_first;
      break;
    case '?':
      if (!has_query_) query_begin_ = in.at + 1;
      has_query_ = true;
      break;
    case '#':
      return HttpError::fragment_in_target;
    default:
      return HttpError::invalid_target;
  }
  ++in.at;
  return HttpError::none;
}

// RFC 3986 section 2.1; an encoded NUL names nothing that we have.
HttpError RequestLine::scan_escape(Cursor& in) noexcept {
  const char c = in.front();
  if (!is(c, CharacterClass::hex_digit)) return HttpError::invalid_percent_escape;
  if (state_ == State::escape_first) {
    escape_begins_with_zero_ = c == '0';
    state_ = State::escape_second;
  } else {
    if (escape_begins_with_zero_ && c == '0') return HttpError::encoded_nul;
    state_ = State::target;
  }
  ++in.at;
  return HttpError::none;
}

// The four forms of section 3.2; authority-form belongs to CONNECT, which is not known.
HttpError RequestLine::finish_target(const char* bytes) noexcept {
  const std::string_view target(bytes + target_.begin, target_.size);
  const std::size_t path_end = has_query_ ? query_begin_ - 1 : target_.begin + target_.size;
  path_ = {target_.begin, path_end - target_.begin};
  if (target.starts_with('/')) return HttpError::none;
  if (target == "*") return is_options_ ? HttpError::none : HttpError::invalid_target_form;
  return split_absolute_form(target.substr(0, path_.size));
}

HttpError RequestLine::split_absolute_form(std::string_view target) noexcept {
  const AbsoluteForm parts = split_absolute(target);
  if (parts.authority_begin == 0) return HttpError::invalid_target_form;
  if (!is_valid_authority(parts.authority)) return HttpError::invalid_authority;
  const std::size_t skipped = parts.authority_begin + parts.authority.size();
  path_ = {target_.begin + skipped, target.size() - skipped};
  return HttpError::none;
}

HttpError RequestLine::scan_version(Cursor& in) noexcept {
  constexpr std::string_view pattern = "HTTP/#.#\r\n";
  constexpr std::string_view usual = "HTTP/1.1\r\n";
  if (version_size_ == 0 && std::string_view(in.bytes + in.at, in.end - in.at).starts_with(usual)) {
    in.at += usual.size();
    minor_version_ = '1';
    state_ = State::complete;
    return HttpError::none;
  }
  const char c = in.front();
  const char expected = pattern[version_size_];
  if (expected == '#' ? !is_digit(c) : c != expected) {
    if (c == '\n') return HttpError::bare_lf;
    return expected == '\n' ? HttpError::bare_cr : HttpError::invalid_version;
  }
  ++in.at;
  ++version_size_;
  if (version_size_ == 6) major_version_ = c;
  if (version_size_ == 8) minor_version_ = c;
  const bool supported = major_version_ == '1' && (minor_version_ == '0' || minor_version_ == '1');
  if (c == '\r' && !supported) return HttpError::unsupported_version;
  if (version_size_ == pattern.size()) state_ = State::complete;
  return HttpError::none;
}

void RequestLine::fill(Request& request, const char* bytes) const noexcept {
  const auto view = [bytes](Range range) {
    return std::string_view(bytes + range.begin, range.size);
  };
  request.method = view(method_);
  request.target = view(target_);
  request.path = path_.size == 0 ? std::string_view("/") : view(path_);
  request.query = {};
  if (has_query_) {
    request.query = view({query_begin_, target_.begin + target_.size - query_begin_});
  }
  request.minor_version = minor_version_ - '0';
}

}  // namespace duplex::http
