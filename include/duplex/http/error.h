// What a peer can do wrong in HTTP/1.1, one name per rule: RFC 9112, RFC 9110.
#pragma once

#include <cstdint>
#include <string_view>

namespace duplex::http {

enum class HttpError : std::uint8_t {
  none,
  // Lines (RFC 9112 section 2.2)
  bare_cr,
  bare_lf,
  // Request line (RFC 9112 section 3)
  invalid_method,
  method_too_long,
  unknown_method,
  http2_preface,
  invalid_target,
  fragment_in_target,
  invalid_percent_escape,
  encoded_nul,
  invalid_target_form,
  invalid_authority,
  target_too_long,
  invalid_version,
  unsupported_version,
  // Status line (RFC 9112 section 4)
  invalid_status,
  invalid_reason,
  // Field lines (RFC 9112 section 5)
  invalid_field_name,
  whitespace_before_colon,
  missing_colon,
  obsolete_folding,
  invalid_field_value,
  too_many_fields,
  head_too_large,
  // Host and Expect (RFC 9112 section 3.2, RFC 9110 section 10.1.1)
  missing_host,
  repeated_host,
  invalid_host,
  host_mismatch,
  unknown_expectation,
  // Message framing (RFC 9112 section 6)
  repeated_content_length,
  invalid_content_length,
  repeated_transfer_encoding,
  invalid_transfer_encoding,
  unsupported_transfer_coding,
  transfer_encoding_in_http_1_0,
  transfer_encoding_with_content_length,
  body_too_large,
  // Chunks (RFC 9112 section 7.1)
  invalid_chunk_size,
  invalid_chunk_extension,
  chunk_extensions_too_large,
  invalid_chunk_end,
  trailers_too_large,
  // The connection ended inside a message (RFC 9112 section 8)
  unexpected_end,
};

// The status that answers the peer who did it. For a client it only tells kinds apart.
int status_for(HttpError error) noexcept;

// One sentence for a person, with the section.
std::string_view describe(HttpError error) noexcept;

}  // namespace duplex::http
