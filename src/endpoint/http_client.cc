// An HTTP client: which link carries which request.
#include "duplex/endpoint/http_client.h"

#include <algorithm>
#include <utility>

#include "endpoint/http_client_impl.h"

namespace duplex::endpoint {

std::string origin_of(const http::Url& url) {
  return url.is_unix() ? url.unix_path : url.host + ':' + std::to_string(url.port);
}

HttpClient::Impl::Impl(net::EventLoop& loop, HttpClientOptions options)
    : loop_(loop),
      options_(options),
      limits_({.max_head_size = options_.max_head_size,
               .max_body_size = static_cast<std::size_t>(-1)}) {}

RequestId HttpClient::Impl::request(HttpRequest request, HttpResponseHandlers handlers) {
  auto pending = std::make_unique<PendingRequest>();
  const RequestId id{++last_request_};
  pending->id = id;
  pending->handlers = std::move(handlers);
  pending->request = std::move(request);
  auto url = http::parse_url(pending->request.url);
  if (!url || url->is_websocket()) {
    const std::string why =
        url ? "not an http: or http+unix: URL" : std::string(http::describe(url.error()));
    const std::string text = pending->request.url;
    new_link().refuse(std::move(pending), text + ": " + why);
    return id;
  }
  pending->url = *std::move(url);
  HttpLink* idle = find_idle(origin_of(pending->url));
  (idle != nullptr ? *idle : new_link()).start(std::move(pending));
  return id;
}

void HttpClient::Impl::repeat(std::unique_ptr<PendingRequest>& pending) {
  HttpLink& link = new_link();
  link.start(std::move(pending));
}

void HttpClient::Impl::cancel(RequestId id) {
  for (HttpLink& link : links_) {
    if (link.carries(id)) return link.abandon();
  }
}

HttpLink& HttpClient::Impl::new_link() {
  const SlotId id = links_.emplace(*this, limits_);
  HttpLink& link = *links_.find(id);
  link.set_id(id);
  return link;
}

HttpLink* HttpClient::Impl::find_idle(const std::string& origin) noexcept {
  for (HttpLink& link : links_) {
    if (link.is_idle() && link.origin() == origin) return &link;
  }
  return nullptr;
}

bool HttpClient::Impl::may_idle() noexcept {
  std::size_t idle = 0;
  for (HttpLink& link : links_) idle += link.is_idle() ? 1U : 0U;
  return idle < options_.max_idle_connections;
}

void HttpClient::Impl::abandon() noexcept {
  for (HttpLink& link : links_) link.abandon();
  reactor().bury(*this);
}

// --- The public face -----------------------------------------------------------------------------

HttpClient::HttpClient(net::EventLoop& loop, HttpClientOptions options)
    : impl_(std::make_unique<Impl>(loop, options)) {}

HttpClient::~HttpClient() { impl_.release()->abandon(); }

RequestId HttpClient::request(HttpRequest request, HttpResponseHandlers handlers) {
  return impl_->request(std::move(request), std::move(handlers));
}

void HttpClient::cancel(RequestId id) { impl_->cancel(id); }

net::EventLoop& HttpClient::loop() noexcept { return impl_->loop(); }

std::uint64_t HttpClient::bytes_received() const noexcept {
  return impl_->counters().bytes_received;
}

std::uint64_t HttpClient::bytes_sent() const noexcept { return impl_->counters().bytes_sent; }

std::uint64_t HttpClient::connections_opened() const noexcept {
  return impl_->counters().connections_opened;
}

}  // namespace duplex::endpoint
