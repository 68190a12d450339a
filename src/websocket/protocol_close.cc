// Control frames and the end of a WebSocket connection: RFC 6455 sections 5.5 and 7.
#include <algorithm>

#include "duplex/websocket/protocol.h"
#include "websocket/assembly.h"
#include "websocket/close_payload.h"

namespace duplex::websocket {

// --- Control frames received ---------------------------------------------------------------------

std::optional<Event> Protocol::on_control(Opcode opcode, MutableBytes payload) {
  if (opcode == Opcode::close) return on_close(payload);
  if (opcode == Opcode::pong) return Event{.kind = Event::Kind::pong, .payload = payload};
  answer_ping(payload);
  return Event{.kind = Event::Kind::ping, .payload = payload};
}

// Section 5.5.2: each ping is answered. Section 5.5.3: while answers wait, only the newest need be.
void Protocol::answer_ping(Bytes payload) {
  if (!out_->blocked()) {
    owed_pong_.reset();
    return append_frame(Opcode::pong, payload);
  }
  if (owed_pong_ == nullptr) owed_pong_ = std::make_unique<OwedPong>();
  owed_pong_->assign(payload);
}

void Protocol::on_drained() {
  // Only once: a peer that keeps us answering its pings does not prolong the closing handshake.
  if (state_ == State::closing && !close_drained_) {
    close_drained_ = true;
    closing_timed_ = false;
  }
  if (owed_pong_ == nullptr) return;
  if (state_ != State::closed) append_frame(Opcode::pong, owed_pong_->view());
  owed_pong_.reset();
}

std::optional<Event> Protocol::on_close(MutableBytes payload) {
  const Violation violation = judge_close(payload);
  if (violation != Violation::none) return fail_because(violation);
  const bool must_answer = state_ == State::open;
  become_closed();
  close_received_ = true;
  received_close_code_ = close_code_of(payload);
  const std::size_t code_size = std::min<std::size_t>(2, payload.size());
  // Section 5.5.1: the answer carries the code that was received.
  if (must_answer) append_close(payload.first(code_size));
  return Event{.kind = Event::Kind::close,
               .payload = payload.subspan(code_size),
               .close_code = received_close_code_};
}

// --- Close frames sent ---------------------------------------------------------------------------

void Protocol::append_close(Bytes payload) {
  append_frame(Opcode::close, payload);
  close_sent_ = true;
}

void Protocol::start_closing_handshake(CloseCode code, std::string_view reason) {
  if (state_ != State::open) return;
  append_close(ClosePayload(code, reason).view());
  state_ = State::closing;
}

void Protocol::fail(CloseCode code, std::string_view reason) {
  const bool may_send = state_ == State::open && code != CloseCode::abnormal_closure;
  become_closed();
  if (may_send) append_close(ClosePayload(code, reason).view());
}

std::nullopt_t Protocol::fail_because(Violation violation) {
  violation_ = violation;
  fail(close_code_for(violation), describe(violation));
  return std::nullopt;
}

// Out of memory while receiving.
void Protocol::abandon() noexcept {
  try {
    fail(CloseCode::internal_error);
  } catch (...) {
    // There is no memory even for a Close frame; the connection has failed all the same.
  }
}

// From here on every byte is discarded unread: section 5.5.1, and 7.1.7 for a failed connection.
void Protocol::become_closed() noexcept {
  state_ = State::closed;
  input_ = {};
  end_frame();
  mid_message_ = false;
  delivered_ = true;
}

}  // namespace duplex::websocket
