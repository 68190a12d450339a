// Who the clients behind listed proxies are, as far as the proxies are believed.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "duplex/endpoint/connection.h"
#include "duplex/endpoint/server.h"
#include "duplex/http/message.h"
#include "http/ip_address.h"
#include "http/trusted_proxies.h"

namespace duplex::endpoint {

// Beside the peers, not in them: nothing is kept of a connection that no listed proxy has made.
// Owner: a server. Thread: the loop's.
class ClientAddresses {
 public:
  // Throws std::invalid_argument with the value that is wrong.
  explicit ClientAddresses(const ServerOptions& options);

  // Accepted from there. True when that is a listed proxy.
  bool note_peer(ConnectionId id, const net::Address& address);
  // Its PROXY header names a client, or none.
  void note_proxied(ConnectionId id, const std::optional<http::IpEndpoint>& client) noexcept;
  // The fields of its present request.
  void note_request(ConnectionId id, const http::Fields& fields) noexcept {
    if (!proxies_.empty()) read_fields(id, fields);
  }
  void forget(ConnectionId id) noexcept {
    if (!entries_.empty()) entries_.erase(id.slot);
  }

  // Whom its PROXY header has named.
  std::optional<http::IpEndpoint> proxied(ConnectionId id) const;

  // Nothing: the other end of the connection is the client.
  std::optional<net::Address> find(ConnectionId id) const;

 private:
  // Each says more than the one before, when it says anything.
  struct Entry {
    std::optional<http::IpEndpoint> proxied = {};
    std::optional<http::IpAddress> forwarded = {};
  };

  void read_fields(ConnectionId id, const http::Fields& fields) noexcept;

  http::TrustedProxies proxies_;
  std::unordered_map<std::uint32_t, Entry> entries_;  // by slot; of peers that are listed proxies
};

}  // namespace duplex::endpoint
