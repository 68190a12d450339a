// Whether a WebSocket can be opened with what was typed.
#include "opening_problem.h"

#include <array>
#include <span>

#include "duplex/http/url.h"
#include "duplex/websocket/handshake.h"

namespace duplex::tools {
namespace {

std::string url_problem(std::string_view url) {
  const std::string named = "'" + std::string(url) + "': ";
  const auto parsed = http::parse_url(url);
  if (!parsed) return named + std::string(http::describe(parsed.error()));
  return parsed->is_websocket() ? std::string() : named + "not a ws: or ws+unix: URL";
}

bool can_be_sent(websocket::HandshakeRequest request) {
  SendQueue unused;
  request.host = "host";
  return websocket::append_handshake_request(unused, request);
}

bool is_sendable(const endpoint::HeaderField& header) {
  const std::array field = {http::Field{header.name, header.value}};
  return can_be_sent({.fields = field});
}

}  // namespace

std::string opening_problem(std::string_view url, const endpoint::ConnectOptions& options) {
  if (std::string problem = url_problem(url); !problem.empty()) return problem;
  for (const endpoint::HeaderField& field : options.fields) {
    if (is_sendable(field)) continue;
    return "--header: '" + field.name + ": " + field.value +
           "' is malformed, or one of those that the opening itself sends";
  }
  if (!can_be_sent({.origin = options.origin})) {
    return "--origin: '" + options.origin + "' cannot be the value of a header field";
  }
  if (can_be_sent({.subprotocols = options.subprotocols})) return {};
  return "--subprotocol: the names must be tokens without spaces, and each there once";
}

}  // namespace duplex::tools
