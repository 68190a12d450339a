// Believing proxies; see trusted_proxies.h.
#include "http/trusted_proxies.h"

#include <algorithm>

#include "http/character.h"

namespace duplex::http {
namespace {

// The walk from the right through one line after the other.
struct Walk {
  const TrustedProxies& proxies;
  std::optional<IpAddress> client = {};
  bool done = false;

  void take(std::string_view element) noexcept {
    if (element.empty()) return;
    client = parse_ip_address(element);
    done = !client || !proxies.trusts(*client);
  }

  void take_line(std::string_view line) noexcept {
    while (!done && !line.empty()) {
      const std::size_t comma = line.rfind(',');
      const bool is_first = comma == std::string_view::npos;
      take(trim(line.substr(is_first ? 0 : comma + 1)));
      line = is_first ? std::string_view() : line.substr(0, comma);
    }
  }
};

}  // namespace

bool TrustedProxies::add(std::string_view entry) {
  if (entry == "unix") {
    unix_too_ = true;
    return true;
  }
  const auto network = parse_ip_network(entry);
  if (network) networks_.push_back(*network);
  return network.has_value();
}

bool TrustedProxies::trusts(const IpAddress& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const IpNetwork& network) { return network.contains(address); });
}

std::optional<IpAddress> forwarded_client(const Fields& fields,
                                          const TrustedProxies& proxies) noexcept {
  Walk walk{proxies};
  for (std::size_t i = fields.size(); i > 0 && !walk.done; --i) {
    const Field& field = fields[i - 1];
    if (iequals(field.name, "X-Forwarded-For")) walk.take_line(field.value);
  }
  return walk.client;
}

}  // namespace duplex::http
