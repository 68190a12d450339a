// A socket of a Socket.IO server: events in and out; see socket_core.h.
#include "events/socket_core.h"

#include <stdexcept>
#include <utility>

#include "base/first_failure.h"
#include "events/namespace_core.h"
#include "events/remote_handshake.h"
#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {

namespace {

// Whoever was lost, not who left or was sent away.
bool may_come_again(DisconnectReason reason) noexcept {
  return reason != DisconnectReason::client_namespace_disconnect &&
         reason != DisconnectReason::server_namespace_disconnect &&
         reason != DisconnectReason::parse_error;
}

}  // namespace

SocketCore::SocketCore(std::shared_ptr<NamespaceCore> nsp, SocketLink& owner, std::string id,
                       Json auth)
    : nsp_core(std::move(nsp)),
      link(&owner),
      id_text(std::move(id)),
      said(owner.handshake(std::move(auth))) {}

SocketCore::Handlers& SocketCore::handlers() {
  if (handlers_ == nullptr) handlers_ = std::make_unique<Handlers>();
  return *handlers_;
}

net::EventLoop& SocketCore::loop() noexcept { return nsp_core->loop; }

// --- From the client -----------------------------------------------------------------------------

void SocketCore::on_event(const socketio::Packet& packet) {
  const bool is_heard =
      handlers_ != nullptr || !listeners.empty() || !nsp_core->reception->listeners.empty();
  if (!is_heard) return;
  const JsonArray& values = *packet.data->array();
  Ack ack;
  if (packet.ack_id) {
    ack = Ack([weak = weak_from_this(), id = *packet.ack_id](JsonArray answer) {
      if (const auto self = weak.lock()) self->answer(id, std::move(answer));
    });
  }
  const Values arguments = Values(values).subspan(1);
  if (const std::string* const name = values[0].text()) return dispatch(*name, arguments, ack);
  dispatch(codec::write_json(values[0]), arguments, ack);  // the name may be a number
}

void SocketCore::dispatch(std::string_view event, Values values, const Ack& ack) {
  const auto self = shared_from_this();
  std::optional<std::string> fault = filter(event, values);
  if (!fault) fault = call_listeners(event, values, ack);
  if (!fault) return;
  if (handlers_ != nullptr && handlers_->on_error) {
    const auto handler = handlers_->on_error;
    handler(event, *fault);
  }
  if (const auto handler = nsp_core->reception->on_error) handler(*this, event, *fault);
}

// Handlers may add handlers: no iterators.
std::optional<std::string> SocketCore::filter(std::string_view event, Values values) {
  std::optional<std::string> fault;
  if (handlers_ == nullptr) return fault;
  for (std::size_t i = 0; i < handlers_->filters.size() && !fault; ++i) {
    const EventFilter filter = handlers_->filters[i];
    fault = filter(event, values);
  }
  if (!fault) handlers_->incoming.call(event, values, [] { return true; });
  return fault;
}

// Those of its namespace, and its own, unless the former have sent it away.
std::optional<std::string> SocketCore::call_listeners(std::string_view event, Values values,
                                                      const Ack& ack) {
  std::optional<std::string> fault;
  if (state == State::connected) {
    fault = nsp_core->reception->listeners.call(*this, event, values, ack);
  }
  if (state != State::connected) return fault;
  auto own_fault = listeners.call(event, values, ack);
  return fault ? fault : own_fault;
}

void SocketCore::on_ack(socketio::Packet&& packet) {
  settle(*packet.ack_id, AckStatus::answered, std::move(*packet.data->array()));
}

void SocketCore::on_drain_of_link() {
  if (state != State::connected || handlers_ == nullptr || !handlers_->on_drain) return;
  const auto handler = handlers_->on_drain;
  handler(*this);
}

// --- To the client -------------------------------------------------------------------------------

void SocketCore::send_packet(socketio::Packet&& packet) {
  if (link != nullptr) link->send(std::move(packet));
}

bool SocketCore::deliver(Frames& frames, bool droppable) {
  if (link == nullptr || (droppable && !link->session().is_writable())) return false;
  frames.send_to(link->session());
  return true;
}

