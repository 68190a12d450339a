// The public face of a Server.
#include "duplex/endpoint/server.h"

#include <utility>

#include "endpoint/server_impl.h"

namespace duplex::endpoint {

Server::Server(net::EventLoop& loop, ServerOptions options)
    : impl_(std::make_unique<Impl>(loop, std::move(options))) {}

Server::~Server() { impl_.release()->abandon(); }

Server& Server::websocket(std::string_view path, WebSocketHandlers handlers,
                          WebSocketOptions options) {
  impl_->add_websocket(path, std::move(handlers), std::move(options));
  return *this;
}

Server& Server::get(std::string_view path, ExchangeHandler handler) {
  return route("GET", path, std::move(handler));
}

Server& Server::post(std::string_view path, ExchangeHandler handler) {
  return route("POST", path, std::move(handler));
}

Server& Server::route(std::string_view method, std::string_view path, ExchangeHandler handler) {
  impl_->add_route(method, path, std::move(handler));
  return *this;
}

Server& Server::files(std::string_view prefix, const std::string& directory) {
  impl_->add_files(prefix, directory);
  return *this;
}

Connection* Server::find(ConnectionId id) noexcept {
  Phase* phase = impl_->find_phase(id);
  return phase == nullptr ? nullptr : phase->as_connection();
}

Exchange* Server::find(ExchangeId id) noexcept {
  Phase* phase = impl_->find_phase(id.connection);
  return phase == nullptr ? nullptr : phase->as_exchange(id.request);
}

bool Server::send(ConnectionId id, Message message) { return impl_->send(id, message); }

std::size_t Server::broadcast(Message message) { return impl_->broadcast(message); }

std::size_t Server::publish(std::string_view topic, Message message, ConnectionId except) {
  return impl_->publish(topic, message, except);
}

std::size_t Server::subscriber_count(std::string_view topic) const noexcept {
  return impl_->topics().subscriber_count(topic);
}

Entrance Server::entrance() { return impl_->entrance(); }

void Server::redirect(Redirect where) { impl_->add_redirect(std::move(where)); }

void Server::stop(std::function<void()> stopped) { impl_->stop(std::move(stopped)); }

bool Server::stopping() const noexcept { return impl_->stopping(); }

std::uint16_t Server::port() const noexcept { return address().port(); }

net::Address Server::address() const { return impl_->listener().address(); }

const ServerStats& Server::stats() const noexcept { return impl_->stats(); }

net::EventLoop& Server::loop() noexcept { return impl_->loop(); }

}  // namespace duplex::endpoint
