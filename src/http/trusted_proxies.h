// Which proxies are believed, and whom X-Forwarded-For names then.
//
// A field that anybody can send proves nothing. What a listed proxy appended at the right end is
// its own observation; what stands left of that is what it was told. So the list is read from the
// right, and the first address that is no listed proxy is the client.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "duplex/http/message.h"
#include "http/ip_address.h"

namespace duplex::http {

class TrustedProxies {
 public:
  // An address, a network, or "unix" for whoever comes over a Unix-domain socket. False when it is
  // none of these.
  bool add(std::string_view entry);

  bool empty() const noexcept { return networks_.empty() && !unix_too_; }
  bool trusts(const IpAddress& address) const noexcept;
  bool trusts_unix() const noexcept { return unix_too_; }

 private:
  std::vector<IpNetwork> networks_;
  bool unix_too_ = false;
};

// The client as a listed proxy has it: the rightmost address of all X-Forwarded-For lines that is
// not listed itself, or the leftmost when all are. Nothing when there is no address, or when one
// that would have to be looked at is malformed. Empty elements do not count (RFC 9110 section
// 5.6.1).
std::optional<IpAddress> forwarded_client(const Fields& fields,
                                          const TrustedProxies& proxies) noexcept;

}  // namespace duplex::http
