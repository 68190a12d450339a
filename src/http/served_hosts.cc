#include "http/served_hosts.h"

#include <algorithm>

#include "http/authority.h"

namespace duplex::http {

bool ServedHosts::add(std::string_view host) {
  const auto parts = split_authority(host);
  const bool is_pattern = host.find('*') != std::string_view::npos;  // we match none
  if (!parts || parts->host.size() != host.size() || is_pattern) return false;
  hosts_.emplace_back(host);
  return true;
}

bool ServedHosts::include(const Fields& fields) const noexcept {
  if (hosts_.empty()) return true;
  const auto value = fields.find("Host");
  if (!value) return true;
  const auto asked = split_authority(*value);
  return asked && std::any_of(hosts_.begin(), hosts_.end(),
                              [&](const std::string& each) { return iequals(each, asked->host); });
}

}  // namespace duplex::http
