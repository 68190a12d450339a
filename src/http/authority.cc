// Hosts and ports: RFC 3986 section 3.2, RFC 9110 section 4.2.
#include "http/authority.h"

#include <algorithm>

#include "duplex/http/message.h"
#include "http/character.h"
#include "http/ip_address.h"

namespace duplex::http {
namespace {

bool is_port(std::string_view text) noexcept {
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value > 65535) return false;
  }
  return true;
}

bool is_escape(std::string_view text) noexcept {
  return text.size() >= 3 && is(text[1], CharacterClass::hex_digit) &&
         is(text[2], CharacterClass::hex_digit);
}

// reg-name or IPv4address, RFC 3986 section 3.2.2, but no ',': that is a list of hosts.
bool is_registered_name(std::string_view text) noexcept {
  const bool named = !text.empty();
  while (!text.empty()) {
    const bool escape = text.front() == '%';
    if (escape ? !is_escape(text) : !is(text.front(), CharacterClass::host)) return false;
    text.remove_prefix(escape ? 3 : 1);
  }
  return named;
}

// "[" IPv6address "]"; nobody speaks a later version of IP.
bool is_ip_literal(std::string_view text) noexcept {
  return text.size() >= 2 && text.back() == ']' && parse_ipv6(text.substr(1, text.size() - 2));
}

bool is_host(std::string_view text) noexcept {
  return text.starts_with('[') ? is_ip_literal(text) : is_registered_name(text);
}

}  // namespace

AbsoluteForm split_absolute(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!iequals(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    return {.authority = rest.substr(0, rest.find('/')), .authority_begin = scheme.size()};
  }
  return {};
}

std::optional<HostAndPort> split_authority(std::string_view authority) noexcept {
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : 0;
  const std::size_t colon = authority.find(':', std::min(host_end, authority.size()));
  HostAndPort parts{.host = authority.substr(0, colon)};
  if (colon != std::string_view::npos) parts.port = authority.substr(colon + 1);
  if (!is_host(parts.host) || !is_port(parts.port)) return std::nullopt;
  return parts;
}

}  // namespace duplex::http
