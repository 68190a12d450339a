// A namespace of a Socket.IO server: who is in it, and who hears what; see namespace_core.h.
#include "events/namespace_core.h"

#include <stdexcept>
#include <utility>

#include "events/remote_handshake.h"
#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

// The receiver's own room names it as well as it does.
Target without(Target target, std::string_view sender) {
  if (!sender.empty()) target.except.emplace_back(sender);
  return target;
}

RemoteSocket described(SocketCore& socket) {
  const Json* const data = std::any_cast<Json>(&socket.user_data);
  return {.id = socket.id(),
          .rooms = socket.rooms(),
          .handshake = remote_handshake(socket.said),
          .data = data == nullptr ? Json() : *data};
}

}  // namespace

NamespaceCore::NamespaceCore(SocketServer::Impl& owner, std::string name,
                             std::shared_ptr<Reception> shared)
    : server(&owner), name_text(std::move(name)), reception(std::move(shared)) {
  const auto& options = owner.options().recovery;
  if (options) recovery_.emplace(*options);
}

void NamespaceCore::join_cluster() {
  const auto& options = server->options();
  if (!options.adapter) return;
  cluster_ = std::make_shared<Cluster>(*this, options.request_timeout);
  cluster_->start(options.adapter);
  if (cluster_->keeps_events()) recovery_.reset();
}

// --- Coming and going ----------------------------------------------------------------------------

void NamespaceCore::welcome(const std::shared_ptr<SocketCore>& socket) {
  const Json* const secret = socket->said.auth.find("pid");
  const Json* const offset = socket->said.auth.find("offset");
  if (!recovers() || secret == nullptr || secret->text() == nullptr) return admit(socket);
  // Its old connection may be dead, and nobody here knows it yet.
  const auto old = by_secret_.find(*secret->text());
  if (old != by_secret_.end()) old->second->link->give_up();
  if (offset == nullptr || offset->text() == nullptr) return admit(socket);
  restore(socket, *secret->text(), *offset->text());
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
  sockets_.emplace(socket->id_text, socket);
  socket->state = SocketCore::State::connected;
  codec::JsonObject answer = {{"sid", socket->id_text}};
  if (recovers()) {
    SocketCore::Return& way_back = prepare_return(*socket);
    by_secret_[way_back.secret] = socket.get();
    answer.emplace_back("pid", way_back.secret);
  }
  socket->send_packet(
      {.type = socketio::PacketType::connect, .nsp = name_text, .data = Json(std::move(answer))});
  if (socket->has_recovered) send_missed(*socket);
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
  socket->leave_namespace(DisconnectReason::server_namespace_disconnect);
  if (is_dynamic && server != nullptr && sockets_.empty()) server->on_empty(*this);
}

void NamespaceCore::remove(SocketCore& socket) {
  const auto rooms = leave_all(socket);
  if (socket.way_back != nullptr) by_secret_.erase(socket.way_back->secret);
  sockets_.erase(socket.id_text);
  if (is_dynamic && server != nullptr && sockets_.empty()) server->on_empty(*this);
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
    RemoteSocket lost = described(socket);
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
        if (!found) return self->admit(socket);
        if (!found->socket.data.is_null()) socket->user_data = std::move(found->socket.data);
        self->welcome_back(socket, secret, *std::move(found));
      });
}

// With its id, its rooms and what it has missed.
void NamespaceCore::welcome_back(const std::shared_ptr<SocketCore>& socket,
                                 const std::string& secret, FoundSocket found) {
  socket->id_text = std::move(found.socket.id);
  socket->has_recovered = true;
  for (const std::string& room : found.socket.rooms) join(*socket, room);
  prepare_return(*socket) = {secret, std::move(found.missed)};
  server->options().recovery->skip_middleware ? connect(socket) : admit(socket);
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
  if (server == nullptr || room == socket.id_text) return;
  const std::size_t limit = server->options().max_rooms_per_socket;
  if (rooms_.count_of(socket) >= limit && !rooms_.has(socket, room)) {
    throw std::length_error("room '" + std::string(room) + "': the socket is in " +
                            std::to_string(limit) + " rooms, which is the limit");
  }
  if (!rooms_.subscribe(socket, room)) return;
  if (rooms_.subscriber_count(room) == 1) tell_adapter(room, true);
  tell_joined(std::string(room), socket.id_text);
}

