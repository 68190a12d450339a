// The WebSockets of sessions: those that carry one, and those that probe.
#include <utility>

#include "events/close_words.h"
#include "events/engine_server_impl.h"

namespace duplex::events {
namespace {

using engineio::CloseReason;

// A connection that is lost broke no rule, whatever the system says of it.
CloseReason reason_of(const CloseEvent& event) noexcept {
  const bool broken = event.violation != websocket::Violation::none;
  return broken ? CloseReason::transport_error : CloseReason::transport_close;
}

}  // namespace

void EngineServer::Impl::on_socket_open(Connection& connection, const http::Request& request) {
  const EngineQuery query = EngineQuery::of(request);
  if (!query.sid) {
    const Held session = open(request, query, connection.peer_address());
    if (session == nullptr) {
      connection.close(CloseCode::try_again_later);
      return tell(no_room(), asked(request, connection));
    }
    connection.user_data() = WeakSession(session);
    session->socket = connection.id();
    flush_socket(*session);
    if (!session->is_open()) connection.close();  // its user has, when it was opened
    return;
  }
  if (Session* const session = find(*query.sid)) return start_probe(*session, connection);
  connection.close();
}

void EngineServer::Impl::start_probe(Session& session, Connection& connection) {
  if (!session.session.start_probe(now())) return connection.close();
  session.probe = connection.id();
  connection.user_data() = session.weak_from_this();
  arm_timer(session);
}

void EngineServer::Impl::on_socket_message(Connection& connection, Message message) {
  if (const auto* const closed = std::any_cast<ClosedSession>(&connection.user_data())) {
    return say_farewell(std::string(closed->sid), connection, message);
  }
  const Held session = session_of(connection);
  if (session == nullptr || session->engine == nullptr) return connection.close();
  const bool is_probe = session->probe == connection.id();
  if (!is_probe && session->socket != connection.id()) return;  // a probe that was refused
  const bool is_bytes = message.opcode == Opcode::binary;
  const engineio::Revision revision = session->session.dialect().revision;
  auto packet = is_bytes ? engineio::parse_bytes(message.payload, revision)
                         : engineio::parse_packet(message.text(), revision);
  if (is_probe) {
    return probe(*session, connection, packet && !is_bytes ? *packet : engineio::Packet());
  }
  if (!packet) return close(*session, CloseReason::parse_error, packet.error());
  take_packet(*session, *std::move(packet));
}

void EngineServer::Impl::probe(Session& session, Connection& connection,
                               const engineio::Packet& packet) {
  using Step = engineio::Session::ProbeStep;
  // What a client has sent before it changes comes before what follows.
  if (packet.type == engineio::PacketType::upgrade) {
    while (session.post && session.is_open()) take_rest(session);
    if (session.engine == nullptr) return;
  }
  const Step step = session.session.probe(packet);
  if (step == Step::answer) {
    connection.send_text("3probe");
  } else if (step == Step::upgraded) {
    session.socket = std::exchange(session.probe, {});
    if (session.poll) answer_poll(session, session.session.noop_payload());
  } else {
    session.probe = {};
    connection.close();
  }
  flush(session);
}

void EngineServer::Impl::on_socket_close(Connection& connection, const CloseEvent& event) {
  const Held session = session_of(connection);
  if (session == nullptr || session->engine == nullptr) return;
  if (session->probe == connection.id()) {
    session->probe = {};
    session->session.drop_probe();
  } else if (session->socket == connection.id()) {
    session->socket = {};
    close(*session, reason_of(event), words_of(event));
  }
}

}  // namespace duplex::events
