// A connection on its way from the server that has accepted it to one on another loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "duplex/endpoint/server.h"
#include "http/ip_address.h"
#include "net/descriptor.h"

namespace duplex::endpoint {

// Closed if it never arrives.
struct Handover {
  net::Descriptor socket = {};
  net::Address peer = {};
  std::optional<http::IpEndpoint> proxied = {};  // whom its PROXY header has named
  std::string unread = {};                       // its request, and what has come behind that
};

// Thread: any.
class Entrance::Impl {
 public:
  // `server` points to null once that has gone, and is looked at on its loop alone.
  Impl(net::EventLoop& loop, std::shared_ptr<Server::Impl*> server)
      : post_(loop.poster()), kernel_(loop.kernel()), server_(std::move(server)) {}

  // `from`: the kernel of the loop that it leaves, which closes it if the other one has ended.
  void take(Handover handover, net::Kernel& from) const;

 private:
  std::function<bool(net::EventLoop::Task)> post_;
  net::Kernel& kernel_;
  std::shared_ptr<Server::Impl*> server_;
};

// The head of a request as it may have come: its fields in their order.
std::string head_text(const http::Request& request);

}  // namespace duplex::endpoint
