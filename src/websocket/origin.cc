#include "websocket/origin.h"

#include <algorithm>
#include <optional>

#include "duplex/websocket/handshake.h"
#include "http/authority.h"

namespace duplex::websocket {
namespace {

struct Scheme {
  std::string_view name;
  std::string_view port;
};
constexpr Scheme schemes[] = {{"http", "80"}, {"https", "443"}};

std::string_view without_zeros(std::string_view port) noexcept {
  return port.substr(std::min(port.find_first_not_of('0'), port.size()));
}

bool is_same_port(std::string_view one, std::string_view other, std::string_view usual) noexcept {
  return without_zeros(one.empty() ? usual : one) == without_zeros(other.empty() ? usual : other);
}

}  // namespace

bool is_own_origin(std::string_view origin, std::string_view host) noexcept {
  constexpr std::string_view separator = "://";
  const std::size_t end = origin.find(separator);
  if (end == std::string_view::npos) return false;  // "null"
  const auto scheme = std::find_if(std::begin(schemes), std::end(schemes), [&](const Scheme& each) {
    return http::iequals(each.name, origin.substr(0, end));
  });
  const auto page = http::split_authority(origin.substr(end + separator.size()));
  const auto ours = http::split_authority(host);
  if (scheme == std::end(schemes) || !page || !ours) return false;
  return http::iequals(page->host, ours->host) &&
         is_same_port(page->port, ours->port, scheme->port);
}

bool is_origin_allowed(const http::Fields& fields, std::span<const std::string> allowed) noexcept {
  const auto origin = fields.find("Origin");
  if (!origin) return true;
  const auto is_own = [&] { return is_own_origin(*origin, fields.find("Host").value_or("")); };
  if (allowed.empty()) return !fields.find("Cookie") || is_own();
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& each) {
    return each == *origin || each == any_origin || (each == own_origin && is_own());
  });
}

}  // namespace duplex::websocket
