// One client of a Socket.IO server; see socket_link.h.
#include "events/socket_link.h"

#include <algorithm>
#include <utility>

#include "base/first_failure.h"
#include "duplex/codec/utf8.h"
#include "duplex/http/target.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

using engineio::CloseReason;
using socketio::PacketType;

DisconnectReason reason_for(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::transport_error:
      return DisconnectReason::transport_error;
    case CloseReason::parse_error:
      return DisconnectReason::parse_error;
    case CloseReason::ping_timeout:
      return DisconnectReason::ping_timeout;
    case CloseReason::forced_close:
      return DisconnectReason::forced_close;
    case CloseReason::transport_close:
    case CloseReason::none:
      break;
  }
  return DisconnectReason::transport_close;
}

// In protocol 4 a namespace may have a query behind it: "/chat?token=a". The first of each name.
Json take_query(std::string& nsp) {
  const std::size_t mark = std::min(nsp.find('?'), nsp.size());
  const std::string query = nsp.substr(std::min(mark + 1, nsp.size()));
  codec::JsonObject members;
  for (auto& [name, value] : http::query_parameters(query)) {
    const bool is_text =
        codec::is_valid_utf8(as_bytes(name)) && codec::is_valid_utf8(as_bytes(value));
    const bool is_new =
        std::ranges::find(members, name, &codec::JsonMember::first) == members.end();
    if (is_text && is_new) members.emplace_back(std::move(name), std::move(value));
  }
  nsp.resize(mark);
  return members;
}

}  // namespace

SocketLink::SocketLink(SocketServer::Impl& server, EngineSession::Impl& session,
                       const http::Request& request)
    : server_(server.shared_from_this()),
      session_(session),
      decoder_(server.options().packets),
      request_(std::make_shared<const http::OwnedRequest>(request)),
      issued_(server.loop().kernel().wall_clock()) {
  timer_ =
      server.loop().run_after(server.options().connect_timeout, [&session] { session.close(); });
}

// Who is still asked whether it may join has nobody to answer to.
SocketLink::~SocketLink() {
  server_->loop().cancel(timer_);
  server_->loop().cancel(attachment_timer_);
  for (const auto& socket : sockets_) socket->link = nullptr;
}

bool SocketLink::is_old() const noexcept {
  return session_.revision() == engineio::Revision::three;
}

void SocketLink::start() {
  if (is_old()) on_connect({.type = PacketType::connect});
}

Handshake SocketLink::handshake(Json auth) const {
  return {.auth = std::move(auth),
          .request = request_,
          .address = session_.peer_address,
          .issued = issued_};
}

std::shared_ptr<SocketCore> SocketLink::find(std::string_view nsp) const {
  const auto found = std::ranges::find_if(
      sockets_, [nsp](const auto& socket) { return socket->nsp_core->name_text == nsp; });
  return found == sockets_.end() ? nullptr : *found;
}

// --- In ------------------------------------------------------------------------------------------

void SocketLink::on_message(const engineio::Packet& message) {
  if (broken_) return;
  auto packet = read(message);
  await_attachment();
  if (!packet) return end({DisconnectReason::parse_error, packet.error()});
  if (*packet) on_packet(std::move(**packet));
}

// A packet, or nothing while attachments are missing.
socketio::Decoder::Outcome SocketLink::read(const engineio::Packet& message) {
  if (server_->options().parser == socketio::Parser::text) {
    return message.bytes ? decoder_.on_bytes(*message.bytes) : decoder_.on_text(message.text);
  }
  if (!message.bytes) return Failure{std::string("text, where the parser is msgpack")};
  auto packet = socketio::decode_msgpack(*message.bytes, server_->options().packets);
  if (!packet) return Failure{packet.error()};
  return std::optional(*std::move(packet));
}

// Not for ever, though pongs may come all the while.
void SocketLink::await_attachment() {
  server_->loop().cancel(std::exchange(attachment_timer_, net::TimerId::none));
  if (!decoder_.is_waiting()) return;
  const auto time = server_->options().attachment_timeout;
  attachment_timer_ = server_->loop().run_after(time, [this, time] {
    end({DisconnectReason::parse_error,
         "no attachment within " + std::to_string(time.count()) + " ms"});
  });
}

