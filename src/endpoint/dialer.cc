// From a URL's authority to a connected descriptor; see dialer.h.
#include "endpoint/dialer.h"

#include <array>

namespace duplex::endpoint {

void Dialer::start(const http::Url& url, net::Clock::time_point deadline) {
  deadline_ = deadline;
  if (!url.is_unix()) return resolver_.start(url.host, url.port);
  const auto address = net::Address::unix_path(url.unix_path);
  // A path that is too long names no socket: the connector says so in a later turn.
  const std::array<net::Address, 1> addresses = {address ? *address : net::Address()};
  connector_.start(addresses, deadline_);
}

void Dialer::on_resolved(std::span<const net::Address> addresses) {
  connector_.start(addresses, deadline_);
}

}  // namespace duplex::endpoint
