// The server's side of the opening handshake: RFC 6455 section 4.2.
#include "duplex/websocket/handshake.h"

#include <algorithm>

#include "duplex/codec/base64.h"
#include "duplex/codec/sha1.h"
#include "duplex/http/serialize.h"
#include "websocket/origin.h"
#include "websocket/own_fields.h"
#include "websocket/subprotocols.h"

namespace duplex::websocket {
namespace {

constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3

// Section 4.2.1 item 5: 16 bytes in Base64. What the pad bits behind the 16th are does not matter.
constexpr std::size_t nonce_size = 16;

std::optional<HandshakeError> check_key(const http::Fields& fields) noexcept {
  const auto key = fields.find("Sec-WebSocket-Key");
  const bool valid =
      key && codec::is_base64_of_size(*key, nonce_size) && fields.count("Sec-WebSocket-Key") == 1;
  return valid ? std::nullopt : std::optional(HandshakeError::key_invalid);
}

std::optional<HandshakeError> check_version(const http::Fields& fields) noexcept {
  if (fields.count("Sec-WebSocket-Version") > 1) return HandshakeError::version_repeated;
  if (fields.find("Sec-WebSocket-Version") != "13") return HandshakeError::version_unsupported;
  return std::nullopt;
}

std::optional<HandshakeError> check_origin(const http::Fields& fields,
                                           std::span<const std::string> allowed) noexcept {
  if (fields.count("Origin") > 1) return HandshakeError::origin_repeated;
  // Section 10.2 protects from other sites' pages: their browsers always send it.
  if (!is_origin_allowed(fields, allowed)) return HandshakeError::origin_refused;
  return std::nullopt;
}

// Everything of section 4.2.1 that needs no answer of ours.
std::optional<HandshakeError> check_request(const http::Request& request,
                                            const HandshakePolicy& policy) noexcept {
  if (request.method != "GET") return HandshakeError::method_not_get;
  if (!is_upgrade_request(request)) return HandshakeError::upgrade_missing;
  if (request.has_body) return HandshakeError::body_present;
  if (request.fields.count("Host") != 1) return HandshakeError::host_invalid;
  if (const auto error = check_key(request.fields)) return error;
  if (const auto error = check_version(request.fields)) return error;
  return check_origin(request.fields, policy.allowed_origins);
}

// What frames a body would make the peer look for one.
bool can_be_added(const http::Field& field) noexcept {
  const bool frames =
      http::iequals(field.name, "Content-Length") || http::iequals(field.name, "Transfer-Encoding");
  return !frames && !is_handshake_field(field.name) && http::is_sendable(field);
}

}  // namespace

bool is_upgrade_request(const http::Request& request) noexcept {
  // RFC 9110 section 7.8: Upgrade in HTTP/1.0 is to be ignored.
  return request.minor_version >= 1 && request.fields.has_token("Upgrade", "websocket") &&
         request.fields.has_token("Connection", "Upgrade");
}

Result<HandshakeAnswer, HandshakeError> accept_handshake(const http::Request& request,
                                                         const HandshakePolicy& policy) {
  if (const auto error = check_request(request, policy)) return Failure{*error};
  const auto offered = parse_subprotocols(request.fields);
  if (!offered) return Failure{HandshakeError::subprotocols_invalid};
  const auto spoken =
      std::find_if(policy.subprotocols.begin(), policy.subprotocols.end(),
                   [&](const std::string& name) { return offered->contains(name); });
  const bool found = spoken != policy.subprotocols.end();
  if (!found && policy.require_subprotocol) return Failure{HandshakeError::subprotocol_missing};
  auto extensions = parse_extensions(request.fields);
  if (!extensions) return Failure{HandshakeError::extensions_invalid};
  return HandshakeAnswer{.accept = accept_value(*request.fields.find("Sec-WebSocket-Key")),
                         .subprotocol = found ? std::string_view(*spoken) : std::string_view(),
                         .extension_offers = std::move(*extensions)};
}

std::string encode_answer(const HandshakeAnswer& answer) {
  if (!std::all_of(answer.fields.begin(), answer.fields.end(), can_be_added)) return {};
  std::string text =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n";
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append(name).append(": ").append(value).append("\r\n");
  };
  add("Sec-WebSocket-Accept", answer.accept);
  add("Sec-WebSocket-Protocol", answer.subprotocol);
  add("Sec-WebSocket-Extensions", answer.extensions);
  for (const http::Field& field : answer.fields) {
    text.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return text += "\r\n";
}

std::string accept_value(std::string_view key) {
  std::string text(key);
  text += accept_guid;
  return codec::base64_encode(codec::sha1(as_bytes(text)));
}

}  // namespace duplex::websocket
