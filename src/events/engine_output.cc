// What an Engine.IO server does with packets and with time: delivers, sends, ends.
#include <algorithm>
#include <utility>

#include "events/engine_server_impl.h"

namespace duplex::events {

using engineio::CloseReason;
using engineio::Transport;

void EngineServer::Impl::take_packet(Session& session, engineio::Packet packet) {
  const auto message = session.session.receive(std::move(packet), server_.loop().now());
  if (message && handlers_.on_message) handlers_.on_message(session, *message);
  // The packet may have closed it; what a handler has closed has ended already.
  if (!session.is_open()) end(session);
}

// --- Sending -------------------------------------------------------------------------------------

void EngineServer::Impl::send(Session& session, engineio::SharedMessage message) {
  session.session.send(std::move(message));
  flush(session);
  if (session.queued_bytes() > options_.send_limit) close(session, CloseReason::transport_error);
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
  while (auto message = session.session.next_message()) {
    if (message->is_bytes && session.only_text) {
      std::string text;
      engineio::append_bytes(text, as_bytes(message->content));
      message = engineio::OutMessage{.content = std::move(text)};
    }
    const Message sent = message->is_bytes ? binary_message(as_bytes(message->content))
                                           : text_message(message->content);
    if (connection->send(sent) == SendStatus::refused) {
      return close(session, CloseReason::transport_error);
    }
  }
}

void EngineServer::Impl::answer_poll(Session& session, std::string_view payload) {
  Exchange* const exchange = server_.find(*std::exchange(session.poll, std::nullopt));
  if (exchange == nullptr) return;
  exchange->respond(200, "text/plain; charset=UTF-8", payload, {{"Cache-Control", "no-store"}});
}

// --- Ending --------------------------------------------------------------------------------------

void EngineServer::Impl::close(Session& session, CloseReason reason) {
  if (!session.is_open()) return;
  session.session.close(reason);
  end(session);
}

// It is closed: its transports hear of it, and once its user.
void EngineServer::Impl::end(Session& session) {
  const auto held = session.shared_from_this();
  if (sessions_.erase(session.sid()) == 0) return;
  server_.loop().cancel(session.timer);
  if (session.poll) answer_poll(session, session.session.take_payload());
  for (const ConnectionId id : {session.socket, session.probe}) {
    if (Connection* const connection = server_.find(id)) connection->close();
  }
  if (!abandoned_ && handlers_.on_close) {
    handlers_.on_close(session, session.session.close_reason());
  }
  session.engine = nullptr;
}

// --- Time ----------------------------------------------------------------------------------------

void EngineServer::Impl::arm_timer(Session& session) {
  const auto due = session.session.next_deadline();
  if (!due || (session.timer != net::TimerId::none && session.timer_due == *due)) return;
  server_.loop().cancel(session.timer);
  session.timer_due = *due;
  const auto delay = std::max(*due - server_.loop().now(), engineio::Clock::duration::zero());
  session.timer = server_.loop().run_after(delay, [weak = session.weak_from_this()] {
    const auto held = weak.lock();
    if (held == nullptr || held->engine == nullptr) return;
    held->timer = net::TimerId::none;
    held->engine->advance(*held);
  });
}

void EngineServer::Impl::advance(Session& session) {
  session.session.advance(server_.loop().now());
  if (!session.is_open()) return end(session);
  if (!session.session.is_probing()) {
    if (Connection* const late = server_.find(std::exchange(session.probe, {}))) late->close();
  }
  flush(session);
  arm_timer(session);
}

}  // namespace duplex::events