void SocketLink::on_packet(socketio::Packet&& packet) {
  if (packet.type == PacketType::connect) return on_connect(std::move(packet));
  const auto socket = find(packet.nsp);
  if (socket == nullptr || socket->state != SocketCore::State::connected) {
    return break_off("a packet for " + quoted(packet.nsp) + ", which it has not joined");
  }
  switch (packet.type) {
    case PacketType::event:
      return socket->on_event(packet);
    case PacketType::ack:
      return socket->on_ack(std::move(packet));
    case PacketType::disconnect:
      return socket->leave_namespace({DisconnectReason::client_namespace_disconnect});
    default:
      return break_off("a connect error from a client");
  }
}

void SocketLink::on_connect(socketio::Packet&& packet) {
  Json auth =
      is_old() ? take_query(packet.nsp) : std::move(packet.data).value_or(codec::JsonObject());
  if (find(packet.nsp) != nullptr) return break_off("a second connect to " + quoted(packet.nsp));
  if (const std::size_t most = server_->options().max_namespaces_per_client;
      sockets_.size() >= most) {
    return break_off("more than " + std::to_string(most) + " namespaces");
  }
  if (const std::size_t most = server_->options().max_auth_bytes;
      auth_bytes() + codec::bytes_in_memory(auth) > most) {
    return break_off("auth of more than " + std::to_string(most) + " bytes in memory");
  }
  const auto nsp = server_->find(packet.nsp, auth);
  if (broken_) return;  // who was asked for the namespace has ended the session
  if (nsp == nullptr) return refuse(packet.nsp, "Invalid namespace");
  sockets_.push_back(std::make_shared<SocketCore>(nsp, *this, id_in(packet.nsp), std::move(auth)));
  const auto socket = sockets_.back();
  nsp->welcome(socket);
}

std::size_t SocketLink::auth_bytes() const noexcept {
  std::size_t size = 0;
  for (const auto& socket : sockets_) size += codec::bytes_in_memory(socket->said.auth);
  return size;
}

// Clients of protocol 4 believe that it is this, and are not told.
std::string SocketLink::id_in(std::string_view nsp) const {
  if (!is_old()) return server_->random_id();
  return nsp == "/" ? session_.sid() : std::string(nsp) + "#" + session_.sid();
}

void SocketLink::refuse(std::string_view nsp, std::string_view message) {
  send({.type = PacketType::connect_error,
        .nsp = std::string(nsp),
        .data = Json(codec::JsonObject{{"message", message}})});
}

void SocketLink::send(socketio::Packet&& packet) {
  if (is_old()) packet = socketio::for_protocol4(std::move(packet));
  send_packet(packet, *server_, session_);
}

void SocketLink::on_joined() { server_->loop().cancel(std::exchange(timer_, net::TimerId::none)); }

void SocketLink::on_drain() {
  const auto all = sockets_;  // who is told may send others away
  for (const auto& socket : all) socket->on_drain_of_link();
}

// --- The end -------------------------------------------------------------------------------------

void SocketLink::forget(const SocketCore& socket) {
  std::erase_if(sockets_, [&](const auto& each) { return each.get() == &socket; });
}

// Whoever leaves is forgotten here before anybody is told.
void SocketLink::leave_all(const Disconnect& why) {
  FirstFailure failure;
  while (!sockets_.empty()) {
    failure.run([&, socket = sockets_.back()] { socket->leave_namespace(why); });
  }
  failure.rethrow();
}

void SocketLink::disconnect_all() {
  const auto session = session_.shared_from_this();
  const auto all = sockets_;
  FirstFailure failure;
  for (const auto& socket : all) failure.run([&] { socket->disconnect(); });
  failure.run([&] { leave_all({DisconnectReason::server_namespace_disconnect}); });
  failure.run([&] { session->close(); });
  failure.rethrow();
}

void SocketLink::break_off(std::string rule) {
  end({DisconnectReason::forced_server_close, std::move(rule)});
}

void SocketLink::close() { end({DisconnectReason::server_shutting_down}); }

void SocketLink::give_up(std::string why) {
  end({DisconnectReason::transport_close, std::move(why)});
}

void SocketLink::end(const Disconnect& why) {
  broken_ = true;
  const auto session = session_.shared_from_this();
  FirstFailure failure;
  failure.run([&] { leave_all(why); });
  failure.run([&] { session->close(); });
  failure.rethrow();
}

void SocketLink::on_close(const EngineClose& close) {
  broken_ = true;
  leave_all({reason_for(close.reason), close.detail});
}

}  // namespace duplex::events
