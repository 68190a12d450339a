// Whom an event goes to, put together step by step.
#include <stdexcept>
#include <utility>

#include "events/namespace_core.h"
#include "events/socket_core.h"

namespace duplex::events {
namespace {

RemoteSocket describe(const SocketCore& socket) {
  return {.id = socket.id(), .rooms = socket.rooms(), .handshake = socket.said};
}

}  // namespace

Emitter SocketCore::emitter() {
  Emitter emitter = nsp_core->emitter();
  emitter.only_ = weak_from_this();
  emitter.is_direct_ = true;
  emitter.sender_ = id_text;
  return emitter;
}

Emitter NamespaceCore::emitter() {
  Emitter emitter;
  emitter.nsp_ = weak_from_this();
  return emitter;
}

Emitter Emitter::broadcast() const {
  Emitter other = *this;
  other.is_direct_ = false;
  return other;
}

Emitter Emitter::to(std::string_view room) const {
  Emitter other = broadcast();
  other.target_.rooms.emplace_back(room);
  return other;
}

Emitter Emitter::except(std::string_view room) const {
  Emitter other = broadcast();
  other.target_.except.emplace_back(room);
  return other;
}

Emitter Emitter::droppable() const {
  Emitter other = *this;
  other.flags_.droppable = true;
  return other;
}

Emitter Emitter::local() const {
  Emitter other = broadcast();
  other.flags_.local = true;
  return other;
}

Emitter Emitter::compress(bool allowed) const {
  Emitter other = *this;
  other.flags_.compress = allowed;
  return other;
}

Emitter Emitter::timeout(std::chrono::milliseconds time) const {
  Emitter other = *this;
  other.flags_.timeout = time;
  return other;
}

void Emitter::send(Event event) const {
  if (event.values.empty() || event.values[0].text() == nullptr) {
    throw std::invalid_argument("an event without a name");
  }
  const std::string& name = *event.values[0].text();
  if (socketio::is_reserved(name)) {
    throw std::invalid_argument("an event of the reserved name '" + name + "'");
  }
  const auto nsp = nsp_.lock();
  if (nsp == nullptr || nsp->server == nullptr) return;
  if (!is_direct_) return nsp->broadcast(target_, sender_, std::move(event), flags_);
  if (const auto socket = only_.lock()) socket->emit(std::move(event), flags_);
}

void Emitter::sockets_join(std::string_view room) const {
  const auto nsp = nsp_.lock();
  if (nsp == nullptr) return;
  for (const auto& socket : nsp->sockets_of(target_, sender_)) nsp->join(*socket, room);
}

void Emitter::sockets_leave(std::string_view room) const {
  const auto nsp = nsp_.lock();
  if (nsp == nullptr) return;
  for (const auto& socket : nsp->sockets_of(target_, sender_)) nsp->leave(*socket, room);
}

void Emitter::disconnect_sockets(bool close) const {
  const auto nsp = nsp_.lock();
  if (nsp == nullptr) return;
  for (const auto& socket : nsp->sockets_of(target_, sender_)) socket->disconnect(close);
}

void Emitter::fetch_sockets(std::function<void(std::vector<RemoteSocket>)> handler) const {
  std::vector<RemoteSocket> all;
  if (const auto nsp = nsp_.lock()) {
    for (const auto& socket : nsp->sockets_of(target_, sender_)) all.push_back(describe(*socket));
  }
  handler(std::move(all));
}

}  // namespace duplex::events
