// The public face of an Engine.IO client.
#include "duplex/events/engine_client.h"

#include <utility>

#include "events/engine_client_impl.h"

namespace duplex::events {

EngineClient::EngineClient(net::EventLoop& loop, std::string_view url,
                           EngineClientHandlers handlers, EngineClientOptions options)
    : impl_(std::make_shared<Impl>(*this, loop, url, std::move(handlers), std::move(options))) {
  impl_->start();
}

EngineClient::~EngineClient() { impl_->abandon(); }

bool EngineClient::is_open() const noexcept {
  return impl_->session().is_open() && !impl_->session().is_finishing();
}

Transport EngineClient::transport() const noexcept { return impl_->session().transport(); }

std::string_view EngineClient::sid() const noexcept { return impl_->session().handshake().sid; }

void EngineClient::send_text(std::string_view text) { impl_->send({.content = std::string(text)}); }

void EngineClient::send_bytes(Bytes bytes) {
  impl_->send({.content = std::string(as_text(bytes)), .is_bytes = true});
}

void EngineClient::send(engineio::OutMessage message) { impl_->send(std::move(message)); }

std::size_t EngineClient::queued_bytes() const noexcept { return impl_->queued_bytes(); }

bool EngineClient::is_writable() const noexcept { return impl_->is_writable(); }

void EngineClient::close() { impl_->finish(); }

}  // namespace duplex::events
