// The public face of a Client.
#include "duplex/endpoint/client.h"

#include <utility>

#include "endpoint/client_impl.h"

namespace duplex::endpoint {

Client::Client(net::EventLoop& loop, ClientOptions options)
    : impl_(std::make_unique<Impl>(loop, options)) {}

Client::~Client() { impl_.release()->abandon(); }

ConnectionId Client::connect(std::string_view url, ClientHandlers handlers,
                             ConnectOptions options) {
  return impl_->connect(url, std::move(handlers), std::move(options));
}

Connection* Client::find(ConnectionId id) noexcept {
  Phase* phase = impl_->find_phase(id);
  return phase == nullptr ? nullptr : phase->as_connection();
}

bool Client::send(ConnectionId id, Message message) { return impl_->send(id, message); }

std::size_t Client::connection_count() const noexcept { return impl_->connection_count(); }

}  // namespace duplex::endpoint
