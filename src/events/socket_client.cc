// The public face of a Socket.IO client.
#include "duplex/events/socket_client.h"

#include <utility>

#include "events/client_socket_core.h"
#include "events/socket_client_impl.h"

namespace duplex::events {

SocketClient::SocketClient(net::EventLoop& loop, std::string_view url, SocketClientOptions options)
    : impl_(std::make_shared<Impl>(loop, url, std::move(options))) {}

SocketClient::~SocketClient() { impl_->abandon(); }

ClientSocket& SocketClient::of(std::string_view nsp, ClientSocketOptions options) {
  return impl_->of(nsp, std::move(options));
}

bool SocketClient::is_open() const noexcept { return impl_->is_open(); }
bool SocketClient::is_leaving() const noexcept { return impl_->is_leaving(); }
std::size_t SocketClient::queued_bytes() const noexcept { return impl_->queued_bytes(); }
Transport SocketClient::transport() const noexcept { return impl_->transport(); }

void SocketClient::disconnect() {
  const auto held = impl_;
  held->disconnect_all();
}

void SocketClient::set_query(std::string query) { impl_->set_query(std::move(query)); }
void SocketClient::set_fields(std::vector<endpoint::HeaderField> fields) {
  impl_->set_fields(std::move(fields));
}

SocketClient& SocketClient::on_reconnect_attempt(std::function<void(std::size_t)> handler) {
  impl_->reconnect_attempt_handler = std::move(handler);
  return *this;
}
SocketClient& SocketClient::on_reconnect(std::function<void(std::size_t)> handler) {
  impl_->reconnect_handler = std::move(handler);
  return *this;
}
SocketClient& SocketClient::on_reconnect_failed(std::function<void()> handler) {
  impl_->reconnect_failed_handler = std::move(handler);
  return *this;
}

}  // namespace duplex::events
