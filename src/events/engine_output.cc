// What an Engine.IO server does with packets and with time: delivers, sends, ends.
#include <algorithm>
#include <utility>

#include "base/first_failure.h"
#include "endpoint/web_socket_phase.h"
#include "events/engine_server_impl.h"

namespace duplex::events {

using engineio::CloseReason;
using engineio::Transport;

namespace {

std::string naming(engineio::PacketType type) {
  return "the packet \"" + std::string(engineio::name_of(type)) + '"';
}

std::string no_heartbeat(const engineio::SessionOptions& options) {
  const auto time = options.ping_interval + options.ping_timeout;
  return "no heartbeat for " + std::to_string(time.count()) + " ms";
}

}  // namespace

void EngineServer::Impl::take_packet(Session& session, engineio::Packet packet) {
  const engineio::PacketType type = packet.type;
  const auto message = session.session.receive(std::move(packet), now());
  if (message) call(session, handlers_.on_message, *message);
  // The packet may have closed it; what a handler has closed has ended already.
  if (!session.is_open()) return end(session, naming(type));
  if (session.session.has_queued()) {  // a pong
    flush(session);
    check_limit(session);
  }
  arm_timer(session);  // after a pong
}

// --- Sending -------------------------------------------------------------------------------------

void EngineServer::Impl::send(Session& session, engineio::SharedMessage message) {
  if (session.overflowed) return;
  session.session.send(std::move(message));
  flush(session);
  check_limit(session);
}

namespace {

// `text` is that of one which is no bytes.
Message as_sent(const engineio::OutMessage& message, std::string_view text) {
  Message sent = message.is_bytes ? binary_message(as_bytes(message.content)) : text_message(text);
  sent.compress = message.compress;
  return sent;
}

}  // namespace

EngineBroadcast::EngineBroadcast(engineio::SharedMessage message,
                                 websocket::DeflateWorkshop& workshop)
    : message_(std::move(message)),
      packet_(message_->is_bytes ? std::string() : "4" + message_->content),
      frame_(as_sent(*message_, packet_), workshop) {}

void EngineServer::Impl::send(Session& session, EngineBroadcast& broadcast) {
  Connection* const connection = open_way(session);
  const bool is_shared = !broadcast.message()->is_bytes || session.takes_plain_bytes();
  if (connection == nullptr || !is_shared) return send(session, broadcast.message());
  auto& phase = static_cast<WebSocketPhase&>(*connection);
  const bool refused = phase.send_broadcast(broadcast.frame()) == SendStatus::refused;
  check_limit(session, connection->queued_bytes(), refused);  // nothing waits in the session
}

void EngineServer::Impl::send_text_packet(Session& session, std::string packet) {
  if (Connection* const connection = open_way(session)) {
    const bool refused = connection->send_text(packet) == SendStatus::refused;
    return check_limit(session, connection->queued_bytes(), refused);
  }
  packet.erase(0, 1);
  send(session,
       std::make_shared<engineio::OutMessage>(engineio::OutMessage{.content = std::move(packet)}));
}

Connection* EngineServer::Impl::open_way(const Session& session) const noexcept {
  const bool is_next = session.is_open() && !session.overflowed && !session.holds_output &&
                       session.transport() == Transport::websocket &&
                       session.session.queued_bytes() == 0;
  return is_next ? server_.find(session.socket) : nullptr;
}

// What waits on this side: in the session, and on its way to the kernel.
std::size_t EngineServer::Impl::queued_bytes(const Session& session) const noexcept {
  Connection* const connection = server_.find(session.socket);
  return session.session.queued_memory() + (connection == nullptr ? 0 : connection->queued_bytes());
}

bool EngineServer::Impl::is_writable(const Session& session) const noexcept {
  if (!session.is_open()) return false;
  if (options_.droppable_limit > 0) return queued_bytes(session) <= options_.droppable_limit;
  const bool has_way = session.transport() == Transport::websocket || session.poll != nullptr;
  return has_way && queued_bytes(session) == 0;
}

void EngineServer::Impl::check_limit(Session& session, bool refused) {
  check_limit(session, queued_bytes(session), refused);
}

// Who does not take what is sent is closed, but not while somebody sends to many.
void EngineServer::Impl::check_limit(Session& session, std::size_t queued, bool refused) {
  if (session.overflowed || !session.is_open()) return;
  if (queued > options_.high_water) session.congested = true;
  if (!refused && queued <= options_.send_limit) return;
  session.overflowed = true;
  server_.loop().run_after({}, [weak = session.weak_from_this()] {
    const auto held = weak.lock();
    if (held == nullptr || held->engine == nullptr) return;
    auto& engine = *held->engine;
    engine.close(*held, CloseReason::transport_error,
                 "more than " + std::to_string(engine.options_.send_limit) + " bytes wait for it");
  });
}

// In a turn of its own: somebody may be in the middle of sending.
void EngineServer::Impl::check_drained(Session& session) {
  if (!session.congested || queued_bytes(session) > options_.high_water) return;
  session.congested = false;
  if (!handlers_.on_drain) return;
  server_.loop().run_after({}, [weak = session.weak_from_this()] {
    const auto held = weak.lock();
    if (held == nullptr || held->engine == nullptr) return;
    const auto self = held->engine->shared_from_this();
    self->call(*held, self->handlers_.on_drain);
  });
}

void EngineServer::Impl::flush(Session& session) {
  if (!session.is_open() || session.holds_output) return;
  if (session.transport() == Transport::websocket) return flush_socket(session);
  if (!session.poll || !session.session.has_payload()) return;
  answer_poll(session, session.session.take_payload());
}

void EngineServer::Impl::flush_socket(Session& session) {
  Connection* const connection = server_.find(session.socket);
  if (connection == nullptr) return;
  while (const auto message = session.session.next_message()) {
    if (send_out(*connection, *message) == SendStatus::refused) return check_limit(session, true);
  }
  check_drained(session);
}

SendStatus EngineServer::Impl::send_out(Connection& connection,
                                        const engineio::OutMessage& message) {
  return connection.send(as_sent(message, message.content));
}

void EngineServer::Impl::answer_poll(Session& session, const engineio::OutMessage& payload) {
  const auto poll = std::exchange(session.poll, nullptr);
  const std::string cookie =
      std::exchange(session.cookie_due, false) ? http_.cookie_for(session.sid()) : std::string();
  if (Exchange* const exchange = server_.find(poll->exchange)) {
    http_.payload(*exchange, payload, poll->terms, cookie);
  }
  check_drained(session);
}

// --- Ending --------------------------------------------------------------------------------------

void EngineServer::Impl::close(Session& session, CloseReason reason, std::string detail) {
  if (!session.is_open()) return;
  session.session.close(reason);
  end(session, std::move(detail));
}

// It is closed: its transports hear of it, and once its user.
void EngineServer::Impl::end(Session& session, std::string detail) {
  const auto held = session.shared_from_this();
  if (sessions_.erase(session.sid()) == 0) return;
  session.disarm();
  flush_socket(session);
  const bool has_more = session.transport() == Transport::polling && session.session.has_queued();
  if (session.poll) answer_poll(session, session.session.take_payload());
  end_post(session);
  if (has_more) keep_farewell(session.session);
  if (Connection* const connection = server_.find(session.socket)) connection->close();
  end_probe(session);
  FirstFailure failure;
  if (!abandoned_ && handlers_.on_close) {
    const EngineClose close = {.reason = session.session.close_reason(),
                               .detail = std::move(detail)};
    failure.run([&] { handlers_.on_close(session, close); });
  }
  session.engine = nullptr;
  failure.rethrow();
}

// A client in the middle of the change polls no more: it hears the last on its new transport.
void EngineServer::Impl::end_probe(Session& session) {
  Connection* const probe = server_.find(session.probe);
  if (probe == nullptr) return;
  const auto farewell = farewells_.find(session.sid());
  if (farewell == farewells_.end()) return probe->close();
  farewell->second.probe = probe->id();
  probe->user_data() = ClosedSession{session.sid()};
}

void EngineServer::Impl::keep_farewell(const engineio::Session& session) {
  if (abandoned_ || farewells_.size() >= options_.max_sessions) return;
  const std::string& sid = session.sid();
  const auto forget = [weak = weak_from_this(), sid] {
    if (const auto self = weak.lock()) self->forget_farewell(sid);
  };
  const net::TimerId timer = server_.loop().run_after(options_.session.ping_timeout, forget);
  farewells_.emplace(sid, Farewell{.session = session, .timer = timer});
}

void EngineServer::Impl::forget_farewell(const std::string& sid) {
  const auto farewell = farewells_.extract(sid);
  if (farewell.empty()) return;
  server_.loop().cancel(farewell.mapped().timer);
  if (Connection* const probe = server_.find(farewell.mapped().probe)) probe->close();
}

bool EngineServer::Impl::say_farewell(const std::string& sid, Exchange& exchange) {
  const auto farewell = farewells_.find(sid);
  if (farewell == farewells_.end()) return false;
  engineio::Session& session = farewell->second.session;
  const bool is_last = !session.has_queued();
  http_.payload(exchange, session.take_payload(), AnswerTerms::of(exchange.request()));
  if (is_last) forget_farewell(sid);
  return true;
}

void EngineServer::Impl::say_farewell(const std::string& sid, Connection& probe,
                                      const Message& message) {
  const bool is_text = message.opcode == Opcode::text;
  if (is_text && message.text() == "2probe") return static_cast<void>(probe.send_text("3probe"));
  const auto farewell = farewells_.find(sid);
  if (is_text && message.text() == "5" && farewell != farewells_.end()) {
    engineio::Session& session = farewell->second.session;
    session.change_to_websocket();
    while (const auto last = session.next_message()) send_out(probe, *last);
    forget_farewell(sid);
  }
  probe.close();
}

// --- Time ----------------------------------------------------------------------------------------

void EngineServer::Impl::arm_timer(Session& session) {
  if (const auto due = session.session.next_deadline()) session.arm(*due);
}

// One that comes too early looks, and is armed for the rest.
void EngineSession::Impl::arm(engineio::Clock::time_point due) {
  if (armed() && timer_due_ <= due) return;
  timer_due_ = due;
  reactor_.arm_fairly(*this, due);
}

void EngineSession::Impl::on_timer() {
  const auto held = shared_from_this();
  if (engine != nullptr) engine->advance(*this);
}

void EngineServer::Impl::advance(Session& session) {
  session.session.advance(now());
  if (!session.is_open()) return end(session, no_heartbeat(options_.session));
  if (!session.session.is_probing()) {
    if (Connection* const late = server_.find(std::exchange(session.probe, {}))) late->close();
  }
  flush(session);
  arm_timer(session);
}

}  // namespace duplex::events
