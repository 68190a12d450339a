// URLs as a client is given them: RFC 9110 section 4.2, RFC 6455 section 3.
#include "duplex/http/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "duplex/http/message.h"
#include "http/authority.h"
#include "http/character.h"

namespace duplex::http {
namespace {

constexpr std::array<std::string_view, 4> schemes = {"http", "ws", "http+unix", "ws+unix"};

std::optional<UrlError> check_path(std::string_view path) noexcept {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '#') return UrlError::fragment;
    if (c == '%') {
      const std::string_view digits = path.substr(i + 1, 2);
      if (digits.size() < 2 || !is(digits[0], CharacterClass::hex_digit) ||
          !is(digits[1], CharacterClass::hex_digit)) {
        return UrlError::invalid_escape;
      }
    } else if (c != '?' && !is(c, CharacterClass::target)) {
      return UrlError::invalid_character;
    }
  }
  return std::nullopt;
}

Result<Url, UrlError> with_path(Url url, std::string_view path) {
  if (const auto error = check_path(path)) return Failure{*error};
  url.path_and_query = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  return url;
}

std::optional<std::uint16_t> read_port(std::string_view text) noexcept {
  if (text.empty()) return std::uint16_t{80};
  std::uint16_t port = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole && port != 0 ? std::optional(port) : std::nullopt;
}

// host [ ":" port ]; the brackets of an IPv6 address go.
std::optional<UrlError> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) return UrlError::userinfo;
  const std::size_t literal_end = authority.starts_with('[') ? authority.find(']') : 0;
  const std::size_t colon = authority.find(':', std::min(literal_end, authority.size()));
  std::string_view host = authority.substr(0, colon);
  if (!is_valid_authority(host)) return UrlError::invalid_host;
  const auto port =
      read_port(colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1));
  if (!port) return UrlError::invalid_port;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  url.host = host;
  url.port = *port;
  return std::nullopt;
}

Result<Url, UrlError> parse_tcp(Url url, std::string_view rest) {
  if (!rest.starts_with("//")) return Failure{UrlError::invalid_host};
  rest.remove_prefix(2);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  if (const auto error = read_authority(rest.substr(0, end), url)) return Failure{*error};
  return with_path(std::move(url), rest.substr(end));
}

Result<Url, UrlError> parse_unix(Url url, std::string_view rest) {
  // An empty authority, as in "ws+unix:///run/socket:/path", says the same as none.
  if (rest.starts_with("///")) rest.remove_prefix(2);
  const std::size_t colon = rest.find(':');
  const std::string_view socket = rest.substr(0, colon);
  const bool valid =
      socket.size() > 1 && socket.front() == '/' && socket.find('\0') == std::string_view::npos;
  if (!valid) return Failure{UrlError::invalid_socket_path};
  url.unix_path = socket;
  const bool bare = colon == std::string_view::npos;
  return with_path(std::move(url), bare ? std::string_view() : rest.substr(colon + 1));
}

}  // namespace

std::string_view describe(UrlError error) noexcept {
  switch (error) {
    case UrlError::no_scheme:
      return "the URL has no scheme such as ws: or http:";
    case UrlError::unknown_scheme:
      return "the scheme is none of http, ws, http+unix, ws+unix";
    case UrlError::needs_tls:
      return "https and wss need TLS, which is not supported";
    case UrlError::userinfo:
      return "a user name in a URL is not supported";
    case UrlError::invalid_host:
      return "the host is missing or malformed";
    case UrlError::invalid_port:
      return "the port is not a number from 1 to 65535";
    case UrlError::invalid_character:
      return "a character in the path or query has to be percent-encoded";
    case UrlError::invalid_escape:
      return "a '%' is not followed by two hex digits";
    case UrlError::fragment:
      return "a URL to connect to has no fragment";
    default:
      return "the path of the socket does not begin with '/'";
  }
}

Result<Url, UrlError> parse_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return Failure{UrlError::no_scheme};
  const std::string_view scheme = text.substr(0, colon);
  if (iequals(scheme, "https") || iequals(scheme, "wss")) return Failure{UrlError::needs_tls};
  const auto known = std::find_if(schemes.begin(), schemes.end(),
                                  [scheme](auto each) { return iequals(each, scheme); });
  if (known == schemes.end()) return Failure{UrlError::unknown_scheme};
  Url url{.scheme = std::string(*known)};
  const std::string_view rest = text.substr(colon + 1);
  const bool is_unix = known->ends_with("unix");
  return is_unix ? parse_unix(std::move(url), rest) : parse_tcp(std::move(url), rest);
}

std::string host_field(const Url& url) {
  if (url.is_unix()) return "localhost";
  const bool is_ipv6 = url.host.find(':') != std::string::npos;
  std::string host = is_ipv6 ? "[" + url.host + "]" : url.host;
  if (url.port != 80) host += ":" + std::to_string(url.port);
  return host;
}

}  // namespace duplex::http
