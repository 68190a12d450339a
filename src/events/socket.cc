// The public face of a socket. Every Socket is a SocketCore.
#include "duplex/events/socket.h"

#include <utility>

#include "events/namespace_core.h"
#include "events/socket_core.h"
#include "events/socket_link.h"

namespace duplex::events {

std::string_view describe(DisconnectReason reason) noexcept {
  switch (reason) {
    case DisconnectReason::client_namespace_disconnect:
      return "client namespace disconnect";
    case DisconnectReason::server_namespace_disconnect:
      return "server namespace disconnect";
    case DisconnectReason::server_shutting_down:
      return "server shutting down";
    case DisconnectReason::ping_timeout:
      return "ping timeout";
    case DisconnectReason::transport_close:
      return "transport close";
    case DisconnectReason::transport_error:
      return "transport error";
    case DisconnectReason::parse_error:
      return "parse error";
    case DisconnectReason::forced_close:
      return "forced close";
    case DisconnectReason::forced_server_close:
      return "forced server close";
  }
  return "";
}

const std::string& Socket::id() const noexcept { return core_of(*this).id_text; }
Namespace& Socket::nsp() noexcept { return *core_of(*this).nsp_core; }
const Handshake& Socket::handshake() const noexcept { return core_of(*this).said; }
bool Socket::recovered() const noexcept { return core_of(*this).has_recovered; }
std::any& Socket::data() noexcept { return core_of(*this).user_data; }

bool Socket::connected() const noexcept {
  return core_of(*this).state == SocketCore::State::connected;
}

engineio::Transport Socket::transport() const noexcept {
  const SocketLink* const link = core_of(*this).link;
  return link == nullptr ? engineio::Transport::polling
                         : const_cast<SocketLink*>(link)->session().transport();
}

std::size_t Socket::queued_bytes() const noexcept {
  const SocketLink* const link = core_of(*this).link;
  return link == nullptr ? 0 : const_cast<SocketLink*>(link)->session().queued_bytes();
}

// --- Rooms ---------------------------------------------------------------------------------------

void Socket::join(std::string_view room) {
  auto& self = core_of(*this);
  if (self.state != SocketCore::State::gone) self.nsp_core->join(self, room);
}

void Socket::leave(std::string_view room) { core_of(*this).nsp_core->leave(core_of(*this), room); }

bool Socket::is_in(std::string_view room) const noexcept {
  const auto& self = core_of(*this);
  return room == self.id_text || self.nsp_core->rooms().has(self, room);
}

std::vector<std::string> Socket::rooms() const {
  const auto& self = core_of(*this);
  std::vector<std::string> names = self.nsp_core->rooms().topics_of(self);
  names.insert(names.begin(), self.id_text);
  return names;
}

// --- Handlers ------------------------------------------------------------------------------------

Socket& Socket::add(std::string_view event, EventHandler handler, bool once) {
  core_of(*this).listeners.add(event, std::move(handler), once);
  return *this;
}

Socket& Socket::off(std::string_view event) {
  core_of(*this).listeners.remove(event);
  return *this;
}

Socket& Socket::on_any(AnyHandler handler) {
  core_of(*this).handlers().incoming.add(std::move(handler));
  return *this;
}

Socket& Socket::prepend_any(AnyHandler handler) {
  core_of(*this).handlers().incoming.prepend(std::move(handler));
  return *this;
}

Socket& Socket::off_any() {
  core_of(*this).handlers().incoming.clear();
  return *this;
}

Socket& Socket::on_any_outgoing(AnyHandler handler) {
  core_of(*this).handlers().outgoing.add(std::move(handler));
  core_of(*this).nsp_core->expect_outgoing();
  return *this;
}

Socket& Socket::prepend_any_outgoing(AnyHandler handler) {
  core_of(*this).handlers().outgoing.prepend(std::move(handler));
  core_of(*this).nsp_core->expect_outgoing();
  return *this;
}

Socket& Socket::off_any_outgoing() {
  core_of(*this).handlers().outgoing.clear();
  return *this;
}

Socket& Socket::use(EventFilter filter) {
  core_of(*this).handlers().filters.push_back(std::move(filter));
  return *this;
}

Socket& Socket::on_error(std::function<void(std::string_view, std::string_view)> handler) {
  core_of(*this).handlers().on_error = std::move(handler);
  return *this;
}

Socket& Socket::on_drain(std::function<void(Socket&)> handler) {
  core_of(*this).handlers().on_drain = std::move(handler);
  return *this;
}

Socket& Socket::on_disconnect(std::function<void(Socket&, const Disconnect&)> handler) {
  core_of(*this).handlers().on_disconnect = std::move(handler);
  return *this;
}

// --- Events to the client, and to others ---------------------------------------------------------

void Socket::send(Event event) { core_of(*this).emitter().send(std::move(event)); }
Emitter Socket::droppable() { return core_of(*this).emitter().droppable(); }
Emitter Socket::compress(bool allowed) { return core_of(*this).emitter().compress(allowed); }
Emitter Socket::timeout(std::chrono::milliseconds time) {
  return core_of(*this).emitter().timeout(time);
}
Emitter Socket::to(std::string_view room) { return broadcast().to(room); }
Emitter Socket::except(std::string_view room) { return broadcast().except(room); }
Emitter Socket::broadcast() { return core_of(*this).emitter().broadcast(); }
Emitter Socket::local() { return broadcast().local(); }

void Socket::disconnect(bool close) {
  auto& self = core_of(*this);
  const auto held = self.shared_from_this();
  if (self.link == nullptr) return;
  if (close) return self.link->disconnect_all();
  if (self.state == SocketCore::State::joining) {
    return self.nsp_core->refuse(held, {.message = "disconnected"});
  }
  self.send_packet({.type = socketio::PacketType::disconnect, .nsp = self.nsp_core->name_text});
  self.leave_namespace({DisconnectReason::server_namespace_disconnect});
}

}  // namespace duplex::events
