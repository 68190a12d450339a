// Whom a server answers for, RFC 9110 section 7.4.
//
// A page can have its own name made to point at another machine (DNS rebinding). To the browser
// that machine is then of the page's own origin, so no rule about origins keeps the page out; but
// Host still has the page's name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duplex/http/message.h"

namespace duplex::http {

class ServedHosts {
 public:
  // A host as in Host, without a port: a name, an IPv4 address, an IPv6 address in brackets. False
  // when it is none of these.
  bool add(std::string_view host);

  // Whether a request is for one of these, with whatever port and in whatever case. A request
  // without Host, of HTTP/1.0, comes from no browser, and counts as one. Empty: any.
  bool include(const Fields& fields) const noexcept;

 private:
  std::vector<std::string> hosts_;
};

}  // namespace duplex::http
