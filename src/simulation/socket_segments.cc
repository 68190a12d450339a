// What travels between the two ends: data within the window, acknowledgements, FIN and RST
// (RFC 9293 sections 3.6 to 3.10).
#include <algorithm>
#include <cerrno>

#include "simulation/socket.h"

namespace duplex::simulation {
namespace {

constexpr std::chrono::milliseconds default_patience{924'600};  // tcp_retries2 = 15
constexpr std::chrono::seconds orphan_patience{60};             // tcp_fin_timeout

}  // namespace

// What arrives where no socket is any more is answered with RST. (In the Unix domain nobody
// answers: there the end has been told of the other's going.)
void Socket::send_segment(std::size_t size, std::function<void(Socket&)> arrival) {
  outgoing().carry(size, [peer = peer_, weak = weak_from_this(), arrival = std::move(arrival)] {
    if (const auto there = peer.lock()) return arrival(*there);
    const auto self = weak.lock();
    if (self == nullptr || self->is_unix()) return;
    self->incoming().carry(0, [weak] {
      if (const auto here = weak.lock()) here->on_reset();
    });
  });
}

void Socket::send_reset() {
  send_segment(0, [](Socket& peer) { peer.on_reset(); });
}

// Puts on the wire what the window admits, and FIN behind the last byte.
void Socket::pump() {
  if (state_ != State::connected) return;
  while (const std::size_t size = next_segment_size()) {
    std::vector<std::byte> bytes(size);
    unsent_.take(bytes);
    sent_ += size;
    send_segment(size, [bytes = std::move(bytes)](Socket& peer) { peer.on_data(bytes); });
  }
  if (send_shut_ && !fin_sent_ && unsent_.empty()) {
    fin_sent_ = true;
    progress_at_ = world_.now();
    send_segment(0, [](Socket& peer) { peer.on_fin(); });
  }
  arm_alarm();
}

std::size_t Socket::next_segment_size() {
  const LinkOptions& link = outgoing().options();
  const std::size_t window = static_cast<std::size_t>(right_edge_ - sent_);
  std::size_t size = std::min({unsent_.size(), window, link.segment_size});
  // Nagle's algorithm (RFC 9293 3.7.4): a short last segment waits for what is unacknowledged.
  const bool short_tail = size == unsent_.size() && size < link.segment_size && !send_shut_;
  if (short_tail && sent_ > acked_ && !options_.no_delay && !is_unix()) return 0;
  if (size > 1 && world_.network_random().chance(link.split_rate)) {
    size = 1 + static_cast<std::size_t>(world_.network_random().below(size));
  }
  return size;
}

// The receive buffer's room bounds TCP. In the Unix domain the sender's buffer alone does: bytes
// count as delivered when they are read.
std::uint64_t Socket::window_edge() const noexcept {
  if (is_unix()) return std::numeric_limits<std::uint64_t>::max();
  const std::size_t used = std::min(received_.size(), options_.receive_buffer);
  return std::max(advertised_edge_, received_total_ + options_.receive_buffer - used);
}

void Socket::acknowledge() {
  advertised_edge_ = window_edge();
  const std::uint64_t unread = is_unix() ? received_.size() : 0;
  const Acknowledgement acknowledgement{received_total_ - unread, advertised_edge_, fin_received_};
  outgoing().carry_acknowledgement([peer = peer_, acknowledgement] {
    if (const auto there = peer.lock()) there->on_acknowledged(acknowledgement);
  });
}

void Socket::on_data(Bytes bytes) {
  if (orphan_ || state_ != State::connected) {
    send_reset();
    if (state_ == State::connected) become_closed(0);
    return;
  }
  on_heard();
  received_.append(bytes);
  received_total_ += bytes.size();
  if (!is_unix()) acknowledge();
  changed();
}

void Socket::on_acknowledged(const Acknowledgement& acknowledgement) {
  if (state_ != State::connected) return;
  on_heard();
  if (acknowledgement.received > acked_) progress_at_ = world_.now();
  acked_ = std::max(acked_, acknowledgement.received);
  right_edge_ = std::max(right_edge_, acknowledgement.right_edge);
  if (acknowledgement.fin && fin_sent_) fin_acked_ = true;
  if (!outstanding()) cancel_alarm();
  pump();
  finish_if_done();
  changed();
}

void Socket::on_fin() {
  if (state_ != State::connected) return;
  on_heard();
  receive_shut_ = fin_received_ = true;
  if (is_unix()) fin_received_ = false;  // there, a pending error is reported before the end
  acknowledge();
  finish_if_done();
  changed();
}

void Socket::on_hang_up(int error) {
  receive_shut_ = send_shut_ = true;
  if (error_ == 0) error_ = error;
  unsent_.clear();
  acked_ = sent_ = written_;
  changed();
}

void Socket::on_reset() {
  if (state_ != State::connected && state_ != State::connecting) return;
  if (const auto listener = parent_.lock()) listener->forget_child(*this);
  if (state_ == State::connecting) return become_closed(ECONNREFUSED);
  // CLOSE_WAIT: the peer had ended its side properly, so reading still gives 0.
  become_closed(fin_received_ && !send_shut_ ? EPIPE : ECONNRESET);
}

// Both sides have ended and know it.
void Socket::finish_if_done() {
  if (fin_received_ && fin_acked_) return become_closed(0);
  if (orphan_ && fin_acked_) set_alarm(orphan_patience);
}

void Socket::become_closed(int error) {
  const auto self = weak_from_this().lock();  // the world may hold the last reference
  cancel_alarm();
  stop_watching();
  state_ = State::closed;
  receive_shut_ = send_shut_ = true;
  unsent_.clear();
  acked_ = sent_ = written_;
  if (error != 0) error_ = error;
  if (orphan_) received_.clear();
  changed();
  if (orphan_ && self != nullptr) world_.release(self);
}

bool Socket::outstanding() const noexcept {
  return written_ > acked_ || (fin_sent_ && !fin_acked_);
}

std::chrono::nanoseconds Socket::patience() const noexcept {
  return options_.user_timeout.count() > 0 ? options_.user_timeout : default_patience;
}

void Socket::arm_alarm() {
  if (!alarm_ && outstanding() && !is_unix()) set_alarm(patience());
}

// Armed lazily: only here it is asked when there was progress last. Without TCP_USER_TIMEOUT a
// closed window may last for ever, because its probes are answered.
void Socket::on_alarm() {
  alarm_.reset();
  if (state_ == State::connecting) return become_closed(ETIMEDOUT);
  if (orphan_ && fin_acked_) return become_closed(0);
  const bool in_flight = sent_ > acked_ || (fin_sent_ && !fin_acked_);
  if (!outstanding() || (!in_flight && options_.user_timeout.count() == 0)) return;
  const auto left = progress_at_ + patience() - world_.now();
  if (left.count() > 0) return set_alarm(left);
  become_closed(ETIMEDOUT);
}

// --- Keep-alive, as tcp_keepalive_timer() of Linux has it

void Socket::watch_peer(std::chrono::nanoseconds delay) {
  if (probe_alarm_ || !options_.keep_alive || is_unix()) return;
  probe_alarm_ = world_.after(delay, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_peer_silent();
  });
}

void Socket::on_heard() noexcept {
  heard_at_ = world_.now();
  unanswered_probes_ = 0;
}

bool Socket::has_given_up() const noexcept {
  if (options_.user_timeout.count() == 0) return unanswered_probes_ >= options_.keep_alive_count;
  return unanswered_probes_ > 0 && world_.now() - heard_at_ >= options_.user_timeout;
}

// What waits for an acknowledgement asks by itself.
void Socket::on_peer_silent() {
  probe_alarm_.reset();
  if (state_ != State::connected || orphan_) return;
  if (outstanding()) return watch_peer(options_.keep_alive_idle);
  const auto left = heard_at_ + options_.keep_alive_idle - world_.now();
  if (left.count() > 0) return watch_peer(left);
  if (has_given_up()) return fail(ETIMEDOUT);
  ++unanswered_probes_;
  send_segment(0, [](Socket& peer) {
    peer.state_ == State::connected ? peer.acknowledge() : peer.send_reset();
  });
  watch_peer(options_.keep_alive_interval);
}

void Socket::set_alarm(std::chrono::nanoseconds delay) {
  cancel_alarm();
  alarm_ = world_.after(delay, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_alarm();
  });
}

void Socket::cancel_alarm() {
  if (alarm_) world_.cancel(*alarm_);
  alarm_.reset();
}

void Socket::stop_watching() {
  if (probe_alarm_) world_.cancel(*probe_alarm_);
  probe_alarm_.reset();
}

}  // namespace duplex::simulation
