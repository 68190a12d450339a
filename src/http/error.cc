// One table for all that a peer can do wrong: the answer and the words for it.
#include "duplex/http/error.h"

#include <array>
#include <cstddef>

namespace duplex::http {
namespace {

struct Row {
  HttpError error;
  int status;
  std::string_view text;
};

constexpr std::array rows{
    Row{HttpError::none, 200, "no error"},
    Row{HttpError::bare_cr, 400, "CR without LF (RFC 9112 2.2)"},
    Row{HttpError::bare_lf, 400, "LF without CR (RFC 9112 2.2)"},
    Row{HttpError::invalid_method, 400, "the method is not a token (RFC 9110 9.1)"},
    Row{HttpError::method_too_long, 501, "the method is too long (RFC 9112 3)"},
    Row{HttpError::unknown_method, 501, "the method is not implemented (RFC 9110 9.1)"},
    Row{HttpError::http2_preface, 505, "HTTP/2 is not spoken here (RFC 9113 3.4)"},
    Row{HttpError::invalid_target, 400, "a byte that no target may hold (RFC 9112 3.2)"},
    Row{HttpError::fragment_in_target, 400, "a target has no fragment (RFC 9112 3.2)"},
    Row{HttpError::invalid_percent_escape, 400, "'%' without two hex digits (RFC 3986 2.1)"},
    Row{HttpError::encoded_nul, 400, "an encoded NUL in the target (RFC 3986 7.3)"},
    Row{HttpError::invalid_target_form, 400, "a target of no known form (RFC 9112 3.2)"},
    Row{HttpError::invalid_authority, 400, "the target's authority is invalid (RFC 9112 3.2.2)"},
    Row{HttpError::target_too_long, 414, "the target is too long (RFC 9112 3)"},
    Row{HttpError::invalid_version, 400, "the version is malformed (RFC 9112 2.3)"},
    Row{HttpError::unsupported_version, 505, "not HTTP/1.0 or HTTP/1.1 (RFC 9110 15.6.6)"},
    Row{HttpError::invalid_status, 400, "the status code is invalid (RFC 9112 4)"},
    Row{HttpError::invalid_reason, 400, "an invalid byte in the reason phrase (RFC 9112 4)"},
    Row{HttpError::invalid_field_name, 400, "a field name is not a token (RFC 9110 5.1)"},
    Row{HttpError::whitespace_before_colon, 400, "space before a colon (RFC 9112 5.1)"},
    Row{HttpError::missing_colon, 400, "a field line without a colon (RFC 9112 5)"},
    Row{HttpError::obsolete_folding, 400, "a line begins with space (RFC 9112 5.2)"},
    Row{HttpError::invalid_field_value, 400, "a control byte in a field value (RFC 9110 5.5)"},
    Row{HttpError::too_many_fields, 431, "too many field lines (RFC 6585 5)"},
    Row{HttpError::head_too_large, 431, "the head is too large (RFC 6585 5)"},
    Row{HttpError::missing_host, 400, "no Host in HTTP/1.1 (RFC 9112 3.2)"},
    Row{HttpError::repeated_host, 400, "more than one Host (RFC 9112 3.2)"},
    Row{HttpError::invalid_host, 400, "Host is not a host with a port (RFC 9110 7.2)"},
    Row{HttpError::host_mismatch, 400, "Host differs from the target (RFC 9112 3.2.2)"},
    Row{HttpError::unknown_expectation, 417, "an unknown expectation (RFC 9110 10.1.1)"},
    Row{HttpError::repeated_content_length, 400, "more than one Content-Length (RFC 9112 6.3)"},
    Row{HttpError::invalid_content_length, 400, "Content-Length is not a length (RFC 9110 8.6)"},
    Row{HttpError::repeated_transfer_encoding, 400,
        "more than one Transfer-Encoding (RFC 9112 6.1)"},
    Row{HttpError::invalid_transfer_encoding, 400, "chunked is not the last coding (RFC 9112 6.3)"},
    Row{HttpError::unsupported_transfer_coding, 501, "a coding besides chunked (RFC 9112 6.1)"},
    Row{HttpError::transfer_encoding_in_http_1_0, 400,
        "Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)"},
    Row{HttpError::transfer_encoding_with_content_length, 400,
        "Transfer-Encoding with Content-Length (RFC 9112 6.1)"},
    Row{HttpError::body_too_large, 413, "the body is too large (RFC 9110 15.5.14)"},
    Row{HttpError::invalid_chunk_size, 400, "a chunk size is malformed (RFC 9112 7.1)"},
    Row{HttpError::invalid_chunk_extension, 400, "a chunk extension is malformed (RFC 9112 7.1.1)"},
    Row{HttpError::chunk_extensions_too_large, 400, "too many chunk extensions (RFC 9112 7.1.1)"},
    Row{HttpError::invalid_chunk_end, 400, "a chunk does not end where it says (RFC 9112 7.1)"},
    Row{HttpError::trailers_too_large, 431, "the trailer section is too large (RFC 9112 7.1.2)"},
    Row{HttpError::unexpected_end, 400, "the connection ended inside a message (RFC 9112 8)"},
};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].error != static_cast<HttpError>(i)) return false;
  }
  return rows.back().error == HttpError::unexpected_end;
}
static_assert(rows_are_in_order(), "the table is indexed by the error");

}  // namespace

int status_for(HttpError error) noexcept { return rows[static_cast<std::size_t>(error)].status; }

std::string_view describe(HttpError error) noexcept {
  return rows[static_cast<std::size_t>(error)].text;
}

}  // namespace duplex::http