void SocketCore::emit(Event event, const EmitFlags& flags) {
  const auto self = shared_from_this();
  if (state != State::connected) {
    if (!event.on_ack || nsp_core->server == nullptr) return;
    loop().run_after({}, [handler = std::move(event.on_ack)] {
      AckReply reply = {.status = AckStatus::disconnected};
      handler(reply);
    });
    return;
  }
  if (!event.on_ack && nsp_core->keeps(flags)) {
    return nsp_core->broadcast({.rooms = {id_text}}, {}, std::move(event), flags);
  }
  if (!event.on_ack) nsp_core->keep(event.values, {.rooms = {id_text}}, {}, flags);
  socketio::Packet packet = {.nsp = nsp_core->name_text, .data = Json(std::move(event.values))};
  if (event.on_ack) {
    packet.ack_id = nsp_core->next_ack_id();
    expect_ack(
        *packet.ack_id,
        [handler = std::move(event.on_ack)](AckStatus status, JsonArray values) {
          AckReply reply = {.status = status, .values = std::move(values)};
          handler(reply);
        },
        flags.timeout);
  }
  if (!flags.droppable || link->session().is_writable()) {
    duplex::events::send_packet(packet, link->server(), link->session(), flags.compress);
  }
  notify_outgoing(*packet.data->array());
}

void SocketCore::notify_outgoing(const JsonArray& values) {
  if (handlers_ == nullptr || handlers_->outgoing.empty()) return;
  const auto self = shared_from_this();
  const std::string name = *values[0].text();
  handlers_->outgoing.call(name, Values(values).subspan(1), [] { return true; });
}

void SocketCore::answer(std::uint64_t ack_id, JsonArray values) {
  if (state != State::connected) return;
  nsp_core->check_attachments(values);
  send_packet({.type = socketio::PacketType::ack,
               .nsp = nsp_core->name_text,
               .ack_id = ack_id,
               .data = Json(std::move(values))});
}

// --- Answers from the client ---------------------------------------------------------------------

void SocketCore::expect_ack(std::uint64_t id, AckTaker taker, std::chrono::milliseconds timeout) {
  if (waiters_ == nullptr) waiters_ = std::make_unique<Waiters>();
  Waiting& waiting = (*waiters_)[id];
  waiting.taker = std::move(taker);
  if (timeout.count() == 0) return;
  waiting.timer = loop().run_after(timeout, [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->settle(id, AckStatus::timed_out, {});
  });
}

// Answers that nobody waits for are tolerated, as Socket.IO's own server does.
void SocketCore::settle(std::uint64_t id, AckStatus status, JsonArray values) {
  if (waiters_ == nullptr) return;
  auto found = waiters_->extract(id);
  if (waiters_->empty()) waiters_.reset();
  if (found.empty()) return;
  loop().cancel(found.mapped().timer);
  found.mapped().taker(status, std::move(values));
}

// Unless one of them ends the server: then nobody is told any more.
void SocketCore::settle_all(AckStatus status) {
  FirstFailure failure;
  while (waiters_ != nullptr && nsp_core->server != nullptr) {
    failure.run([&] { settle(waiters_->begin()->first, status, {}); });
  }
  forget_waiters();
  failure.rethrow();
}

void SocketCore::forget_waiters() noexcept {
  if (waiters_ == nullptr) return;
  for (const auto& [id, waiting] : *waiters_) loop().cancel(waiting.timer);
  waiters_.reset();
}

RemoteSocket SocketCore::described() const {
  const Json* const data = std::any_cast<Json>(&user_data);
  return {.id = id_text,
          .rooms = rooms(),
          .handshake = remote_handshake(said),
          .data = data == nullptr ? Json() : *data};
}

// --- Life ----------------------------------------------------------------------------------------

void SocketCore::leave_namespace(const Disconnect& why) {
  const auto self = shared_from_this();
  const bool was_connected = std::exchange(state, State::gone) == State::connected;
  if (link != nullptr) link->forget(*this);
  link = nullptr;
  if (!was_connected) return nsp_core->give_up_joining(*this);
  FirstFailure failure;
  if (handlers_ != nullptr && handlers_->on_disconnect) {
    const auto handler = std::exchange(handlers_->on_disconnect, nullptr);
    failure.run([&] { handler(*this, why); });
  }
  const auto handler = nsp_core->reception->on_disconnect;
  if (handler) failure.run([&] { handler(*this, why); });
  if (may_come_again(why.reason)) failure.run([&] { nsp_core->save(*this); });
  failure.run([&] { nsp_core->remove(*this); });
  failure.run([&] { settle_all(AckStatus::disconnected); });
  failure.rethrow();
}

void SocketCore::abandon() noexcept {
  // Those behind the one that does it are not called any more.
  listeners.clear();
  if (handlers_ != nullptr) *handlers_ = {};
  state = State::gone;
  if (link != nullptr) link->forget(*this);
  link = nullptr;
  forget_waiters();
}

}  // namespace duplex::events
