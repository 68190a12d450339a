// The server's half of a session.
#include "duplex/engineio/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/later.h"

namespace duplex::engineio {
namespace {

constexpr std::string_view probe_text = "probe";

Handshake handshake_of(const std::string& sid, Transport transport, const SessionOptions& options) {
  return {.sid = sid,
          .can_upgrade = transport == Transport::polling && options.allow_upgrades,
          .ping_interval = static_cast<std::uint64_t>(options.ping_interval.count()),
          .ping_timeout = static_cast<std::uint64_t>(options.ping_timeout.count()),
          .max_payload = options.max_payload};
}

}  // namespace

std::string_view describe(CloseReason reason) noexcept {
  constexpr std::array<std::string_view, 6> names = {
      "", "transport close", "transport error", "parse error", "ping timeout", "forced close"};
  return names[static_cast<std::size_t>(reason)];
}

Session::Session(std::string sid, Transport transport, const SessionOptions& options,
                 Clock::time_point now, Dialect dialect)
    : options_(options),
      sid_(std::move(sid)),
      transport_(transport),
      dialect_(dialect),
      heard_(now) {
  queue(PacketType::open, write_handshake(handshake_of(sid_, transport_, options_)));
}

// --- Input ---------------------------------------------------------------------------------------

std::optional<Packet> Session::receive(Packet packet, Clock::time_point now) {
  if (is_closed()) return std::nullopt;
  switch (packet.type) {
    case PacketType::message:
      return packet;
    case PacketType::pong:
      client_pings() ? close(CloseReason::transport_error) : on_pong(now);
      break;
    case PacketType::close:
      close(CloseReason::transport_close);
      break;
    // In revision 4 the server pings.
    case PacketType::ping:
      client_pings() ? on_ping(packet, now) : close(CloseReason::transport_error);
      break;
    case PacketType::open:
      close(CloseReason::transport_error);
      break;
    case PacketType::upgrade:
    case PacketType::noop:
      break;
  }
  return std::nullopt;
}

// One that nobody waits for keeps nothing alive, nor does one to a ping that is still here.
void Session::on_pong(Clock::time_point now) {
  if (ping_waits_ || !std::exchange(awaits_pong_, false)) return;
  heard_ = now;
}

void Session::on_ping(const Packet& packet, Clock::time_point now) {
  heard_ = now;
  queue(PacketType::pong, std::string(packet.text));
}

void Session::close(CloseReason reason) {
  if (is_closed()) return;
  reason_ = reason;
  drop_probe();
  // What was said before it was closed is to arrive.
  if (reason == CloseReason::forced_close) return;
  clear_queue();
  queued_bytes_ = 0;
}

// --- Upgrade -------------------------------------------------------------------------------------

bool Session::start_probe(Clock::time_point now) {
  const bool wanted = transport_ == Transport::polling && options_.allow_upgrades;
  if (is_closed() || is_probing() || !wanted) return false;
  probe_deadline_ = later(now, options_.upgrade_timeout);
  return true;
}

void Session::drop_probe() noexcept {
  probe_deadline_.reset();
  probe_answered_ = false;
}

Session::ProbeStep Session::probe(const Packet& packet) {
  if (!is_probing()) return ProbeStep::refused;
  if (packet.type == PacketType::ping && packet.text == probe_text && !probe_answered_) {
    probe_answered_ = true;
    return ProbeStep::answer;
  }
  const bool upgrades = packet.type == PacketType::upgrade && probe_answered_;
  drop_probe();
  if (!upgrades) return ProbeStep::refused;
  transport_ = Transport::websocket;
  return ProbeStep::upgraded;
}

// --- Output --------------------------------------------------------------------------------------

void Session::send(SharedMessage message) {
  if (is_closed()) return;
  queued_bytes_ += message->content.size();
  queue_.push_back({.type = PacketType::message, .message = std::move(message)});
}

void Session::queue(PacketType type, std::string text) {
  queued_bytes_ += text.size();
  queue_.push_back({.type = type, .text = std::move(text)});
}

// An idle session is to cost nothing.
void Session::clear_queue() noexcept {
  queue_ = std::vector<Queued>();  // {} would keep its memory
  taken_ = 0;
}

Session::Queued Session::take_front() {
  Queued front = std::move(queue_[taken_++]);
  if (taken_ == queue_.size()) clear_queue();
  queued_bytes_ -= front.message ? front.message->content.size() : front.text.size();
  if (front.type == PacketType::ping) ping_waits_ = false;
  return front;
}

std::size_t Session::queued_memory() const noexcept {
  return queued_bytes_ + (queue_.size() - taken_) * (sizeof(Queued) + sizeof(OutMessage));
}

bool Session::may_compress(const Queued& queued) noexcept {
  return queued.message == nullptr || queued.message->compress;
}

std::string Session::text_of(const Queued& queued) const {
  std::string text;
  if (queued.message && queued.message->is_bytes) {
    append_bytes(text, as_bytes(queued.message->content), dialect_.revision);
  } else {
    append_packet(text, queued.type, queued.message ? queued.message->content : queued.text);
  }
  return text;
}

std::optional<OutMessage> Session::next_message() {
  if (queue_.empty() || transport_ != Transport::websocket) return std::nullopt;
  const Queued front = take_front();
  const bool is_bytes = front.message && front.message->is_bytes && !dialect_.only_text;
  if (is_bytes && dialect_.revision == Revision::four) return *front.message;
  return OutMessage{
      .content = is_bytes ? bytes_with_type(as_bytes(front.message->content)) : text_of(front),
      .is_bytes = is_bytes,
      .compress = may_compress(front)};
}

bool Session::has_payload() const noexcept {
  return !queue_.empty() || probe_answered_ || is_closed();
}

bool Session::has_bytes() const noexcept {
  return std::any_of(queue_.begin() + static_cast<std::ptrdiff_t>(taken_), queue_.end(),
                     [](const Queued& each) { return each.message && each.message->is_bytes; });
}

OutMessage Session::take_payload() {
  if (queue_.empty()) {
    const bool closed_here = is_closed() && reason_ != CloseReason::transport_close;
    return payload_of(closed_here ? PacketType::close : PacketType::noop);
  }
  const bool takes_bytes = dialect_.revision == Revision::three && !dialect_.only_text;
  OutMessage payload = {.is_bytes = takes_bytes && has_bytes()};
  while (!queue_.empty()) append(payload, take_front());
  return payload;
}

OutMessage Session::payload_of(PacketType type) const {
  OutMessage payload;
  append(payload, {.type = type});
  return payload;
}

void Session::append(OutMessage& payload, const Queued& queued) const {
  std::string& content = payload.content;
  payload.compress = payload.compress && may_compress(queued);
  if (dialect_.revision == Revision::four) {
    if (!content.empty()) content += separator;
    content += text_of(queued);
  } else if (!payload.is_bytes) {
    append_counted(content, text_of(queued));
  } else if (queued.message && queued.message->is_bytes) {
    append_counted_bytes(content, bytes_with_type(as_bytes(queued.message->content)), true);
  } else {
    append_counted_bytes(content, text_of(queued), false);
  }
}

// --- Time ----------------------------------------------------------------------------------------

std::optional<Clock::time_point> Session::next_deadline() const noexcept {
  if (is_closed()) return std::nullopt;
  const bool listens = awaits_pong_ || client_pings();
  const auto ping_at = later(heard_, options_.ping_interval);
  const auto beat = listens ? later(ping_at, options_.ping_timeout) : ping_at;
  return probe_deadline_ ? std::min(*probe_deadline_, beat) : beat;
}

void Session::advance(Clock::time_point now) {
  if (is_closed()) return;
  if (probe_deadline_ && now >= *probe_deadline_) drop_probe();
  const auto ping_at = later(heard_, options_.ping_interval);
  if (now >= later(ping_at, options_.ping_timeout)) return close(CloseReason::ping_timeout);
  if (client_pings() || awaits_pong_ || now < ping_at) return;
  awaits_pong_ = true;
  ping_waits_ = true;
  queue(PacketType::ping);
}

}  // namespace duplex::engineio
