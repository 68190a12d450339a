// What the fields of a head say about its message: RFC 9112 sections 3.2, 6 and 9.3.
#include "http/framing.h"

#include "http/authority.h"
#include "http/character.h"

namespace duplex::http {
namespace {

// A field that may come once.
struct Single {
  std::size_t count = 0;
  std::string_view value = {};

  void add(std::string_view another) noexcept {
    ++count;
    value = another;
  }
};

struct Known {
  Single host = {};
  Single content_length = {};
  Single transfer_encoding = {};
  bool unknown_expectation = false;
  bool expects_continue = false;
  bool close = false;
  bool keep_alive = false;
};

void note_connection(std::string_view list, Known& known) noexcept {
  while (!list.empty()) {
    const std::string_view option = next_element(list);
    known.close |= iequals(option, "close");
    known.keep_alive |= iequals(option, "keep-alive");
  }
}

void note_expect(std::string_view value, Known& known) noexcept {
  const bool is_continue = iequals(value, "100-continue");
  known.expects_continue |= is_continue;
  known.unknown_expectation |= !is_continue;
}

// The first letter tells most others of the same length apart.
inline bool is_named(const Field& field, std::string_view name) noexcept {
  return to_lower(field.name.front()) == to_lower(name.front()) && iequals(field.name, name);
}

// The length of a name is the cheapest thing to tell it by.
inline void note(const Field& field, Known& known) noexcept {
  switch (field.name.size()) {
    case 4:
      if (is_named(field, "Host")) known.host.add(field.value);
      break;
    case 6:
      if (is_named(field, "Expect")) note_expect(field.value, known);
      break;
    case 10:
      if (is_named(field, "Connection")) note_connection(field.value, known);
      break;
    case 14:
      if (is_named(field, "Content-Length")) known.content_length.add(field.value);
      break;
    case 17:
      if (is_named(field, "Transfer-Encoding")) known.transfer_encoding.add(field.value);
      break;
    default:
      break;
  }
}

Known gather(Fields fields) noexcept {
  Known known;
  for (const Field& field : fields) note(field, known);
  return known;
}

// Section 9.3.
bool persists(const Known& known, int minor_version) noexcept {
  return !known.close && (minor_version == 1 || known.keep_alive);
}

// Section 3.2 and RFC 9110 section 7.2.
HttpError check_host(const Request& request, const Single& host) noexcept {
  if (host.count > 1) return HttpError::repeated_host;
  if (host.count == 0) {
    return request.minor_version == 1 ? HttpError::missing_host : HttpError::none;
  }
  if (!is_valid_authority(host.value)) return HttpError::invalid_host;
  if (request.target.starts_with('/')) return HttpError::none;
  const AbsoluteForm absolute = split_absolute(request.target.substr(0, request.target.find('?')));
  const bool same = absolute.authority_begin == 0 || iequals(absolute.authority, host.value);
  return same ? HttpError::none : HttpError::host_mismatch;
}

// 1*DIGIT, once, in 64 bits: RFC 9110 section 8.6.
HttpError read_content_length(const Single& field, std::uint64_t& length) noexcept {
  if (field.count > 1) return HttpError::repeated_content_length;
  if (field.value.empty()) return HttpError::invalid_content_length;
  for (const char c : field.value) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (!is_digit(c) || length > (UINT64_MAX - digit) / 10) {
      return HttpError::invalid_content_length;
    }
    length = length * 10 + digit;
  }
  return HttpError::none;
}

// Section 6.1: chunked once and last. What stands before it would have to be understood.
HttpError check_codings(std::string_view list) noexcept {
  bool others = false;
  while (list.find(',') != std::string_view::npos) {
    const std::string_view coding = next_element(list);
    if (!is_token(coding) || iequals(coding, "chunked")) {
      return HttpError::invalid_transfer_encoding;
    }
    others = true;
  }
  if (!iequals(trim(list), "chunked")) return HttpError::invalid_transfer_encoding;
  return others ? HttpError::unsupported_transfer_coding : HttpError::none;
}

HttpError check_transfer_encoding(const Known& known, int minor_version) noexcept {
  if (minor_version == 0) return HttpError::transfer_encoding_in_http_1_0;
  if (known.content_length.count != 0) return HttpError::transfer_encoding_with_content_length;
  if (known.transfer_encoding.count > 1) return HttpError::repeated_transfer_encoding;
  return check_codings(known.transfer_encoding.value);
}

// Section 6.3; without either field `framing` stays as it is.
HttpError frame(const Known& known, int minor_version, const ParserLimits& limits,
                Framing& framing) noexcept {
  if (known.transfer_encoding.count != 0) {
    framing.kind = Framing::Kind::chunked;
    return check_transfer_encoding(known, minor_version);
  }
  if (known.content_length.count == 0) return HttpError::none;
  framing = {};
  const HttpError error = read_content_length(known.content_length, framing.length);
  if (error != HttpError::none) return error;
  return framing.length > limits.max_body_size ? HttpError::body_too_large : HttpError::none;
}

bool never_has_body(int status) noexcept { return status < 200 || status == 204 || status == 304; }

}  // namespace

HttpError frame_request(Request& request, const ParserLimits& limits, Framing& framing) noexcept {
  const Known known = gather(request.fields);
  HttpError error = check_host(request, known.host);
  if (error != HttpError::none) return error;
  framing = {};
  error = frame(known, request.minor_version, limits, framing);
  if (error != HttpError::none) return error;
  request.keep_alive = persists(known, request.minor_version);
  request.has_body = framing.kind == Framing::Kind::chunked || framing.length != 0;
  // RFC 9110 section 10.1.1: in HTTP/1.0 it is ignored; without a body nothing waits.
  request.expects_continue =
      known.expects_continue && request.has_body && request.minor_version == 1;
  return known.unknown_expectation ? HttpError::unknown_expectation : HttpError::none;
}

HttpError frame_response(Response& response, bool answers_head, const ParserLimits& limits,
                         Framing& framing) noexcept {
  const Known known = gather(response.fields);
  response.keep_alive = persists(known, response.minor_version);
  framing = {};
  // Whatever their fields say, RFC 9112 section 6.3 rule 1.
  if (answers_head || never_has_body(response.status)) return HttpError::none;
  framing.kind = Framing::Kind::until_close;
  const HttpError error = frame(known, response.minor_version, limits, framing);
  if (framing.kind == Framing::Kind::until_close) response.keep_alive = false;
  return error;
}

}  // namespace duplex::http
