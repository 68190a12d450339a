// Whom an event goes to, put together step by step.
#include <stdexcept>
#include <utility>

#include "events/namespace_core.h"
#include "events/socket_core.h"

namespace duplex::events {
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
  nsp->check_attachments(event.values);
  if (!is_direct_) return nsp->broadcast(target_, sender_, std::move(event), flags_);
  if (const auto socket = only_.lock()) socket->emit(std::move(event), flags_);
}

void Emitter::order(ClusterMessage message) const {
  const auto nsp = nsp_.lock();
  if (nsp == nullptr || nsp->server == nullptr) return;
  message.target = target_;
  if (!sender_.empty()) message.target.except.push_back(sender_);
  nsp->order(message, flags_);
}

void Emitter::sockets_join(std::string_view room) const {
  order({.type = ClusterMessage::Type::sockets_join, .rooms = {std::string(room)}});
}

void Emitter::sockets_leave(std::string_view room) const {
  order({.type = ClusterMessage::Type::sockets_leave, .rooms = {std::string(room)}});
}

void Emitter::disconnect_sockets(bool close) const {
  order({.type = ClusterMessage::Type::disconnect_sockets, .close = close});
}

void Emitter::fetch_sockets(std::function<void(FetchedSockets)> handler) const {
  const auto nsp = nsp_.lock();
  if (nsp == nullptr || nsp->server == nullptr) return handler({});
  nsp->fetch(target_, sender_, flags_, std::move(handler));
}

}  // namespace duplex::events
