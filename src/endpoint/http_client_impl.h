// The inside of an HttpClient: its links, and which of them are free.
#pragma once

#include <memory>

#include "base/slot_map.h"
#include "duplex/endpoint/http_client.h"
#include "duplex/http/limits.h"
#include "endpoint/http_link.h"
#include "net/reactor.h"

namespace duplex::endpoint {

// Owner: an HttpClient; after that the dying list of the loop, so that a handler may destroy it.
class HttpClient::Impl final : private net::Mortal {
 public:
  Impl(net::EventLoop& loop, HttpClientOptions options);

  RequestId request(HttpRequest request, HttpResponseHandlers handlers);
  void cancel(RequestId id);
  // Drops everything without a word; the loop destroys this at the end of its turn.
  void abandon() noexcept;

  struct Counters {
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t connections_opened = 0;
  };

  // --- For the links -----------------------------------------------------------------------------
  net::EventLoop& loop() noexcept { return loop_; }
  net::Reactor& reactor() noexcept { return loop_.reactor(); }
  const HttpClientOptions& options() const noexcept { return options_; }
  Counters& counters() noexcept { return counters_; }
  // Takes `pending` unless it throws.
  void repeat(std::unique_ptr<PendingRequest>& pending);
  // False when enough others are idle already.
  bool may_idle() noexcept;
  void erase(HttpLink& link) noexcept { links_.erase(link.id()); }

 private:
  void destroy() override { delete this; }
  HttpLink& new_link();
  HttpLink* find_idle(const std::string& origin) noexcept;

  net::EventLoop& loop_;
  HttpClientOptions options_;
  http::ParserLimits limits_;
  Counters counters_;
  std::uint64_t last_request_ = 0;
  SlotMap<HttpLink> links_;
};

// Who a connection is to, as links compare it.
std::string origin_of(const http::Url& url);

}  // namespace duplex::endpoint
