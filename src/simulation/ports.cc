// bind(2)'s rules about addresses in use, and the look-up of a listener.
#include "simulation/ports.h"

#include <algorithm>
#include <cerrno>

#include "simulation/socket.h"

namespace duplex::simulation {
namespace {

bool is_wildcard(const net::Address& address) {
  return address.host() == "0.0.0.0" || address.host() == "::";
}

// Whether a socket bound to `bound` covers `address` (of the same port).
bool covers(const Socket& socket, const net::Address& address) {
  const net::Address& bound = socket.local();
  if (bound.family() != address.family()) {
    return bound.host() == "::" && bound.family() == net::AddressFamily::ipv6 &&
           !socket.options().ipv6_only;
  }
  return bound.host() == address.host() || is_wildcard(bound);
}

}  // namespace

int Ports::bind(Socket& socket, net::Address& address) {
  if (address.family() == net::AddressFamily::unix_domain) return bind_path(socket, address);
  if (address.port() == 0) return bind_ephemeral(socket, address);
  if (conflicts(socket, address)) return -EADDRINUSE;
  bound_[address.port()].push_back(&socket);
  return 0;
}

bool Ports::conflicts(const Socket& socket, const net::Address& address) const {
  const auto at = bound_.find(address.port());
  if (at == bound_.end()) return false;
  return std::any_of(at->second.begin(), at->second.end(), [&](const Socket* other) {
    const bool overlap = covers(*other, address) || is_wildcard(address);
    const bool share_port = other->options().reuse_port && socket.options().reuse_port;
    const bool share_address =
        other->options().reuse_address && socket.options().reuse_address && !other->is_listening();
    return overlap && !share_port && !share_address;
  });
}

int Ports::bind_ephemeral(Socket& socket, net::Address& address) {
  const unsigned count = unsigned{last_} - first_ + 1;
  for (unsigned tries = 0; tries < count; ++tries) {
    const std::uint16_t port = next_;
    next_ = next_ == last_ ? first_ : static_cast<std::uint16_t>(next_ + 1);
    if (bound_.contains(port)) continue;
    bound_[port].push_back(&socket);
    address.set_port(port);
    return 0;
  }
  return -EADDRNOTAVAIL;
}

int Ports::bind_path(Socket& socket, const net::Address& address) {
  const std::string path = address.host();
  if (bound_paths_.contains(path) || paths_.contains(path)) return -EADDRINUSE;
  bound_paths_[path] = &socket;
  if (!path.starts_with('@')) paths_.insert(path);
  return 0;
}

void Ports::release(const Socket& socket) {
  std::erase_if(bound_paths_, [&](const auto& entry) { return entry.second == &socket; });
  const auto at = bound_.find(socket.local().port());
  if (at == bound_.end()) return;
  std::erase(at->second, &socket);
  if (at->second.empty()) bound_.erase(at);
}

Socket* Ports::listener(const net::Address& address) {
  if (address.family() == net::AddressFamily::unix_domain) {
    const auto at = bound_paths_.find(address.host());
    return at != bound_paths_.end() && at->second->is_listening() ? at->second : nullptr;
  }
  const auto candidates = listeners(address);
  if (candidates.empty()) return nullptr;
  return candidates[candidates.size() == 1 ? 0 : turns_++ % candidates.size()];
}

// An exact address is preferred to a wildcard.
std::vector<Socket*> Ports::listeners(const net::Address& address) const {
  std::vector<Socket*> exact;
  std::vector<Socket*> wild;
  const auto at = bound_.find(address.port());
  if (at == bound_.end()) return {};
  for (Socket* socket : at->second) {
    if (!socket->is_listening() || !covers(*socket, address)) continue;
    (is_wildcard(socket->local()) ? wild : exact).push_back(socket);
  }
  return exact.empty() ? wild : exact;
}

}  // namespace duplex::simulation
