// The public face of a namespace. Every Namespace is a NamespaceCore.
#include <utility>

#include "events/namespace_core.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

NamespaceCore& core_of(Namespace& nsp) noexcept { return static_cast<NamespaceCore&>(nsp); }
const NamespaceCore& core_of(const Namespace& nsp) noexcept {
  return static_cast<const NamespaceCore&>(nsp);
}

}  // namespace

const std::string& Namespace::name() const noexcept { return core_of(*this).name_text; }
std::size_t Namespace::socket_count() const noexcept { return core_of(*this).size(); }
Socket* Namespace::find(std::string_view id) noexcept { return core_of(*this).find_core(id); }

std::size_t Namespace::room_size(std::string_view room) const noexcept {
  return core_of(*this).count_in(room);
}

Namespace& Namespace::on_connection(ConnectionHandler handler) {
  core_of(*this).reception->on_connection.push_back(std::move(handler));
  return *this;
}

Namespace& Namespace::on_room(RoomHandler handler) {
  core_of(*this).reception->on_room.push_back(std::move(handler));
  return *this;
}

Namespace& Namespace::use(Middleware middleware) {
  core_of(*this).reception->middleware.push_back(std::move(middleware));
  return *this;
}

Namespace& Namespace::add(std::string_view event, socketio::EventHandlerOf<Socket> handler) {
  core_of(*this).reception->listeners.add(event, std::move(handler));
  return *this;
}

Namespace& Namespace::off(std::string_view event) {
  core_of(*this).reception->listeners.remove(event);
  return *this;
}

Namespace& Namespace::on_error(
    std::function<void(Socket&, std::string_view, std::string_view)> handler) {
  core_of(*this).reception->on_error = std::move(handler);
  return *this;
}

Namespace& Namespace::on_disconnect(std::function<void(Socket&, const Disconnect&)> handler) {
  core_of(*this).reception->on_disconnect = std::move(handler);
  return *this;
}

Emitter Namespace::everybody() const {
  return const_cast<NamespaceCore&>(core_of(*this)).emitter();
}

void Namespace::send_server_side(Event event) {
  auto& self = core_of(*this);
  if (self.cluster() != nullptr) return self.cluster()->server_side_emit(std::move(event));
  if (!event.on_ack || self.server == nullptr) return;
  self.server->loop().run_after({}, [handler = std::move(event.on_ack)] {
    AckReply nobody;
    handler(nobody);
  });
}

Namespace& Namespace::add_server_side(std::string_view event, EventHandler handler) {
  core_of(*this).server_side().add(event, std::move(handler), false);
  return *this;
}

Emitter Namespace::to(std::string_view room) const { return everybody().to(room); }
Emitter Namespace::except(std::string_view room) const { return everybody().except(room); }
Emitter Namespace::droppable() const { return everybody().droppable(); }
Emitter Namespace::local() const { return everybody().local(); }
Emitter Namespace::compress(bool allowed) const { return everybody().compress(allowed); }
Emitter Namespace::timeout(std::chrono::milliseconds time) const {
  return everybody().timeout(time);
}

}  // namespace duplex::events
