// The client's half of a session.
#include "duplex/engineio/client_session.h"

#include <algorithm>
#include <utility>

#include "base/later.h"

namespace duplex::engineio {
namespace {

constexpr std::string_view probe_text = "probe";
// Longer times of a server count as this, so that deadlines stay within the clock.
constexpr std::uint64_t longest_interval = 24ULL * 60 * 60 * 1000;

std::string text_of(PacketType type, const OutMessage& message) {
  std::string text;
  if (message.is_bytes) {
    append_bytes(text, as_bytes(message.content));
  } else {
    append_packet(text, type, message.content);
  }
  return text;
}

}  // namespace

// --- Input ---------------------------------------------------------------------------------------

std::optional<Packet> ClientSession::receive(Packet packet, Clock::time_point now) {
  if (is_closed()) return std::nullopt;
  if (!is_open() && packet.type != PacketType::open) {
    close(CloseReason::parse_error,
          "the first packet is " + std::string(name_of(packet.type)) + ", not open");
    return std::nullopt;
  }
  switch (packet.type) {
    case PacketType::message:
      if (is_finishing()) break;
      return packet;
    case PacketType::open:
      open(packet.text, now);
      break;
    case PacketType::ping:
      began_ = now;
      queue(PacketType::pong, {.content = std::string(packet.text)});
      break;
    case PacketType::close:
      close(CloseReason::transport_close, "the server closed the session");
      break;
    // What only a client sends means nothing; Engine.IO's own client ignores it, too.
    case PacketType::pong:
    case PacketType::upgrade:
    case PacketType::noop:
      break;
  }
  return std::nullopt;
}

void ClientSession::open(std::string_view text, Clock::time_point now) {
  if (is_open()) return close(CloseReason::parse_error, "a second open packet");
  auto handshake = parse_handshake(text);
  if (!handshake) return close(CloseReason::parse_error, handshake.error());
  handshake_ = *std::move(handshake);
  handshake_.ping_interval = std::min(handshake_.ping_interval, longest_interval);
  handshake_.ping_timeout = std::min(handshake_.ping_timeout, longest_interval);
  began_ = now;
  const bool leaves = state_ == State::leaving;
  state_ = leaves ? State::finishing : State::open;
  if (leaves) queue(PacketType::close);
}

void ClientSession::close(CloseReason reason, std::string detail) {
  if (is_closed()) return;
  reason_ = is_finishing() ? CloseReason::forced_close : reason;
  detail_ = std::move(detail);
  state_ = State::closed;
  drop_probe();
  queue_.clear();
  queued_bytes_ = 0;
}

void ClientSession::finish(Clock::time_point now) {
  if (state_ == State::opening && !poll_open_) return close(CloseReason::forced_close, {});
  if (state_ != State::opening && state_ != State::open) return;
  finish_deadline_ = later(now, options_.close_timeout);
  if (state_ == State::opening) {
    state_ = State::leaving;
    return;
  }
  drop_probe();
  state_ = State::finishing;
  if (transport_ == Transport::polling) queue(PacketType::close);
}

// --- Long polling --------------------------------------------------------------------------------

bool ClientSession::wants_poll() const noexcept {
  const bool alive = state_ == State::opening || state_ == State::open;
  return alive && transport_ == Transport::polling && !poll_open_ && !probe_answered_;
}

bool ClientSession::wants_post() const noexcept {
  return is_open() && transport_ == Transport::polling && !post_open_ && !probe_answered_ &&
         !queue_.empty();
}

std::string ClientSession::begin_post() {
  std::string payload;
  post_open_ = true;
  for (std::size_t count = 0; !queue_.empty() && count < options_.max_post_packets; ++count) {
    const std::string packet = text_of(queue_.front().type, queue_.front().message);
    const std::size_t size = payload.size() + 1 + packet.size();
    if (count > 0 && handshake_.max_payload > 0 && size > handshake_.max_payload) break;
    if (count > 0) payload += separator;
    payload += packet;
    take_front();
  }
  return payload;
}

void ClientSession::end_post() {
  post_open_ = false;
  if (is_finishing() && queue_.empty()) close(CloseReason::forced_close, {});
}

// --- Upgrade -------------------------------------------------------------------------------------

bool ClientSession::wants_probe() const noexcept {
  return state_ == State::open && transport_ == Transport::polling && options_.may_upgrade &&
         handshake_.can_upgrade && may_probe_;
}

void ClientSession::begin_probe(Clock::time_point now) {
  may_probe_ = false;
  probe_deadline_ = later(now, options_.upgrade_timeout);
}

void ClientSession::on_probe_answer(const Packet& packet) {
  const bool answers = packet.type == PacketType::pong && packet.text == probe_text;
  if (!is_probing() || !answers || probe_answered_) return drop_probe();
  probe_answered_ = true;
}

void ClientSession::drop_probe() noexcept {
  probe_deadline_.reset();
  probe_answered_ = false;
}

bool ClientSession::try_upgrade() {
  if (!probe_answered_ || poll_open_ || post_open_) return false;
  drop_probe();
  transport_ = Transport::websocket;
  queue_.push_front({.type = PacketType::upgrade});
  return true;
}

// --- Output --------------------------------------------------------------------------------------

void ClientSession::send(OutMessage message) {
  if (state_ != State::open) return;
  queue(PacketType::message, std::move(message));
}

// Answers to pings, too: a server may take nothing and ask all the more.
void ClientSession::queue(PacketType type, OutMessage message) {
  queued_bytes_ += message.content.size();
  queue_.push_back({.type = type, .message = std::move(message)});
  if (queued_memory() <= options_.max_queued_bytes) return;
  close(CloseReason::transport_error,
        "more than " + std::to_string(options_.max_queued_bytes) + " bytes wait to be sent");
}

std::size_t ClientSession::queued_memory() const noexcept {
  return queued_bytes_ + queue_.size() * sizeof(Queued);
}

ClientSession::Queued ClientSession::take_front() {
  Queued front = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= front.message.content.size();
  return front;
}

std::optional<OutMessage> ClientSession::next_message() {
  if (!is_open() || transport_ != Transport::websocket || queue_.empty()) return std::nullopt;
  Queued front = take_front();
  if (front.message.is_bytes) return std::move(front.message);
  return OutMessage{.content = text_of(front.type, front.message),
                    .compress = front.message.compress};
}

// --- Time ----------------------------------------------------------------------------------------

Clock::time_point ClientSession::heartbeat_deadline() const noexcept {
  if (!is_open()) return later(began_, options_.open_timeout);
  return began_ + std::chrono::milliseconds(handshake_.ping_interval + handshake_.ping_timeout);
}

std::optional<Clock::time_point> ClientSession::next_deadline() const noexcept {
  if (is_closed()) return std::nullopt;
  auto due = heartbeat_deadline();
  if (probe_deadline_) due = std::min(due, *probe_deadline_);
  if (finish_deadline_) due = std::min(due, *finish_deadline_);
  return due;
}

void ClientSession::advance(Clock::time_point now) {
  if (is_closed()) return;
  if (probe_deadline_ && now >= *probe_deadline_) drop_probe();
  if (finish_deadline_ && now >= *finish_deadline_) close(CloseReason::forced_close, {});
  if (now < heartbeat_deadline()) return;
  if (!is_open()) {
    close(CloseReason::transport_error,
          "not open after " + std::to_string(options_.open_timeout.count()) + " ms");
  } else {
    close(CloseReason::ping_timeout,
          "no ping for " + std::to_string(handshake_.ping_interval + handshake_.ping_timeout) +
              " ms");
  }
}

}  // namespace duplex::engineio
