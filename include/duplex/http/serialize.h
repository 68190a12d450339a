// HTTP/1.1 messages into bytes: RFC 9112, RFC 9110.
//
// Nothing that could end a line early gets out: CR, LF and NUL (and every other control byte) in a
// name, value, reason or target make the writer refuse, with nothing written. Names and methods
// must be tokens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/base/send_queue.h"
#include "duplex/http/date.h"
#include "duplex/http/message.h"

namespace duplex::http {

// How the head announces its body.
enum class BodyHeader : std::uint8_t {
  none,            // nothing is said: no body, or one that ends with the connection
  content_length,  // Content-Length: content_length
  chunked,         // Transfer-Encoding: chunked
};

struct RequestHead {
  std::string_view method = "GET";
  std::string_view target = "/";
  std::string_view host = {};          // must be a host with or without a port
  std::span<const Field> fields = {};  // neither Host, Content-Length nor Transfer-Encoding
  BodyHeader body = BodyHeader::none;
  std::uint64_t content_length = 0;
};

struct ResponseHead {
  int status = 200;                    // 100 to 599
  std::string_view reason = {};        // empty: reason_phrase(status)
  std::string_view date = {};          // http_date(); empty: no Date
  std::string_view connection = {};    // "close", "keep-alive", "Upgrade"; empty: no Connection
  std::string_view content_type = {};  // empty: no Content-Type
  std::span<const Field> fields = {};  // neither Content-Length nor Transfer-Encoding
  BodyHeader body = BodyHeader::content_length;
  std::uint64_t content_length = 0;
};

// False when something in it cannot be sent; then nothing has been appended.
[[nodiscard]] bool append_request_head(SendQueue& out, const RequestHead& head);
[[nodiscard]] bool append_request_head(std::string& out, const RequestHead& head);
[[nodiscard]] bool append_response_head(SendQueue& out, const ResponseHead& head);
[[nodiscard]] bool append_response_head(std::string& out, const ResponseHead& head);

// The phrase of RFC 9110 section 15, or empty for a status that has none there.
std::string_view reason_phrase(int status) noexcept;

// True when `field` may be sent: its name is a token and its value has no control byte but HTAB.
bool is_sendable(const Field& field) noexcept;

// --- The chunked coding, RFC 9112 section 7.1 ----------------------------------------------------

inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// One chunk, framed, to share between connections. Empty `data`: no bytes, as that would end the
// body.
SharedBytes encode_chunk(Bytes data);
void append_chunk(SendQueue& out, Bytes data);
void append_last_chunk(SendQueue& out);

}  // namespace duplex::http
