// The opening handshake, both sides, without any I/O: RFC 6455 section 4.
//
// A server gives accept_handshake() a parsed request and writes encode_answer(), or the refusal
// that refusal_for() names. A client writes append_handshake_request() and gives
// verify_handshake() the parsed answer. Views in the results live as long as what they came from.
// Thread: any; there is no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/base/send_queue.h"
#include "duplex/http/message.h"

namespace duplex::websocket {

// What is wrong with an opening handshake, one name per rule, in the order they are checked.
enum class HandshakeError : std::uint8_t {
  // of the client's request, section 4.2.1
  method_not_get,
  upgrade_missing,  // HTTP/1.1, Upgrade: websocket and Connection: Upgrade
  body_present,     // a request with a body cannot be upgraded: its bytes would pass for frames
  host_invalid,
  key_invalid,  // once, and the Base64 of 16 bytes
  version_repeated,
  version_unsupported,  // 13 is the only one
  origin_repeated,      // RFC 6454 section 7.3
  origin_refused,       // section 10.2
  subprotocols_invalid,
  subprotocol_missing,  // one was required
  extensions_invalid,   // section 9.1
  // of the server's answer, section 4.1
  status_not_101,
  http_version_wrong,
  upgrade_wrong,
  connection_wrong,
  accept_wrong,
  extension_not_offered,       // or agreed twice
  extension_parameters_wrong,  // those of an answer do not fit the offer; for who judges them
  subprotocol_not_offered,
};

std::string_view describe(HandshakeError error) noexcept;  // one sentence with the section number

// How a server refuses: the connection is to be closed after this answer, and what was received
// behind the request is not to be looked at.
struct HandshakeRefusal {
  int status = 400;
  std::span<const http::Field> fields = {};  // static
};
HandshakeRefusal refusal_for(HandshakeError error) noexcept;

// --- Extensions, section 9.1 ---------------------------------------------------------------------

inline constexpr std::size_t max_offered_extensions = 16;
inline constexpr std::size_t max_extension_parameters = 16;
inline constexpr std::size_t max_offered_subprotocols = 64;

struct ExtensionParameter {
  std::string_view name;
  std::optional<std::string> value = {};  // unquoted
};

struct ExtensionOffer {
  std::string_view name;
  std::vector<ExtensionParameter> parameters = {};
};

// All Sec-WebSocket-Extensions fields, which make one list; nothing when one breaks the grammar or
// the list is longer than max_offered_extensions.
std::optional<std::vector<ExtensionOffer>> parse_extensions(const http::Fields& fields);

// --- Server --------------------------------------------------------------------------------------

// In a list of origins: all of them, and the one that the request's Host names. No page's Origin is
// either.
inline constexpr std::string_view any_origin = "*";
inline constexpr std::string_view own_origin = "self";

// What a server asks of an opening. The spans must outlive the answer.
struct HandshakePolicy {
  std::span<const std::string> subprotocols = {};  // ours, most wanted first
  bool require_subprotocol = false;
  // Compared byte for byte. Empty: any origin without Cookie, and with it own_origin alone: the
  // pages of other sites shall not use what a visitor may do (section 10.2). A request without
  // Origin does not come from a browser, and passes: whoever is not a browser could write any.
  std::span<const std::string> allowed_origins = {};
};

struct HandshakeAnswer {
  std::string accept;                 // Sec-WebSocket-Accept
  std::string_view subprotocol = {};  // one of the policy's, or empty
  // What the client offers. Whoever speaks an extension chooses from them and says so in
  // `extensions`, which becomes the answer's Sec-WebSocket-Extensions.
  std::vector<ExtensionOffer> extension_offers = {};
  std::string extensions = {};
  // More of them; none that the handshake itself uses, nor Content-Length or Transfer-Encoding.
  std::span<const http::Field> fields = {};
};

// True when the request wants to become a WebSocket; on a path that also serves plain HTTP anything
// else is for the HTTP handler.
bool is_upgrade_request(const http::Request& request) noexcept;

// Checks a request, method to extensions, section 4.2.1. Nothing is left behind by a refusal.
Result<HandshakeAnswer, HandshakeError> accept_handshake(const http::Request& request,
                                                         const HandshakePolicy& policy);

// The bytes of the 101 answer, section 4.2.2; none when one of `fields` may not be in it, or cannot
// be sent as it is.
std::string encode_answer(const HandshakeAnswer& answer);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key, hashed exactly as it was sent.
std::string accept_value(std::string_view key);

// --- Client --------------------------------------------------------------------------------------

// Sec-WebSocket-Key for 16 bytes chosen at random for this connection.
std::string make_key(std::span<const std::byte, 16> nonce);

struct HandshakeRequest {
  std::string_view host = {};  // Host: with the port, unless it is the scheme's own
  std::string_view target = "/";
  std::string_view key = {};  // make_key()
  std::string_view origin = {};
  std::span<const std::string> subprotocols = {};  // most wanted first
  std::string_view extensions = {};                // offers as they are to be sent
  std::span<const http::Field> fields = {};        // none of those that the handshake itself uses
};

// False, with nothing appended, when a part cannot be sent as it is: CR, LF, NUL and other control
// bytes anywhere, a subprotocol that is not a token or comes twice, a field of the handshake's own.
[[nodiscard]] bool append_handshake_request(SendQueue& out, const HandshakeRequest& request);

struct HandshakeAgreement {
  std::string_view subprotocol = {};            // one of those offered, or empty
  std::vector<ExtensionOffer> extensions = {};  // agreed; their parameters are not judged here
};

// Checks a server's answer to a request with that key and those offers, section 4.1.
Result<HandshakeAgreement, HandshakeError> verify_handshake(
    const http::Response& response, std::string_view key,
    std::span<const std::string> subprotocols = {},
    std::span<const std::string_view> extension_names = {});

}  // namespace duplex::websocket
