// From a URL's authority to a connected descriptor: look-up, then connect, under one deadline.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "duplex/base/result.h"
#include "duplex/http/url.h"
#include "net/connector.h"
#include "net/resolver.h"

namespace duplex::endpoint {

class DialerOwner {
 public:
  virtual void on_dialed(int fd) = 0;
  virtual void on_dial_failed(std::error_code error, const std::string& why) = 0;

 protected:
  ~DialerOwner() = default;
};

// Owner: a client's connection while it opens. Thread: the loop's. Either answer comes once, in a
// later turn, and may destroy the dialer; destroying it earlier cancels.
class Dialer final : private net::ResolverOwner, private net::ConnectorOwner {
 public:
  Dialer(net::Reactor& reactor, DialerOwner& owner) noexcept
      : owner_(owner), resolver_(reactor, *this), connector_(reactor, *this) {}

  void start(const http::Url& url, net::Clock::time_point deadline);

 private:
  void on_resolved(std::span<const net::Address> addresses) override;
  void on_resolve_failed(std::error_code error) override;
  void on_connected(int fd, const net::Address&) override { owner_.on_dialed(fd); }
  void on_connect_failed(std::error_code error) override;

  DialerOwner& owner_;
  net::Resolver resolver_;
  net::Connector connector_;
  net::Clock::time_point deadline_ = {};
  std::error_code bad_path_;  // why a Unix-domain path has no address
};

}  // namespace duplex::endpoint
