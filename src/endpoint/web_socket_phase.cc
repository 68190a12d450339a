// A connection that speaks WebSocket; RFC 6455 sections 5 to 7 are the protocol's, not ours.
#include "endpoint/web_socket_phase.h"

#include <algorithm>
#include <utility>

#include "base/later.h"
#include "net/error.h"

namespace duplex::endpoint {
namespace {

constexpr auto patience = std::chrono::seconds(10);  // until silence is looked at again
constexpr std::size_t deflated_piece = 4096;         // bytes, which may become 4 MiB

// One handler runs at a time in a thread, and each loop has its thread.
thread_local LentMessage lent;

std::int16_t index_of(const std::vector<std::string>& list, std::string_view text) noexcept {
  const auto found = std::ranges::find(list, text);
  return found == list.end() ? std::int16_t{-1} : static_cast<std::int16_t>(found - list.begin());
}

}  // namespace

WebSocketPhase::WebSocketPhase(Peer& peer, websocket::Role role, const WebSocketRoute& route,
                               std::string_view subprotocol,
                               websocket::MaskingKeySource* masking_keys)
    : peer_(peer),
      route_(route),
      protocol_(role, route.protocol, peer.stream().queue(), peer.now(), masking_keys),
      subprotocol_(index_of(route.options.subprotocols, subprotocol)) {}

WebSocketPhase::~WebSocketPhase() {
  if (route_.topics != nullptr) route_.topics->unsubscribe_all(*this);
}

void WebSocketPhase::use_deflate(const websocket::DeflateParameters& agreed) {
  const websocket::Role role = protocol_.role();
  protocol_.set_extension(
      websocket::make_permessage_deflate(role, agreed, *route_.options.deflate, *route_.workshop));
  broadcast_window_bits_ =
      websocket::sends_without_context(role, agreed)
          ? static_cast<std::uint8_t>(websocket::sending_window_bits(role, agreed))
          : own_compressor;
}

void WebSocketPhase::start() {
  ++peer_.host().counters().websockets;
  arm_timer();
}

void WebSocketPhase::open(const http::Request& request) {
  call(route_.handlers.on_open, *this, request);
  after_events();
}

// The one function that runs a user's handler. What throws closes the connection with 1011.
template <class F, class... Args>
void WebSocketPhase::call(const F& handler, Args&&... args) {
  if (!handler) return;
  const bool returned = peer_.host().call([&] { handler(std::forward<Args>(args)...); });
  if (returned) return;
  lent.lender = nullptr;  // what follows may throw, past deliver()
  protocol_.fail(CloseCode::internal_error);
}

// --- Receiving -----------------------------------------------------------------------------------

void WebSocketPhase::on_received_in_place(std::size_t size) {
  protocol_.received_in_place(size, peer_.now());
  on_bytes({});
}

// Takes the events of what was received, within the budget of one turn; returns what must wait.
MutableBytes WebSocketPhase::on_bytes(MutableBytes input) {
  if (paused_by_user_) return input;  // since on_open, and this came with the opening
  std::size_t budget = route_.max_events_per_turn;
  const std::uint64_t before = protocol_.decoded_size();
  MutableBytes rest = input;
  do {
    const MutableBytes piece = next_piece(rest);
    protocol_.receive(piece, peer_.now());
    take_events(budget);
    if (!peer_.stream().is_open()) return {};
    const MutableBytes unread = protocol_.take_unread();
    const bool was_all = piece.size() == rest.size();
    rest = was_all ? unread : rest.subspan(piece.size() - unread.size());
    if (was_all) break;
    if (protocol_.decoded_size() - before > route_.max_inflated_per_turn) budget = 0;
  } while (budget != 0 && !waits());
  if (budget == 0 && !rest.empty()) peer_.stream().resume_soon();
  const bool mid_message = protocol_.mid_message();
  peer_.stream().read_in_place(mid_message);
  // Mostly nothing else has changed: open, with its deadline armed.
  if (mid_message || !is_protocol_open() || !peer_.armed()) after_events();
  return rest;
}

// Few compressed bytes may become many: little is taken at a time, and what it became counts.
MutableBytes WebSocketPhase::next_piece(MutableBytes input) const noexcept {
  return protocol_.is_extended() ? input.first(std::min(input.size(), deflated_piece)) : input;
}

// `budget` is the number of events that this turn may still take.
void WebSocketPhase::take_events(std::size_t& budget) {
  while (const auto event = protocol_.next_event()) {
    dispatch(*event);
    // It may be borrowed by the queue.
    if (protocol_.lends_payload() && !peer_.stream().queue().empty()) peer_.stream().flush();
    if (!peer_.stream().is_open() || must_wait() || --budget == 0 || protocol_.is_idle()) return;
  }
}

// True when nothing more may be handled now, because the user or a full queue said so. A server's
// peer that takes no answers gets no more of them; a client that did the same would wait for a
// server that waits for it.
bool WebSocketPhase::must_wait() {
  SendQueue& queue = peer_.stream().queue();
  if (queue.size() > route_.protocol.send_high_water &&
      protocol_.role() == websocket::Role::server) {
    peer_.stream().flush();
    if (queue.size() > route_.protocol.send_high_water) {
      throttled_ = true;
      stop_reading();
      peer_.stream().notify_when_drained();
    }
  }
  return waits();
}

// Of the peer's clock, modulo 2^32: enough for a pause of seven weeks, in half the memory.
std::uint32_t WebSocketPhase::milliseconds() const noexcept {
  const auto now = peer_.now().time_since_epoch();
  return static_cast<std::uint32_t>(duration_cast<std::chrono::milliseconds>(now).count());
}

void WebSocketPhase::stop_reading() {
  if (!peer_.stream().reading_paused()) paused_at_ = milliseconds();
  peer_.stream().pause_reading();
}

// The peer could not do its part meanwhile.
void WebSocketPhase::read_on() {
  if (!peer_.stream().reading_paused()) return;
  const auto now = peer_.now();
  protocol_.was_paused(now - std::chrono::milliseconds(milliseconds() - paused_at_), now);
  peer_.stream().resume_reading();
}

void WebSocketPhase::dispatch(const websocket::Event& event) {
  using Kind = websocket::Event::Kind;
  switch (event.kind) {
    case Kind::text:
    case Kind::binary:
    case Kind::fragment:
      return deliver(event);
    case Kind::ping:
      return call(route_.handlers.on_ping, *this, Bytes(event.payload));
    case Kind::pong:
      return call(route_.handlers.on_pong, *this, Bytes(event.payload));
    case Kind::close:
      return tell_closed({.code = event.close_code, .reason = as_text(event.payload)});
  }
}

void WebSocketPhase::deliver(const websocket::Event& event) {
  ++peer_.host().counters().messages_received;
  const Message message{
      .opcode = event.opcode, .payload = event.payload, .first = event.first, .final = event.final};
  lent = {.lender = this, .message = &message};
  call(route_.handlers.on_message, *this, message);
  lent = {};
}

void WebSocketPhase::on_end_of_stream() {
  // Section 7.1.5: without a Close frame the code is 1006.
  protocol_.fail(CloseCode::abnormal_closure);
  if (!protocol_.close_received()) tell_closed({.code = CloseCode::abnormal_closure});
  end_stream();
}

// --- Sending -------------------------------------------------------------------------------------

bool WebSocketPhase::can_lend(const Message& message) const noexcept {
  return lent.lender == this && message.payload.data() == lent.message->payload.data() &&
         message.payload.size() == lent.message->payload.size() &&
         message.opcode == lent.message->opcode;
}

inline SendStatus WebSocketPhase::send_message(const Message& message) {
  const bool echo = can_lend(message);
  const auto hold = echo ? websocket::Protocol::Hold::borrow : websocket::Protocol::Hold::copy;
  try {
    return sent(
        protocol_.send_message(message.opcode, message.payload, hold, echo, message.compress));
  } catch (...) {
    // A compressor that has lost a message has ended the protocol, and outside of this connection's
    // own handlers nobody would look at it.
    if (protocol_.state() == websocket::State::closed) peer_.drop(net::error_of_exception());
    throw;
  }
}

// Whether it is open otherwise, the protocol knows.
SendStatus Connection::send(Message message) {
  auto& phase = static_cast<WebSocketPhase&>(*this);
  return phase.peer().is_dead() ? SendStatus::refused : phase.send_message(message);
}

SendStatus WebSocketPhase::send_broadcast(Broadcast& broadcast) {
  if (broadcast_window_bits_ == 0 || !broadcast.message().compress) {
    return sent(protocol_.send_encoded(broadcast.plain()));
  }
  if (broadcast_window_bits_ == own_compressor) return send(broadcast.message());
  return sent(
      protocol_.send_encoded(broadcast.deflated(*route_.options.deflate, broadcast_window_bits_)));
}

SendStatus WebSocketPhase::sent(SendStatus status) {
  if (status == SendStatus::refused) return status;
  ++peer_.host().counters().messages_sent;
  if (status == SendStatus::congested) {
    told_to_wait_ = true;
    peer_.stream().notify_when_drained();
  }
  peer_.stream().request_flush();
  return status;
}

void WebSocketPhase::on_drained() {
  protocol_.on_drained();
  if (throttled_ && !paused_by_user_) read_on();
  throttled_ = false;
  const bool waits = told_to_wait_;
  told_to_wait_ = false;
  if (waits) call(route_.handlers.on_drain, *this);
  after_events();
  // Only now can the peer have seen our Close frame.
  if (protocol_.state() == websocket::State::closing) arm_timer();
}

// --- Time and the end ----------------------------------------------------------------------------

void WebSocketPhase::start_close(CloseCode code, std::string_view reason) {
  protocol_.start_closing_handshake(code, reason);
  set_paused(false);  // the peer's Close frame stands behind what waits to be read
  peer_.stream().request_flush();
  arm_timer();
}

void WebSocketPhase::on_timer() {
  if (ending_) return wait_for_the_end();
  const auto now = peer_.now();
  // Nobody is silent who is not listened to, or whose pong or Close frame waits behind what is
  // still being taken.
  const bool takes_output = peer_.stream().take_progress() && !peer_.stream().queue().empty();
  const bool unheard = is_protocol_open() && paused_by_user_;
  if (unheard || takes_output) return peer_.arm(now + patience);
  protocol_.advance(now);
  after_events();
}

// Looks at what the protocol has come to; cheap when it is just open.
void WebSocketPhase::after_events() {
  if (peer_.is_dead() || ending_) return;
  advance_if_due();
  if (protocol_.state() == websocket::State::closed) {
    if (protocol_.violation() != websocket::Violation::none || !protocol_.close_received()) {
      tell_closed({.code = CloseCode::abnormal_closure, .violation = protocol_.violation()});
    }
    return end_stream();
  }
  arm_timer();
}

// The timer of a peer that sends in each turn is armed anew in each turn, and would never fire.
void WebSocketPhase::advance_if_due() {
  const auto deadline = protocol_.next_deadline();
  if (!deadline || paused_by_user_ || !peer_.stream().queue().empty()) return;
  const auto now = peer_.now();
  if (*deadline <= now) protocol_.advance(now);
}

// A pong would bring the next ping's time nearer: that is looked at again before it can have come.
void WebSocketPhase::arm_timer() {
  auto deadline = protocol_.next_deadline();
  if (!deadline) return;
  if (protocol_.awaits_pong()) {
    const auto now = peer_.now();
    deadline = std::min(*deadline, later(now, route_.protocol.ping_interval));
  }
  peer_.arm(*deadline);
}

void WebSocketPhase::tell_closed(const CloseEvent& event) {
  if (close_told_) return;
  close_told_ = true;
  --peer_.host().counters().websockets;
  if (route_.topics != nullptr) route_.topics->unsubscribe_all(*this);
  call(route_.handlers.on_close, *this, event);
}

// Section 7.1.1: the server closes TCP first. A client waits a little for that.
void WebSocketPhase::end_stream() {
  if (peer_.is_dead() || ending_) return;
  ending_ = true;
  peer_.stream().finish(route_.max_linger_size);
  peer_.stream().flush();
  if (peer_.is_dead()) return;
  peer_.stream().take_progress();
  arm_for_the_end();
}

// The time to linger begins when everything has been written.
void WebSocketPhase::arm_for_the_end() {
  all_written_ = peer_.stream().queue().empty();
  if (all_written_ && route_.linger_timeout.count() == 0) return peer_.disarm();
  peer_.arm(later(peer_.now(), all_written_ ? route_.linger_timeout : patience));
}

// Whoever takes what is queued, however slowly, gets all of it.
void WebSocketPhase::wait_for_the_end() {
  const bool progressed = peer_.stream().take_progress();
  if (all_written_ || !progressed) return peer_.drop();
  arm_for_the_end();
}

void WebSocketPhase::on_closed(std::error_code error) {
  tell_closed({.code = protocol_.received_close_code(),
               .error = error,
               .violation = protocol_.violation()});
}

void WebSocketPhase::drain() { start_close(CloseCode::going_away, {}); }

void WebSocketPhase::set_paused(bool paused) {
  if (paused_by_user_ == paused || (paused && !is_protocol_open())) return;
  paused_by_user_ = paused;
  if (throttled_) return;
  paused ? stop_reading() : read_on();
}

std::string_view WebSocketPhase::agreed_subprotocol() const noexcept {
  if (subprotocol_ < 0) return {};
  return route_.options.subprotocols[static_cast<std::size_t>(subprotocol_)];
}

bool WebSocketPhase::subscribe_to(std::string_view topic, bool wanted) {
  if (route_.topics == nullptr || close_told_) return false;
  return wanted ? route_.topics->subscribe(*this, topic) : route_.topics->unsubscribe(*this, topic);
}

}  // namespace duplex::endpoint
