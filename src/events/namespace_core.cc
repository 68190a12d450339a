// A namespace of a Socket.IO server: who is in it, and who hears what; see namespace_core.h.
#include "events/namespace_core.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {

NamespaceCore::NamespaceCore(SocketServer::Impl& owner, std::string name,
                             std::shared_ptr<Reception> shared)
    : server(&owner), loop(owner.loop()), name_text(std::move(name)), reception(std::move(shared)) {
  const auto& options = owner.options().recovery;
  if (options) recovery_.emplace(*options);
}

void NamespaceCore::join_cluster() {
  const auto& options = server->options();
  if (!options.adapter) return;
  cluster_ = std::make_shared<Cluster>(*this, options.request_timeout);
  cluster_->start(options.adapter);
  // Without it, what others send to rooms whose members are all away does not come here.
  recovery_.reset();
}

// --- Coming and going ----------------------------------------------------------------------------

void NamespaceCore::welcome(const std::shared_ptr<SocketCore>& socket) {
  ++joining_;
  const Json* const secret = socket->said.auth.find("pid");
  const Json* const offset = socket->said.auth.find("offset");
  if (!recovers() || secret == nullptr || secret->text() == nullptr) return admit(socket);
  give_up(*secret->text());
  if (server == nullptr) return;
  if (offset == nullptr || offset->text() == nullptr) return admit(socket);
  restore(socket, *secret->text(), *offset->text());
}

// Its old connection may be dead, and nobody here knows it yet.
void NamespaceCore::give_up(const std::string& secret) {
  const auto old = by_secret_.find(secret);
  if (old != by_secret_.end()) old->second->link->give_up("its client has come again");
}

void NamespaceCore::admit(const std::shared_ptr<SocketCore>& socket, std::size_t index) {
  if (socket->state != SocketCore::State::joining || server == nullptr) return;
  if (index == reception->middleware.size()) return connect(socket);
  const Middleware middleware = reception->middleware[index];
  const auto called = std::make_shared<bool>(false);
  middleware(*socket,
             [self = shared_from_this(), socket, index, called](std::optional<Refusal> refusal) {
               if (std::exchange(*called, true)) return;
               refusal ? self->refuse(socket, *std::move(refusal)) : self->admit(socket, index + 1);
             });
}

void NamespaceCore::connect(const std::shared_ptr<SocketCore>& socket) {
  --joining_;
  std::erase(returning_, socket.get());
  sockets_.emplace(socket->id_text, socket);
  socket->state = SocketCore::State::connected;
  codec::JsonObject answer = {{"sid", socket->id_text}};
  if (recovers()) {
    SocketCore::Return& way_back = prepare_return(*socket);
    by_secret_[way_back.secret] = socket.get();
    answer.emplace_back("pid", way_back.secret);
  }
  // Before it is told that it has joined, as Socket.IO's own servers do it: clients keep these.
  if (socket->has_recovered) send_missed(*socket);
  socket->send_packet(
      {.type = socketio::PacketType::connect, .nsp = name_text, .data = Json(std::move(answer))});
  socket->link->on_joined();
  const auto held = reception;
  for (std::size_t i = 0; i < held->on_connection.size(); ++i) {
    const ConnectionHandler handler = held->on_connection[i];
    if (socket->state == SocketCore::State::connected) handler(*socket);
  }
}

void NamespaceCore::refuse(const std::shared_ptr<SocketCore>& socket, Refusal refusal) {
  if (socket->state != SocketCore::State::joining) return;
  codec::JsonObject error = {{"message", std::move(refusal.message)}};
  if (refusal.data) error.emplace_back("data", *std::move(refusal.data));
  socket->send_packet({.type = socketio::PacketType::connect_error,
                       .nsp = name_text,
                       .data = Json(std::move(error))});
  socket->leave_namespace({DisconnectReason::server_namespace_disconnect});
}

// Middleware may have put it into rooms.
void NamespaceCore::give_up_joining(SocketCore& socket) {
  --joining_;
  std::erase(returning_, &socket);
  const auto rooms = leave_all(socket);
  tell_if_empty();
  for (const std::string& room : rooms) tell_left(room, socket.id_text);
}

void NamespaceCore::tell_if_empty() {
  if (is_dynamic && server != nullptr && is_empty()) server->on_empty(*this);
}

void NamespaceCore::remove(SocketCore& socket) {
  if (socket.way_back != nullptr) by_secret_.erase(socket.way_back->secret);
  sockets_.erase(socket.id_text);
  const auto rooms = leave_all(socket);
  tell_if_empty();
  for (const std::string& room : rooms) tell_left(room, socket.id_text);
}

void NamespaceCore::close() {
  for (const auto& socket : sockets_of({}, {})) {
    if (socket->link != nullptr) socket->link->close();
  }
}

// Nobody hears of it: its user has gone.
void NamespaceCore::abandon() noexcept {
  for (const auto& [id, socket] : sockets_) socket->abandon();
  for (const auto& [id, socket] : sockets_) rooms_.unsubscribe_all(*socket);
  returning_.clear();
  by_secret_.clear();
  sockets_.clear();
  cluster_.reset();
  server = nullptr;
}

SocketCore* NamespaceCore::find_core(std::string_view id) const noexcept {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second.get();
}

// --- Coming again --------------------------------------------------------------------------------

SocketCore::Return& NamespaceCore::prepare_return(SocketCore& socket) {
  if (socket.way_back == nullptr) {
    socket.way_back =
        std::make_unique<SocketCore::Return>(SocketCore::Return{.secret = server->random_id()});
  }
  return *socket.way_back;
}

