// The public face of a client's namespace.
#include "duplex/events/client_socket.h"

#include <array>
#include <utility>

#include "events/client_socket_core.h"

namespace duplex::events {
namespace {

ClientSocketCore& core_of(ClientSocket& socket) noexcept {
  return static_cast<ClientSocketCore&>(socket);
}
const ClientSocketCore& core_of(const ClientSocket& socket) noexcept {
  return static_cast<const ClientSocketCore&>(socket);
}

}  // namespace

std::string_view describe(ClientDisconnectReason reason) noexcept {
  constexpr std::array<std::string_view, 6> names = {"io server disconnect", "io client disconnect",
                                                     "ping timeout",         "transport close",
                                                     "transport error",      "parse error"};
  return names[static_cast<std::size_t>(reason)];
}

const std::string& ClientSocket::nsp() const noexcept { return core_of(*this).nsp_name; }
const std::string& ClientSocket::id() const noexcept { return core_of(*this).id_text; }
bool ClientSocket::connected() const noexcept { return core_of(*this).is_connected; }
bool ClientSocket::active() const noexcept { return core_of(*this).is_active(); }
bool ClientSocket::recovered() const noexcept { return core_of(*this).has_recovered; }

void ClientSocket::connect() { core_of(*this).start(); }
void ClientSocket::disconnect() { core_of(*this).stop(); }
void ClientSocket::set_auth(Json auth) {
  core_of(*this).options.auth = std::move(auth);
  core_of(*this).options.make_auth = {};
}

// --- Handlers ------------------------------------------------------------------------------------

ClientSocket& ClientSocket::add(std::string_view event, EventHandler handler, bool once) {
  core_of(*this).listeners.add(event, std::move(handler), once);
  return *this;
}
ClientSocket& ClientSocket::off(std::string_view event) {
  core_of(*this).listeners.remove(event);
  return *this;
}
ClientSocket& ClientSocket::on_any(AnyHandler handler) {
  core_of(*this).incoming.add(std::move(handler));
  return *this;
}
ClientSocket& ClientSocket::prepend_any(AnyHandler handler) {
  core_of(*this).incoming.prepend(std::move(handler));
  return *this;
}
ClientSocket& ClientSocket::off_any() {
  core_of(*this).incoming.clear();
  return *this;
}
ClientSocket& ClientSocket::on_any_outgoing(AnyHandler handler) {
  core_of(*this).outgoing.add(std::move(handler));
  return *this;
}
ClientSocket& ClientSocket::prepend_any_outgoing(AnyHandler handler) {
  core_of(*this).outgoing.prepend(std::move(handler));
  return *this;
}
ClientSocket& ClientSocket::off_any_outgoing() {
  core_of(*this).outgoing.clear();
  return *this;
}
ClientSocket& ClientSocket::on_error(ErrorHandler handler) {
  core_of(*this).error_handler = std::move(handler);
  return *this;
}
ClientSocket& ClientSocket::on_connect(std::function<void(ClientSocket&)> handler) {
  core_of(*this).connect_handler = std::move(handler);
  return *this;
}
ClientSocket& ClientSocket::on_connect_error(
    std::function<void(ClientSocket&, const ConnectError&)> handler) {
  core_of(*this).connect_error_handler = std::move(handler);
  return *this;
}
ClientSocket& ClientSocket::on_disconnect(
    std::function<void(ClientSocket&, const ClientDisconnect&)> handler) {
  core_of(*this).disconnect_handler = std::move(handler);
  return *this;
}

// --- Emitting ------------------------------------------------------------------------------------

void ClientSocket::send(Event event) { core_of(*this).emit(std::move(event), {}); }

ClientEmitter ClientSocket::emitter() {
  ClientEmitter emitter;
  emitter.socket_ = core_of(*this).weak_from_this();
  return emitter;
}
ClientEmitter ClientSocket::droppable() { return emitter().droppable(); }
ClientEmitter ClientSocket::compress(bool allowed) { return emitter().compress(allowed); }
ClientEmitter ClientSocket::timeout(std::chrono::milliseconds time) {
  return emitter().timeout(time);
}

ClientEmitter ClientEmitter::droppable() const {
  ClientEmitter changed = *this;
  changed.flags_.droppable = true;
  return changed;
}
ClientEmitter ClientEmitter::compress(bool allowed) const {
  ClientEmitter changed = *this;
  changed.flags_.compress = allowed;
  return changed;
}
ClientEmitter ClientEmitter::timeout(std::chrono::milliseconds time) const {
  ClientEmitter changed = *this;
  changed.flags_.timeout = time;
  return changed;
}
void ClientEmitter::send(Event event) const {
  if (const auto socket = socket_.lock()) socket->emit(std::move(event), flags_);
}

}  // namespace duplex::events
