// The client's side of the opening handshake: RFC 6455 section 4.1.
#include <algorithm>

#include "duplex/codec/base64.h"
#include "duplex/http/serialize.h"
#include "duplex/websocket/handshake.h"
#include "websocket/own_fields.h"
#include "websocket/subprotocols.h"

namespace duplex::websocket {
namespace {

bool is_own(std::string_view name) noexcept {
  return is_handshake_field(name) || http::iequals(name, "Origin");
}

// Joined by commas; nothing when they cannot be offered.
std::optional<std::string> join_subprotocols(std::span<const std::string> names) {
  SubprotocolList list;
  std::string joined;
  for (const std::string& name : names) {
    if (!list.add(name)) return std::nullopt;
    if (!joined.empty()) joined += ", ";
    joined += name;
  }
  return joined;
}

bool is_single(const http::Fields& fields, std::string_view name, std::string_view value) noexcept {
  return fields.count(name) == 1 && fields.find(name) == value;
}

std::optional<HandshakeError> check_answer(const http::Response& response, std::string_view key) {
  const http::Fields& fields = response.fields;
  if (response.status != 101) return HandshakeError::status_not_101;
  if (response.minor_version < 1) return HandshakeError::http_version_wrong;
  const auto upgrade = fields.find("Upgrade");
  if (fields.count("Upgrade") != 1 || !http::iequals(*upgrade, "websocket")) {
    return HandshakeError::upgrade_wrong;
  }
  if (!fields.has_token("Connection", "Upgrade")) return HandshakeError::connection_wrong;
  if (!is_single(fields, "Sec-WebSocket-Accept", accept_value(key))) {
    return HandshakeError::accept_wrong;
  }
  return std::nullopt;
}

// The one subprotocol agreed, empty for none, nothing when it was not offered.
std::optional<std::string_view> agreed_subprotocol(const http::Fields& fields,
                                                   std::span<const std::string> offered) noexcept {
  const std::size_t count = fields.count("Sec-WebSocket-Protocol");
  if (count == 0) return std::string_view();
  const auto found =
      std::find(offered.begin(), offered.end(), *fields.find("Sec-WebSocket-Protocol"));
  if (count > 1 || found == offered.end()) return std::nullopt;
  return std::string_view(*found);
}

bool are_offered(std::span<const ExtensionOffer> agreed,
                 std::span<const std::string_view> offered) noexcept {
  for (std::size_t i = 0; i < agreed.size(); ++i) {
    const std::string_view name = agreed[i].name;
    const auto same = [name](const ExtensionOffer& other) { return other.name == name; };
    if (std::find(offered.begin(), offered.end(), name) == offered.end()) return false;
    if (std::any_of(agreed.begin(), agreed.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string make_key(std::span<const std::byte, 16> nonce) { return codec::base64_encode(nonce); }

bool append_handshake_request(SendQueue& out, const HandshakeRequest& request) {
  const auto subprotocols = join_subprotocols(request.subprotocols);
  const auto own = [](const http::Field& field) { return is_own(field.name); };
  if (!subprotocols || std::any_of(request.fields.begin(), request.fields.end(), own)) return false;
  std::vector<http::Field> fields = {{"Upgrade", "websocket"},
                                     {"Connection", "Upgrade"},
                                     {"Sec-WebSocket-Key", request.key},
                                     {"Sec-WebSocket-Version", "13"}};
  const auto add = [&fields](std::string_view name, std::string_view value) {
    if (!value.empty()) fields.push_back({name, value});
  };
  add("Origin", request.origin);
  add("Sec-WebSocket-Protocol", *subprotocols);
  add("Sec-WebSocket-Extensions", request.extensions);
  fields.insert(fields.end(), request.fields.begin(), request.fields.end());
  return http::append_request_head(
      out, {.target = request.target, .host = request.host, .fields = fields});
}

Result<HandshakeAgreement, HandshakeError> verify_handshake(
    const http::Response& response, std::string_view key, std::span<const std::string> subprotocols,
    std::span<const std::string_view> extension_names) {
  if (const auto error = check_answer(response, key)) return Failure{*error};
  auto extensions = parse_extensions(response.fields);
  if (!extensions) return Failure{HandshakeError::extensions_invalid};
  if (!are_offered(*extensions, extension_names)) {
    return Failure{HandshakeError::extension_not_offered};
  }
  const auto subprotocol = agreed_subprotocol(response.fields, subprotocols);
  if (!subprotocol) return Failure{HandshakeError::subprotocol_not_offered};
  return HandshakeAgreement{.subprotocol = *subprotocol, .extensions = std::move(*extensions)};
}

}  // namespace duplex::websocket
