// A namespace of a Socket.IO server: who is in it, and who hears what; see namespace_core.h.
#include "events/namespace_core.h"

#include <stdexcept>
#include <utility>

#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

// The answers to a broadcast, as they come.
class Answers : public std::enable_shared_from_this<Answers> {
 public:
  Answers(AckHandler handler, std::size_t awaited)
      : handler_(std::move(handler)), awaited_(awaited) {}

  void take(AckStatus status, JsonArray values) {
    if (status == AckStatus::answered) {
      reply_.values.push_back(values.empty() ? Json() : std::move(values[0]));
    } else if (reply_.status == AckStatus::answered) {
      reply_.status = status;
    }
    if (--awaited_ == 0) finish();
  }
  void finish_with(AckStatus status) {
    reply_.status = status;
    finish();
  }

 private:
  void finish() {
    if (const AckHandler handler = std::exchange(handler_, nullptr)) handler(reply_);
  }

  AckHandler handler_;
  std::size_t awaited_;
  AckReply reply_ = {};
};

}  // namespace

NamespaceCore::NamespaceCore(SocketServer::Impl& owner, std::string name,
                             std::shared_ptr<Reception> shared)
    : server(&owner), name_text(std::move(name)), reception(std::move(shared)) {
  const auto& options = owner.options().recovery;
  if (options) recovery_.emplace(*options);
}

// --- Coming and going ----------------------------------------------------------------------------

void NamespaceCore::welcome(const std::shared_ptr<SocketCore>& socket) {
  const bool is_back = recover(*socket);
  is_back && server->options().recovery->skip_middleware ? connect(socket) : admit(socket);
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
  if (recovery_) {
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
  const auto rooms = reception->on_room.empty() ? std::vector<std::string>()
                                                : rooms_.topics_of(socket);
  rooms_.unsubscribe_all(socket);
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
        std::make_unique<SocketCore::Return>(SocketCore::Return{.secret = server->new_id()});
  }
  return *socket.way_back;
}

void NamespaceCore::save(SocketCore& socket) {
  if (!recovery_ || server == nullptr) return;
  recovery_->save(
      socket.way_back->secret,
      {.id = socket.id_text, .rooms = socket.rooms(), .data = std::move(socket.user_data)},
      server->loop().now());
}

bool NamespaceCore::recover(SocketCore& socket) {
  const Json* const secret = socket.said.auth.find("pid");
  const Json* const offset = socket.said.auth.find("offset");
  if (!recovery_ || secret == nullptr || secret->text() == nullptr) return false;
  // Its old connection may be dead, and nobody here knows it yet.
  const auto old = by_secret_.find(*secret->text());
  if (old != by_secret_.end()) old->second->link->give_up();
  if (offset == nullptr || offset->text() == nullptr) return false;
  auto restored = recovery_->restore(*secret->text(), *offset->text(), server->loop().now());
  if (!restored) return false;
  socket.id_text = std::move(restored->session.id);
  socket.user_data = std::move(restored->session.data);
  socket.has_recovered = true;
  for (const std::string& room : restored->session.rooms) join(socket, room);
  prepare_return(socket) = {*secret->text(), std::move(restored->missed)};
  return true;
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
  if (rooms_.subscribe(socket, room)) tell_joined(std::string(room), socket.id_text);
}

void NamespaceCore::leave(SocketCore& socket, std::string_view room) {
  if (rooms_.unsubscribe(socket, room)) tell_left(std::string(room), socket.id_text);
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
    if (socket.deliver(frames, flags.droppable) && wanted) receivers.push_back(socket.shared_from_this());
  });
  return receivers;
}

void NamespaceCore::broadcast(const Target& target, std::string_view sender, Event event,
                              const EmitFlags& flags) {
  if (event.on_ack) return broadcast_for_acks(target, sender, std::move(event), flags);
  keep(event.values, target, sender, flags);
  const socketio::Packet packet = {.nsp = name_text, .data = Json(std::move(event.values))};
  const bool wanted = has_outgoing_;
  for (const auto& socket : send(packet, target, sender, flags, wanted)) {
    socket->notify_outgoing(*packet.data->array());
  }
}

void NamespaceCore::broadcast_for_acks(const Target& target, std::string_view sender, Event event,
                                       const EmitFlags& flags) {
  const socketio::Packet packet = {
      .nsp = name_text, .ack_id = next_ack_id(), .data = Json(std::move(event.values))};
  const auto receivers = send(packet, target, sender, flags, true);
  const auto answers = std::make_shared<Answers>(std::move(event.on_ack), receivers.size());
  net::EventLoop& loop = server->loop();
  if (receivers.empty()) {
    loop.run_after({}, [answers] { answers->finish_with(AckStatus::answered); });
    return;
  }
  for (const auto& socket : receivers) {
    socket->expect_ack(
        *packet.ack_id,
        [answers](AckStatus status, JsonArray values) { answers->take(status, std::move(values)); },
        {});
    socket->notify_outgoing(*packet.data->array());
  }
  if (flags.timeout.count() == 0) return;
  loop.run_after(flags.timeout, [answers] { answers->finish_with(AckStatus::timed_out); });
}

}  // namespace duplex::events
