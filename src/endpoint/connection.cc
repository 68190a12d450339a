// The calls a user makes on a WebSocket connection; send() stands in web_socket_phase.cc. Every
// Connection is a WebSocketPhase.
#include "duplex/endpoint/connection.h"

#include "endpoint/web_socket_phase.h"

namespace duplex::endpoint {
namespace {

WebSocketPhase& phase_of(Connection& connection) noexcept {
  return static_cast<WebSocketPhase&>(connection);
}
const WebSocketPhase& phase_of(const Connection& connection) noexcept {
  return static_cast<const WebSocketPhase&>(connection);
}

}  // namespace

ConnectionId Connection::id() const noexcept { return phase_of(*this).peer().id(); }

bool Connection::is_open() const noexcept {
  return phase_of(*this).is_protocol_open() && !phase_of(*this).peer().is_dead();
}

SendStatus Connection::send_text(std::string_view text) { return send(text_message(text)); }

SendStatus Connection::send_binary(Bytes payload) { return send(binary_message(payload)); }

SendStatus Connection::send_fragment(Opcode opcode, Bytes payload, bool fin) {
  if (!is_open()) return SendStatus::refused;
  WebSocketPhase& phase = phase_of(*this);
  return phase.sent(phase.protocol().send_fragment(opcode, payload, fin));
}

SendStatus Connection::ping(Bytes payload) {
  if (!is_open()) return SendStatus::refused;
  WebSocketPhase& phase = phase_of(*this);
  return phase.sent(phase.protocol().send_ping(payload));
}

SendStatus Connection::pong(Bytes payload) {
  if (!is_open()) return SendStatus::refused;
  WebSocketPhase& phase = phase_of(*this);
  return phase.sent(phase.protocol().send_pong(payload));
}

std::size_t Connection::queued_bytes() const noexcept {
  return const_cast<Peer&>(phase_of(*this).peer()).stream().queue().size();
}

void Connection::close(CloseCode code, std::string_view reason) {
  if (is_open()) phase_of(*this).start_close(code, reason);
}

void Connection::abort() { phase_of(*this).peer().abort(); }

void Connection::pause_reading() { phase_of(*this).set_paused(true); }

void Connection::resume_reading() { phase_of(*this).set_paused(false); }

bool Connection::subscribe(std::string_view topic) {
  return phase_of(*this).subscribe_to(topic, true);
}

bool Connection::unsubscribe(std::string_view topic) {
  return phase_of(*this).subscribe_to(topic, false);
}

std::string_view Connection::subprotocol() const noexcept {
  return phase_of(*this).agreed_subprotocol();
}

net::Address Connection::peer_address() const {
  Peer& peer = const_cast<Peer&>(phase_of(*this).peer());
  return peer.host().address_of(peer);
}

std::optional<net::TcpInfo> Connection::tcp_info() const {
  return const_cast<Peer&>(phase_of(*this).peer()).tcp_info();
}

std::any& Connection::user_data() noexcept { return phase_of(*this).data(); }

}  // namespace duplex::endpoint
