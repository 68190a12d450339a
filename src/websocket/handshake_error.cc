// What a faulty opening handshake means: to the peer as an HTTP status, to people as a sentence.
#include <array>

#include "duplex/websocket/handshake.h"

namespace duplex::websocket {
namespace {

// RFC 9110 section 15.5.22: 426 names the protocol in Upgrade, and that takes Connection: Upgrade.
// RFC 6455 section 4.4: Sec-WebSocket-Version names the versions that would do.
constexpr std::array<http::Field, 3> upgrade_required = {{
    {"Upgrade", "websocket"},
    {"Connection", "Upgrade"},
    {"Sec-WebSocket-Version", "13"},
}};
// RFC 9110 section 15.5.6.
constexpr std::array<http::Field, 1> only_get = {{{"Allow", "GET"}}};

}  // namespace

HandshakeRefusal refusal_for(HandshakeError error) noexcept {
  switch (error) {
    case HandshakeError::method_not_get:
      return {.status = 405, .fields = only_get};
    case HandshakeError::upgrade_missing:
    case HandshakeError::version_unsupported:
      return {.status = 426, .fields = upgrade_required};
    case HandshakeError::origin_refused:
      return {.status = 403};
    default:
      return {.status = 400};
  }
}

std::string_view describe(HandshakeError error) noexcept {
  switch (error) {
    case HandshakeError::method_not_get:
      return "a WebSocket is opened with GET (RFC 6455 section 4.1)";
    case HandshakeError::upgrade_missing:
      return "a WebSocket is opened in HTTP/1.1 with Upgrade: websocket and Connection: Upgrade "
             "(RFC 6455 section 4.1)";
    case HandshakeError::body_present:
      return "the request has a body (RFC 9110 section 7.8)";
    case HandshakeError::host_invalid:
      return "one Host field is needed (RFC 6455 section 4.1)";
    case HandshakeError::key_invalid:
      return "Sec-WebSocket-Key must be the Base64 of 16 bytes (RFC 6455 section 4.1)";
    case HandshakeError::version_repeated:
      return "Sec-WebSocket-Version must not be repeated (RFC 6455 section 11.3.5)";
    case HandshakeError::version_unsupported:
      return "Sec-WebSocket-Version must be 13 (RFC 6455 section 4.1)";
    case HandshakeError::origin_repeated:
      return "Origin must not be repeated (RFC 6454 section 7.3)";
    case HandshakeError::origin_refused:
      return "the origin is not allowed (RFC 6455 section 10.2)";
    case HandshakeError::subprotocols_invalid:
      return "Sec-WebSocket-Protocol must list different tokens (RFC 6455 section 4.1)";
    case HandshakeError::subprotocol_missing:
      return "none of the offered subprotocols is spoken here (RFC 6455 section 4.2.2)";
    case HandshakeError::extensions_invalid:
      return "Sec-WebSocket-Extensions breaks its grammar (RFC 6455 section 9.1)";
    case HandshakeError::status_not_101:
      return "the server did not answer 101 (RFC 6455 section 4.1)";
    case HandshakeError::http_version_wrong:
      return "the server did not answer in HTTP/1.1 (RFC 9110 section 7.8)";
    case HandshakeError::upgrade_wrong:
      return "the answer does not say Upgrade: websocket (RFC 6455 section 4.1)";
    case HandshakeError::connection_wrong:
      return "the answer does not say Connection: Upgrade (RFC 6455 section 4.1)";
    case HandshakeError::accept_wrong:
      return "Sec-WebSocket-Accept does not fit the key (RFC 6455 section 4.1)";
    case HandshakeError::extension_not_offered:
      return "the server chose an extension that was not offered (RFC 6455 section 4.1)";
    case HandshakeError::extension_parameters_wrong:
      return "the server's extension parameters do not fit the offer (RFC 7692 section 7.1)";
    case HandshakeError::subprotocol_not_offered:
      return "the server chose a subprotocol that was not offered (RFC 6455 section 4.1)";
  }
  return "an unknown handshake error";
}

}  // namespace duplex::websocket