void NamespaceCore::save(SocketCore& socket) {
  if (server == nullptr) return;
  if (recovery_) {
    recovery_->save(
        socket.way_back->secret,
        {.id = socket.id_text, .rooms = socket.rooms(), .data = std::move(socket.user_data)},
        server->loop().now());
  } else if (keeps_in_cluster()) {
    RemoteSocket lost = socket.described();
    cluster_->adapter().save(
        socket.way_back->secret,
        {.id = lost.id, .rooms = std::move(lost.rooms), .data = std::move(lost.data)},
        server->options().recovery->max_disconnection);
  }
}

void NamespaceCore::restore(const std::shared_ptr<SocketCore>& socket, const std::string& secret,
                            const std::string& offset) {
  if (recovery_) {
    auto found = recovery_->restore(secret, offset, server->loop().now());
    if (!found) return admit(socket);
    socket->user_data = std::move(found->session.data);
    return welcome_back(
        socket, secret,
        {.socket = {.id = std::move(found->session.id), .rooms = std::move(found->session.rooms)},
         .missed = std::move(found->missed)});
  }
  cluster_->adapter().restore(
      secret, offset, [weak = weak_from_this(), socket, secret](std::optional<FoundSocket> found) {
        const auto self = weak.lock();
        if (self == nullptr || socket->state != SocketCore::State::joining) return;
        if (!found || !self->admits_rooms(found->socket.rooms)) return self->admit(socket);
        if (!found->socket.data.is_null()) socket->user_data = std::move(found->socket.data);
        self->welcome_back(socket, secret, *std::move(found));
      });
}

// Those of a session that a server of other limits has kept. The first is its own.
bool NamespaceCore::admits_rooms(const std::vector<std::string>& rooms) const {
  const auto& options = server->options();
  const auto fits = [&](const std::string& room) { return room.size() <= options.max_room_size; };
  return rooms.size() <= options.max_rooms_per_socket + 1 && std::ranges::all_of(rooms, fits);
}

// With its id, its rooms and what it has missed.
void NamespaceCore::welcome_back(const std::shared_ptr<SocketCore>& socket,
                                 const std::string& secret, FoundSocket found) {
  socket->id_text = std::move(found.socket.id);
  socket->has_recovered = true;
  for (const std::string& room : found.socket.rooms) join(*socket, room);
  if (server == nullptr || socket->state != SocketCore::State::joining) return;
  prepare_return(*socket) = {secret, std::move(found.missed)};
  if (server->options().recovery->skip_middleware) return connect(socket);
  returning_.push_back(socket.get());
  admit(socket);
}

void NamespaceCore::send_missed(SocketCore& socket) {
  for (JsonArray& values : std::exchange(socket.way_back->missed, {})) {
    socket.send_packet({.nsp = name_text, .data = Json(std::move(values))});
  }
}

void NamespaceCore::keep(JsonArray& values, const Target& target, std::string_view sender,
                         const EmitFlags& flags) {
  if (!recovery_ || flags.droppable) return;
  std::vector<std::string> except = target.except;
  if (!sender.empty()) except.emplace_back(sender);
  recovery_->keep(values, target.rooms, std::move(except), server->loop().now());
}

// --- Rooms ---------------------------------------------------------------------------------------

void NamespaceCore::join(SocketCore& socket, std::string_view room) {
  if (server == nullptr || socket.state == SocketCore::State::gone || room == socket.id_text) {
    return;  // somebody was told of an earlier room, and sent it away
  }
  if (const std::size_t most = server->options().max_room_size; room.size() > most) {
    throw std::length_error("a room's name of " + std::to_string(room.size()) + " bytes, and " +
                            std::to_string(most) + " is the limit");
  }
  const std::size_t limit = server->options().max_rooms_per_socket;
  if (rooms_.count_of(socket) >= limit && !rooms_.has(socket, room)) {
    throw std::length_error("room '" + std::string(room) + "': the socket is in " +
                            std::to_string(limit) + " rooms, which is the limit");
  }
  if (!rooms_.subscribe(socket, room)) return;
  if (rooms_.subscriber_count(room) == 1) tell_adapter(room, true);
  tell_joined(room, socket.id_text);
}

void NamespaceCore::leave(SocketCore& socket, std::string_view room) {
  if (!rooms_.unsubscribe(socket, room)) return;
  if (rooms_.subscriber_count(room) == 0) tell_adapter(room, false);
  tell_left(room, socket.id_text);
}

// Returns them if anybody wants to know.
std::vector<std::string> NamespaceCore::leave_all(SocketCore& socket) {
  std::vector<std::string> rooms;
  const bool is_told = cluster_ != nullptr && cluster_->adapter().follows_rooms();
  if (is_told || !reception->on_room.empty()) rooms = rooms_.topics_of(socket);
  rooms_.unsubscribe_all(socket);
  for (const std::string& room : rooms) {
    if (rooms_.subscriber_count(room) == 0) tell_adapter(room, false);
  }
  return rooms;
}

void NamespaceCore::tell_adapter(std::string_view room, bool exists) {
  if (cluster_ != nullptr && cluster_->adapter().follows_rooms()) {
    cluster_->adapter().on_room(room, exists);
  }
}

std::size_t NamespaceCore::count_in(std::string_view room) const noexcept {
  return rooms_.subscriber_count(room) + (find_core(room) == nullptr ? 0 : 1);
}

}  // namespace duplex::events
