// URLs as a client is given them: RFC 9110 section 4.2, RFC 6455 section 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "duplex/base/result.h"

namespace duplex::http {

enum class UrlError : std::uint8_t {
  no_scheme,
  unknown_scheme,
  needs_tls,  // https, wss
  userinfo,   // user:password@host
  invalid_host,
  invalid_port,         // 1 to 65535
  invalid_character,    // a byte that has to be percent-encoded
  invalid_escape,       // '%' without two hex digits
  fragment,             // RFC 6455 section 3 forbids it, and no server would see it
  invalid_socket_path,  // must begin with '/'
};

std::string_view describe(UrlError error) noexcept;

struct Url {
  std::string scheme = {};  // "http", "ws", "http+unix" or "ws+unix"
  std::string host = {};    // an IPv6 address without brackets; empty for a Unix-domain socket
  std::uint16_t port = 80;
  std::string path_and_query = "/";  // begins with '/'; what the request line needs
  std::string unix_path = {};        // of the socket; empty for TCP

  bool is_websocket() const noexcept { return scheme.starts_with("ws"); }
  bool is_unix() const noexcept { return !unix_path.empty(); }
};

// "http://host:port/path?query", "ws://...", "http+unix:/path/of/socket:/path?query",
// "ws+unix:...". The scheme's case does not matter.
Result<Url, UrlError> parse_url(std::string_view text);

// What goes into Host: brackets around IPv6 addresses, the port unless it is 80, "localhost" for a
// Unix-domain socket.
std::string host_field(const Url& url);

}  // namespace duplex::http
