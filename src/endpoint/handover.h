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
      : post_(loop.poster()), server_(std::move(server)) {}

  void take(Handover handover) const;

 private:
  std::function<bool(net::EventLoop::Task)> post_;
  std::shared_ptr<Server::Impl*> server_;
};

// The head of a request as it may have come: its fields in their order.
std::string head_text(const http::Request& request);

}  // namespace duplex::endpoint
