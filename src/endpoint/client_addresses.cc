// Who the clients are; see client_addresses.h.
#include "endpoint/client_addresses.h"

#include <stdexcept>

namespace duplex::endpoint {

ClientAddresses::ClientAddresses(const ServerOptions& options) {
  for (const std::string& entry : options.trusted_proxies) {
    if (proxies_.add(entry)) continue;
    throw std::invalid_argument("trusted_proxies: '" + entry +
                                "' is neither an address, nor a network, nor \"unix\"");
  }
  if (options.proxy_protocol && proxies_.empty()) {
    throw std::invalid_argument("proxy_protocol: trusted_proxies is empty");
  }
}

bool ClientAddresses::note_peer(ConnectionId id, const net::Address& address) {
  if (proxies_.empty()) return false;
  const bool is_unix = address.family() == net::AddressFamily::unix_domain;
  const bool is_proxy = is_unix ? proxies_.trusts_unix() : proxies_.trusts({address.ip()});
  if (is_proxy) entries_.insert_or_assign(id.slot, Entry{});
  return is_proxy;
}

void ClientAddresses::note_proxied(ConnectionId id,
                                   const std::optional<http::IpEndpoint>& client) noexcept {
  const auto entry = entries_.find(id.slot);
  if (entry != entries_.end()) entry->second.proxied = client;
}

// Whoever the PROXY header names sends the fields, and may be no proxy.
void ClientAddresses::read_fields(ConnectionId id, const http::Fields& fields) noexcept {
  const auto entry = entries_.find(id.slot);
  if (entry == entries_.end()) return;
  const auto& proxied = entry->second.proxied;
  if (proxied && !proxies_.trusts(proxied->address)) return;
  entry->second.forwarded = http::forwarded_client(fields, proxies_);
}

std::optional<http::IpEndpoint> ClientAddresses::proxied(ConnectionId id) const {
  const auto found = entries_.find(id.slot);
  return found == entries_.end() ? std::nullopt : found->second.proxied;
}

std::optional<net::Address> ClientAddresses::find(ConnectionId id) const {
  const auto found = entries_.find(id.slot);
  if (found == entries_.end()) return std::nullopt;
  const auto& [proxied, forwarded] = found->second;
  if (forwarded) return net::Address::from_ip(forwarded->bytes, 0);
  if (proxied) return net::Address::from_ip(proxied->address.bytes, proxied->port);
  return std::nullopt;
}

}  // namespace duplex::endpoint
