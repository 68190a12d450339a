// The public face of an Engine.IO server and of its sessions.
#include "duplex/events/engine_server.h"

#include <utility>

#include "events/engine_server_impl.h"

namespace duplex::events {
namespace {

EngineSession::Impl& impl_of(EngineSession& session) noexcept {
  return static_cast<EngineSession::Impl&>(session);
}
const EngineSession::Impl& impl_of(const EngineSession& session) noexcept {
  return static_cast<const EngineSession::Impl&>(session);
}

}  // namespace

EngineServer::EngineServer(Server& server, EngineHandlers handlers, EngineOptions options)
    : impl_(std::make_shared<Impl>(server, std::move(handlers), std::move(options))) {
  impl_->add_routes();
}

EngineServer::~EngineServer() { impl_->abandon(); }

std::size_t EngineServer::session_count() const noexcept { return impl_->session_count(); }

EngineSession* EngineServer::find(std::string_view sid) noexcept { return impl_->find(sid); }

const std::string& EngineSession::sid() const noexcept { return impl_of(*this).session.sid(); }

engineio::Transport EngineSession::transport() const noexcept {
  return impl_of(*this).session.transport();
}

engineio::Revision EngineSession::revision() const noexcept {
  return impl_of(*this).session.dialect().revision;
}

bool EngineSession::is_open() const noexcept { return !impl_of(*this).session.is_closed(); }

std::size_t EngineSession::queued_bytes() const noexcept {
  const auto& self = impl_of(*this);
  return self.engine == nullptr ? 0 : self.engine->queued_bytes(self);
}

bool EngineSession::is_writable() const noexcept {
  const auto& self = impl_of(*this);
  return self.engine != nullptr && self.engine->is_writable(self);
}

const net::Address& EngineSession::peer_address() const noexcept {
  return impl_of(*this).peer_address;
}

void EngineSession::send_text(std::string_view text) {
  send(std::make_shared<engineio::OutMessage>(engineio::OutMessage{.content = std::string(text)}));
}

void EngineSession::send_bytes(Bytes bytes) {
  send(std::make_shared<engineio::OutMessage>(
      engineio::OutMessage{.content = std::string(as_text(bytes)), .is_bytes = true}));
}

void EngineSession::send(engineio::SharedMessage message) {
  auto& self = impl_of(*this);
  if (self.engine != nullptr) self.engine->send(self, std::move(message));
}

void EngineSession::close() {
  auto& self = impl_of(*this);
  if (self.engine != nullptr) self.engine->close(self, engineio::CloseReason::forced_close);
}

std::any& EngineSession::user_data() noexcept { return impl_of(*this).user_data; }

}  // namespace duplex::events
