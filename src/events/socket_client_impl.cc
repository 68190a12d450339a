// The connection of a Socket.IO client: opened when a socket wants it, and opened again.
#include "events/socket_client_impl.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <exception>
#include <utility>

#include "events/client_socket_core.h"
#include "events/engine_address.h"

namespace duplex::events {
namespace {

using engineio::CloseReason;

ClientDisconnectReason reason_for(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::transport_close:
      return ClientDisconnectReason::transport_close;
    case CloseReason::parse_error:
      return ClientDisconnectReason::parse_error;
    case CloseReason::ping_timeout:
      return ClientDisconnectReason::ping_timeout;
    default:
      return ClientDisconnectReason::transport_error;
  }
}

std::string with_slash(std::string_view nsp) {
  return nsp.starts_with('/') ? std::string(nsp) : '/' + std::string(nsp);
}

// Everyone is called, whoever throws. They may come and go meanwhile.
template <class F>
void for_each(const std::vector<std::shared_ptr<ClientSocketCore>>& all, F&& call) {
  const std::vector<std::shared_ptr<ClientSocketCore>> sockets(all.begin(), all.end());
  std::exception_ptr thrown;
  for (const auto& socket : sockets) {
    try {
      if (socket->client != nullptr) call(*socket);
    } catch (...) {
      thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

SocketClient::Impl::Impl(net::EventLoop& loop, std::string_view url, SocketClientOptions options)
    : loop_(loop),
      url_(url),
      options_(std::move(options)),
      backoff_(options_.backoff),
      decoder_(options_.packets) {
  options_.engine.path = options_.path;
  [[maybe_unused]] const EngineAddress checked(url_, options_.engine);
}

void SocketClient::Impl::abandon() noexcept {
  abandoned_ = true;
  for (const auto& socket : sockets_) socket->abandon();
  loop_.cancel(timer_);
  loop_.cancel(attachment_timer_);
  engine_.reset();
  leaving_.clear();
}

// --- Sockets -------------------------------------------------------------------------------------

ClientSocketCore& SocketClient::Impl::of(std::string_view nsp, ClientSocketOptions options) {
  const std::string name = with_slash(nsp);
  const auto found =
      std::ranges::find_if(sockets_, [&](const auto& each) { return each->nsp_name == name; });
  if (found != sockets_.end()) return **found;
  const bool connects = options.auto_connect;
  const auto socket = std::make_shared<ClientSocketCore>(*this, name, std::move(options));
  sockets_.push_back(socket);
  if (connects) socket->start();
  return *socket;
}

bool SocketClient::Impl::is_wanted() const noexcept {
  return std::ranges::any_of(sockets_, [](const auto& socket) { return socket->is_wanted; });
}

void SocketClient::Impl::disconnect_all() {
  for_each(sockets_, [](ClientSocketCore& socket) { socket.stop(); });
}

Transport SocketClient::Impl::transport() const noexcept {
  return engine_ != nullptr ? engine_->transport() : options_.engine.transports.front();
}

std::size_t SocketClient::Impl::queued_bytes() const noexcept {
  std::size_t size = engine_ != nullptr ? engine_->queued_bytes() : 0;
  for (const auto& each : leaving_) size += each->queued_bytes();
  return size;
}

// --- The connection ------------------------------------------------------------------------------

void SocketClient::Impl::want_connection() {
  if (!is_coming()) open();
}

void SocketClient::Impl::release_connection() {
  if (is_wanted()) return;
  loop_.cancel(std::exchange(timer_, net::TimerId::none));
  backoff_.reset();
  attempt_ = 0;
  if (engine_ != nullptr) let_go();
}

void SocketClient::Impl::open() {
  joined_at_.reset();
  engine_ = std::make_unique<EngineClient>(loop_, url_, handlers(), engine_options());
}

// What is known to work comes first.
EngineClientOptions SocketClient::Impl::engine_options() const {
  EngineClientOptions engine = options_.engine;
  const auto found = std::ranges::find(engine.transports, Transport::websocket);
  if (websocket_works_ && found != engine.transports.end()) {
    std::rotate(engine.transports.begin(), found, found + 1);
  }
  return engine;
}

void SocketClient::Impl::on_joined() noexcept {
  if (!joined_at_) joined_at_ = loop_.now();
}

// What a handler throws is the loop's, not a reason to lose the connection.
template <class F>
void SocketClient::Impl::guard(F&& work) {
  try {
    work();
  } catch (...) {
    loop_.run_after({}, [thrown = std::current_exception()] { std::rethrow_exception(thrown); });
  }
}

// Those of a connection that has been let go mean nothing any more, but that it has left.
EngineClientHandlers SocketClient::Impl::handlers() {
  const auto with = [weak = weak_from_this()](auto work) {
    return [weak, work](EngineClient& engine, auto&&... arguments) {
      const auto self = weak.lock();
      if (self == nullptr || self->engine_.get() != &engine) return;
      self->guard([&] { work(*self, arguments...); });
    };
  };
  EngineClientHandlers handlers;
  handlers.on_open = with([](Impl& self) { self.on_open(); });
  handlers.on_upgrade =
      with([](Impl& self) { self.websocket_works_ = self.options_.remember_upgrade; });
  handlers.on_message =
      with([](Impl& self, const engineio::Packet& message) { self.on_message(message); });
  handlers.on_close = [weak = weak_from_this()](EngineClient& engine, const EngineClose& close) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    if (self->engine_.get() == &engine) return self->guard([&] { self->on_close(close); });
    std::erase_if(self->leaving_, [&](const auto& each) { return each.get() == &engine; });
  };
  return handlers;
}

void SocketClient::Impl::let_go() {
  was_open_ = false;
  forget_packet();
  for (const auto& socket : sockets_) socket->has_asked = false;
  leaving_.push_back(std::move(engine_));
  leaving_.back()->close();
}

void SocketClient::Impl::on_open() {
  was_open_ = true;
  websocket_works_ = options_.remember_upgrade && transport() == Transport::websocket;
  const std::size_t attempts = std::exchange(attempt_, 0);
  for_each(sockets_, [](ClientSocketCore& socket) { socket.on_open(); });
  const auto handler = reconnect_handler;
  if (attempts > 0 && !abandoned_ && handler) handler(attempts);
}

void SocketClient::Impl::on_close(const EngineClose& close) {
  const bool was_open = std::exchange(was_open_, false);
  if (!was_open || close.reason == CloseReason::transport_error) websocket_works_ = false;
  forget_packet();
  engine_.reset();
  plan_reconnect();
  if (was_open) return tell_lost({.reason = reason_for(close.reason), .detail = close.detail});
  tell_failed(close.detail);
}

void SocketClient::Impl::break_off(std::string why) {
  let_go();
  plan_reconnect();
  tell_lost({.reason = ClientDisconnectReason::parse_error, .detail = std::move(why)});
}

void SocketClient::Impl::tell_lost(const ClientDisconnect& why) {
  for_each(sockets_, [&](ClientSocketCore& socket) { socket.on_lost(why); });
}

void SocketClient::Impl::tell_failed(const std::string& why) {
  for_each(sockets_, [&](ClientSocketCore& socket) {
    if (socket.is_wanted) socket.fail({.message = why});
  });
}

// --- Packets -------------------------------------------------------------------------------------

void SocketClient::Impl::on_message(const engineio::Packet& message) {
  if (options_.parser == socketio::Parser::msgpack) {
    if (!message.bytes) return break_off("text, where the parser is msgpack");
    auto packet = socketio::decode_msgpack(*message.bytes, options_.packets);
    return packet ? on_packet(*std::move(packet)) : break_off(packet.error());
  }
  auto packet = message.bytes ? decoder_.on_bytes(*message.bytes) : decoder_.on_text(message.text);
  await_attachment();
  if (!packet) return break_off(packet.error());
  if (*packet) on_packet(**std::move(packet));
}

// Not for ever, though pings may come all the while.
void SocketClient::Impl::await_attachment() {
  loop_.cancel(std::exchange(attachment_timer_, net::TimerId::none));
  if (!decoder_.is_waiting()) return;
  const auto time = options_.attachment_timeout;
  attachment_timer_ = loop_.run_after(time, [weak = weak_from_this(), time] {
    const auto self = weak.lock();
    if (self == nullptr || self->abandoned_) return;
    self->break_off("no attachment within " + std::to_string(time.count()) + " ms");
  });
}

// Its connection has ended.
void SocketClient::Impl::forget_packet() {
  decoder_ = socketio::Decoder(options_.packets);
  loop_.cancel(std::exchange(attachment_timer_, net::TimerId::none));
}

// Of a namespace that nobody has asked for: that one has been left already.
void SocketClient::Impl::on_packet(socketio::Packet packet) {
  const auto found = std::ranges::find_if(
      sockets_, [&](const auto& each) { return each->nsp_name == packet.nsp; });
  if (found == sockets_.end()) return;
  const auto socket = *found;
  if (std::string problem = socket->on_packet(std::move(packet)); !problem.empty()) {
    break_off(std::move(problem));
  }
}

void SocketClient::Impl::send_bytes(Bytes bytes, bool compress) {
  engine_->send({.content = std::string(as_text(bytes)), .is_bytes = true, .compress = compress});
}

std::string SocketClient::Impl::send(const socketio::Packet& packet, bool compress) {
  if (!is_open()) return {};
  if (options_.parser == socketio::Parser::msgpack) {
    send_bytes(socketio::encode_msgpack(packet), compress);
    return {};
  }
  socketio::EncodedPacket encoded = socketio::encode(packet);
  const std::size_t most = options_.packets.max_attachments;
  if (encoded.attachments.size() > most) {
    return std::to_string(encoded.attachments.size()) + " attachments, above the limit of " +
           std::to_string(most);
  }
  engine_->send({.content = std::move(encoded.text), .compress = compress});
  for (const Bytes attachment : encoded.attachments) send_bytes(attachment, compress);
  return {};
}

// --- Connecting again ----------------------------------------------------------------------------

// Evenly of [0, 1).
double SocketClient::Impl::random() {
  std::array<std::byte, sizeof(std::uint64_t)> bytes = {};
  if (loop_.kernel().random(bytes) != 0) return 0.5;
  return std::ldexp(static_cast<double>(std::bit_cast<std::uint64_t>(bytes) >> 11), -53);
}

void SocketClient::Impl::plan_reconnect() {
  if (!options_.reconnect || !is_wanted()) return;
  if (joined_at_ && loop_.now() - *joined_at_ >= options_.stable_time) backoff_.reset();
  if (options_.max_attempts && backoff_.attempts() >= *options_.max_attempts) {
    backoff_.reset();
    loop_.run_after({}, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr || self->abandoned_) return;
      const auto handler = self->reconnect_failed_handler;
      if (handler) handler();
    });
    return;
  }
  timer_ = loop_.run_after(backoff_.next(random()), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->reconnect();
  });
}

void SocketClient::Impl::reconnect() {
  timer_ = net::TimerId::none;
  attempt_ = backoff_.attempts();
  const auto handler = reconnect_attempt_handler;
  if (handler) handler(attempt_);
  if (!abandoned_ && is_wanted()) want_connection();
}

}  // namespace duplex::events
