// A namespace of a Socket.IO server: who is in it, and who hears what; see namespace_core.h.
#include "events/namespace_core.h"

#include <stdexcept>
#include <utility>

#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

Json object_of(const char* name, Json value) { return codec::JsonObject{{name, std::move(value)}}; }

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

// --- Coming and going ----------------------------------------------------------------------------

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
  socket->send_packet({.type = socketio::PacketType::connect,
                       .nsp = name_text,
                       .data = object_of("sid", socket->id_text)});
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
  rooms_.unsubscribe_all(socket);
  sockets_.erase(socket.id_text);
  if (is_dynamic && server != nullptr && sockets_.empty()) server->on_empty(*this);
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
  sockets_.clear();
  server = nullptr;
}

SocketCore* NamespaceCore::find_core(std::string_view id) const noexcept {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second.get();
}

// --- Rooms ---------------------------------------------------------------------------------------

void NamespaceCore::join(SocketCore& socket, std::string_view room) {
  if (server == nullptr || room == socket.id_text) return;
  const std::size_t limit = server->options().max_rooms_per_socket;
  if (rooms_.count_of(socket) >= limit && !rooms_.has(socket, room)) {
    throw std::length_error("room '" + std::string(room) + "': the socket is in " +
                            std::to_string(limit) + " rooms, which is the limit");
  }
  rooms_.subscribe(socket, room);
}

void NamespaceCore::leave(SocketCore& socket, std::string_view room) {
  rooms_.unsubscribe(socket, room);
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
                                                             bool droppable, bool wanted) {
  std::vector<std::shared_ptr<SocketCore>> receivers;
  Frames frames(packet, server->workshop());
  for_each(target, sender, [&](SocketCore& socket) {
    if (socket.deliver(frames, droppable) && wanted) receivers.push_back(socket.shared_from_this());
  });
  return receivers;
}

void NamespaceCore::broadcast(const Target& target, std::string_view sender, Event event,
                              const EmitFlags& flags) {
  if (event.on_ack) return broadcast_for_acks(target, sender, std::move(event), flags);
  const socketio::Packet packet = {.nsp = name_text, .data = Json(std::move(event.values))};
  const bool wanted = has_outgoing_;
  for (const auto& socket : send(packet, target, sender, flags.droppable, wanted)) {
    socket->notify_outgoing(*packet.data->array());
  }
}

void NamespaceCore::broadcast_for_acks(const Target& target, std::string_view sender, Event event,
                                       const EmitFlags& flags) {
  const socketio::Packet packet = {
      .nsp = name_text, .ack_id = next_ack_id(), .data = Json(std::move(event.values))};
  const auto receivers = send(packet, target, sender, flags.droppable, true);
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

// --- The public face -----------------------------------------------------------------------------

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

Namespace& Namespace::use(Middleware middleware) {
  core_of(*this).reception->middleware.push_back(std::move(middleware));
  return *this;
}

Emitter Namespace::everybody() const {
  return const_cast<NamespaceCore&>(core_of(*this)).emitter();
}
Emitter Namespace::to(std::string_view room) const { return everybody().to(room); }
Emitter Namespace::except(std::string_view room) const { return everybody().except(room); }
Emitter Namespace::droppable() const { return everybody().droppable(); }
Emitter Namespace::local() const { return everybody().local(); }
Emitter Namespace::timeout(std::chrono::milliseconds time) const {
  return everybody().timeout(time);
}

}  // namespace duplex::events
