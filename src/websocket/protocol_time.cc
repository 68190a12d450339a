// Keep-alive pings and deadlines of a WebSocket connection, as arithmetic on given instants.
#include <algorithm>

#include "duplex/websocket/protocol.h"
#include "websocket/assembly.h"

namespace duplex::websocket {
namespace {

using Deadline = std::optional<Clock::time_point>;

// A time of 0 switches a deadline off. One that the clock will never reach does so too.
Deadline after(Clock::time_point start, std::chrono::milliseconds time) noexcept {
  const auto countable =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::time_point::max() - start);
  if (time.count() <= 0 || time > countable) return std::nullopt;
  return start + time;
}

Deadline earlier(Deadline a, Deadline b) noexcept {
  if (!a) return b;
  return b ? std::min(*a, *b) : a;
}

bool has_come(Deadline deadline, Clock::time_point now) noexcept {
  return deadline && *deadline <= now;
}

}  // namespace

Deadline Protocol::ping_deadline() const noexcept {
  return after(activity_, awaiting_pong_ ? options_->ping_timeout : options_->ping_interval);
}

Deadline Protocol::message_deadline() const noexcept {
  return mid_message_ ? after(started_, options_->message_timeout) : std::nullopt;
}

// It is counted from the first advance() after the Close frame, which therefore is due at once.
Deadline Protocol::close_deadline() const noexcept {
  const Deadline deadline = after(started_, options_->close_timeout);
  return deadline && !closing_timed_ ? activity_ : deadline;
}

Deadline Protocol::next_deadline() const noexcept {
  if (state_ == State::closed) return std::nullopt;
  if (state_ == State::closing) return close_deadline();
  return earlier(ping_deadline(), message_deadline());
}

void Protocol::advance(Clock::time_point now) {
  if (state_ == State::open) return advance_open(now);
  if (state_ == State::closed) return;
  if (!closing_timed_) {
    closing_timed_ = true;
    started_ = now;
  } else if (has_come(close_deadline(), now)) {
    fail_because(Violation::close_timeout);
  }
}

void Protocol::was_paused(Clock::time_point since, Clock::time_point now) noexcept {
  if (state_ != State::open) return;
  activity_ = std::min(activity_ + (now - since), now);
  started_ += now - since;
}

void Protocol::advance_open(Clock::time_point now) {
  if (has_come(message_deadline(), now)) {
    fail_because(Violation::message_deadline);
  } else if (has_come(ping_deadline(), now)) {
    if (awaiting_pong_) {
      fail_because(Violation::ping_timeout);
    } else {
      append_frame(Opcode::ping, {});
      awaiting_pong_ = true;
      activity_ = now;
    }
  }
}

}  // namespace duplex::websocket