void NamespaceCore::leave(SocketCore& socket, std::string_view room) {
  if (!rooms_.unsubscribe(socket, room)) return;
  if (rooms_.subscriber_count(room) == 0) tell_adapter(room, false);
  tell_left(std::string(room), socket.id_text);
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

// --- Sending -------------------------------------------------------------------------------------

template <class F>
void NamespaceCore::for_each_in(std::string_view room, F&& visit) {
  rooms_.for_each(room, [&](endpoint::Subscriber& each) { visit(static_cast<SocketCore&>(each)); });
  if (SocketCore* const own = find_core(room)) visit(*own);
}

template <class F>
void NamespaceCore::for_each(const Target& target, std::string_view sender, F&& visit) {
  ++mark_;
  const auto skip = [this](SocketCore& socket) { socket.mark = mark_; };
  const auto visit_once = [&](SocketCore& socket) {
    if (socket.state != SocketCore::State::connected) return;
    if (std::exchange(socket.mark, mark_) != mark_) visit(socket);
  };
  if (SocketCore* const core = find_core(sender)) skip(*core);
  for (const std::string& room : target.except) for_each_in(room, skip);
  for (const std::string& room : target.rooms) for_each_in(room, visit_once);
  if (!target.rooms.empty()) return;
  for (const auto& [id, socket] : sockets_) visit_once(*socket);
}

std::vector<std::shared_ptr<SocketCore>> NamespaceCore::sockets_of(const Target& target,
                                                                   std::string_view sender) {
  std::vector<std::shared_ptr<SocketCore>> all;
  for_each(target, sender, [&](SocketCore& each) { all.push_back(each.shared_from_this()); });
  return all;
}

// Who has got it, if that is `wanted`.
std::vector<std::shared_ptr<SocketCore>> NamespaceCore::send(const socketio::Packet& packet,
                                                             const Target& target,
                                                             std::string_view sender,
                                                             const EmitFlags& flags, bool wanted) {
  std::vector<std::shared_ptr<SocketCore>> receivers;
  Frames frames(packet, *server, flags.compress);
  for_each(target, sender, [&](SocketCore& socket) {
    if (socket.deliver(frames, flags.droppable) && wanted)
      receivers.push_back(socket.shared_from_this());
  });
  return receivers;
}

void NamespaceCore::broadcast(const Target& target, std::string_view sender, Event event,
                              const EmitFlags& flags) {
  if (cluster_ != nullptr && !flags.local) {
    return cluster_->broadcast(without(target, sender), std::move(event), flags);
  }
  if (!event.on_ack) return deliver(target, sender, std::move(event.values), flags);
  const auto answers = std::make_shared<Answers>(std::move(event.on_ack));
  answers->expect_clients(
      ask(target, sender, std::move(event.values), flags,
          [answers](AckStatus status, Json value) { answers->take(status, std::move(value)); }));
  server->loop().run_after({}, [answers, weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self != nullptr && self->server != nullptr) answers->finish_if_complete();
  });
}

void NamespaceCore::deliver(const Target& target, std::string_view sender, JsonArray values,
                            const EmitFlags& flags) {
  keep(values, target, sender, flags);
  const socketio::Packet packet = {.nsp = name_text, .data = Json(std::move(values))};
  const bool wanted = has_outgoing_;
  for (const auto& socket : send(packet, target, sender, flags, wanted)) {
    socket->notify_outgoing(*packet.data->array());
  }
}

std::size_t NamespaceCore::ask(const Target& target, std::string_view sender, JsonArray values,
                               const EmitFlags& flags, const AnswerTaker& taker) {
  const socketio::Packet packet = {
      .nsp = name_text, .ack_id = next_ack_id(), .data = Json(std::move(values))};
  std::vector<std::weak_ptr<SocketCore>> asked;
  for (const auto& socket : send(packet, target, sender, flags, true)) {
    socket->expect_ack(*packet.ack_id,
                       [taker](AckStatus status, JsonArray answer) {
                         taker(status, answer.empty() ? Json() : std::move(answer[0]));
                       },
                       {});
    socket->notify_outgoing(*packet.data->array());
    asked.push_back(socket);
  }
  const std::size_t count = asked.size();
  if (count == 0 || flags.timeout.count() == 0) return count;
  // One timer for all of them.
  server->loop().run_after(flags.timeout, [asked = std::move(asked), id = *packet.ack_id] {
    for (const auto& weak : asked) {
      if (const auto socket = weak.lock()) socket->give_up_ack(id);
    }
  });
  return count;
}

void NamespaceCore::order(ClusterMessage message, const EmitFlags& flags) {
  const auto self = shared_from_this();
  carry_out(message);
  if (cluster_ != nullptr && !flags.local && server != nullptr) cluster_->tell(std::move(message));
}

void NamespaceCore::carry_out(const ClusterMessage& message) {
  using Type = ClusterMessage::Type;
  for (const auto& socket : sockets_of(message.target, {})) {
    if (message.type == Type::disconnect_sockets) socket->disconnect(message.close);
    for (const std::string& room : message.rooms) {
      message.type == Type::sockets_join ? join(*socket, room) : leave(*socket, room);
    }
  }
}

void NamespaceCore::fetch(const Target& target, std::string_view sender, const EmitFlags& flags,
                          std::function<void(FetchedSockets)> handler) {
  auto here = describe(target, sender);
  if (cluster_ == nullptr || flags.local) return handler({.sockets = std::move(here)});
  cluster_->fetch(without(target, sender), std::move(here), std::move(handler));
}

std::vector<RemoteSocket> NamespaceCore::describe(const Target& target, std::string_view sender) {
  std::vector<RemoteSocket> all;
  for (const auto& socket : sockets_of(target, sender)) all.push_back(described(*socket));
  return all;
}

std::vector<std::string> NamespaceCore::room_names() const {
  std::vector<std::string> names = rooms_.all_topics();
  for (const auto& [id, socket] : sockets_) names.emplace_back(id);
  return names;
}

}  // namespace duplex::events
