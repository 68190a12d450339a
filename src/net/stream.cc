// One connected byte stream; see stream.h. The rules about what epoll reports are those of Linux:
// read first, then judge hang-ups and errors, for a reset may stand behind unread bytes.
#include "net/stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <utility>

#include "net/error.h"

namespace duplex::net {
namespace {

constexpr std::size_t max_pieces = 64;  // of one writev
constexpr auto write_retry_delay = std::chrono::milliseconds(10);

std::error_code system_error_of(int error) { return {error, std::system_category()}; }

}  // namespace

struct Stream::Rare final : Timer {
  explicit Rare(Stream& stream) : owner(stream) {}
  ~Rare() override { owner.reactor_.disarm(*this); }
  void on_timer() override {
    owner.guarded([&] { owner.flush(); });
  }

  Stream& owner;
  ByteBuffer backlog;             // read, and not yet taken by the owner
  std::size_t backlog_taken = 0;  // bytes at its front that have been
  std::size_t linger_left = 0;    // bytes that finish() may still read off
};

Stream::Stream(Reactor& reactor, StreamOwner& owner) noexcept : reactor_(reactor), owner_(owner) {}

Stream::~Stream() { close(); }

Stream::Rare& Stream::rare() {
  if (rare_ == nullptr) rare_ = std::make_unique<Rare>(*this);
  return *rare_;
}

bool Stream::has_backlog() const noexcept { return rare_ != nullptr && !rare_->backlog.empty(); }

std::error_code Stream::open(int fd, Bytes unread) {
  fd_ = fd;
  try {
    if (!unread.empty()) rare().backlog.append(unread);
  } catch (const std::bad_alloc&) {
    close();
    return std::make_error_code(std::errc::not_enough_memory);
  }
  const auto id = reactor_.watch(fd, Ready::in | Ready::read_hang_up, *this);
  if (!id) {
    close();
    return id.error();
  }
  id_ = *id;
  if (!unread.empty()) {
    resume_soon();
    update_interest();
  }
  return {};
}

int Stream::release() noexcept {
  reactor_.unwatch(id_);
  return let_go();
}

int Stream::let_go() noexcept {
  id_ = WatchId::none;
  queue_.clear();
  if (rare_ != nullptr) reactor_.disarm(*rare_);
  return std::exchange(fd_, -1);
}

// --- Reading -------------------------------------------------------------------------------------

// Without memory, or random bytes, a stream cannot keep what it has promised to keep, so it ends.
template <class F>
void Stream::guarded(F&& step) noexcept {
  try {
    step();
  } catch (...) {
    in_handler_ = false;
    close_with(error_of_exception());
  }
}

void Stream::on_ready(std::uint32_t events) {
  guarded([&] { on_events(events); });
}

void Stream::on_events(std::uint32_t events) {
  constexpr std::uint32_t hang_ups = Ready::read_hang_up | Ready::hang_up | Ready::error;
  if ((events & (Ready::in | hang_ups)) != 0) {
    if (!paused_ && !ended_ && !has_backlog()) {
      read_some();
    } else {
      hang_up_while_paused(events);
    }
  }
  if ((events & Ready::out) != 0 && is_open()) flush();
}

void Stream::read_some() {
  MutableBytes target;
  if (in_place_wanted_ && !finishing_) target = owner_.receive_target();
  const bool in_place = !target.empty();
  if (!in_place) target = reactor_.receive_buffer();
  on_received(reactor_.kernel().recv(fd_, target), target, in_place);
}

void Stream::on_received(std::ptrdiff_t result, MutableBytes target, bool in_place) {
  if (result == -EAGAIN) return;
  if (result < 0) return close_with(system_error_of(static_cast<int>(-result)));
  if (result == 0) return end_of_input();
  const auto size = static_cast<std::size_t>(result);
  if (finishing_) return discard(size);
  if (!in_place) return deliver(target.first(size));
  in_handler_ = true;
  owner_.on_received_in_place(size);
  in_handler_ = false;
  flush();
  if (is_open() && (paused_ || finishing_)) update_interest();
}

void Stream::deliver(MutableBytes bytes) {
  in_handler_ = true;
  const MutableBytes rest = owner_.on_bytes(bytes);
  in_handler_ = false;
  if (!rest.empty() && is_open() && !finishing_) keep_backlog(rest);
  // Everything borrowed from the receive buffer is written or copied here.
  flush();
  if ((paused_ || finishing_ || has_backlog()) && is_open()) update_interest();
}

void Stream::end_of_input() {
  ended_ = true;
  if (!finishing_) owner_.on_end_of_stream();
  if (!is_open()) return;
  if (finishing_ && queue_.empty()) return close_with({});
  request_flush();
  update_interest();
}

// Who goes on sending after our end is told to stop by RST (RFC 9293 section 3.6.1).
void Stream::discard(std::size_t size) {
  std::size_t& left = rare().linger_left;
  if (size >= left) {
    if (write_shut_) reset();
    return close_with({});
  }
  left -= size;
}

// Nothing can be read now, yet the kernel reports (errors and hang-ups cannot be masked). A hang-up
// without an error is a peer of a Unix-domain socket that has closed: what it sent is still there.
void Stream::hang_up_while_paused(std::uint32_t events) {
  if ((events & (Ready::read_hang_up | Ready::hang_up | Ready::error)) == 0) return;
  if (resume_requested_) return update_interest();  // what has been read comes first
  if ((events & (Ready::error | Ready::hang_up)) != 0) {
    const int error = reactor_.kernel().socket_error(fd_);
    if (error > 0) return close_with(system_error_of(error));
    if (ended_ || (events & Ready::error) != 0) {
      return close_with(std::make_error_code(std::errc::connection_reset));
    }
  }
  if (!hang_up_seen_) {
    hang_up_seen_ = true;
    owner_.on_hang_up_seen();
  }
  if (is_open()) update_interest();
}

// --- The backlog ---------------------------------------------------------------------------------

void Stream::keep_backlog(MutableBytes rest) {
  ByteBuffer& backlog = rare().backlog;
  if (backlog.size() != 0) {  // `rest` is its own tail
    rare_->backlog_taken = backlog.size() - rest.size();
    return;
  }
  backlog.append(rest);
  rare_->backlog_taken = 0;
}

void Stream::resume_soon() {
  if (resume_requested_ || !is_open()) return;
  resume_requested_ = true;
  reactor_.request_resume(id_);
}

void Stream::on_resume() {
  resume_requested_ = false;
  guarded([&] {
    if (!queue_.empty() && !queue_.blocked()) flush();
    if (is_open()) offer_backlog();
  });
}

void Stream::offer_backlog() {
  if (paused_ || !has_backlog() || finishing_) return;
  const std::size_t taken = rare_->backlog_taken;
  const MutableBytes waiting = rare_->backlog.view().subspan(taken);
  in_handler_ = true;
  owner_.on_offered_again(waiting.size());
  const MutableBytes rest = owner_.on_bytes(waiting);
  in_handler_ = false;
  if (is_open()) flush();  // before the backlog, which may be borrowed, is given up
  if (!is_open()) return;
  if (rest.empty() || finishing_) {
    rare_->backlog.release();
  } else {
    keep_backlog(rest);
  }
  update_interest();
}

void Stream::pause_reading() {
  paused_ = true;
  if (is_open() && !in_handler_) update_interest();
}

void Stream::resume_reading() {
  if (!paused_ || !is_open()) return;
  paused_ = false;
  if (has_backlog()) resume_soon();
  if (!in_handler_) update_interest();
}

// --- Writing -------------------------------------------------------------------------------------

void Stream::request_flush() {
  if (in_handler_ || flush_requested_ || !is_open()) return;
  flush_requested_ = true;
  reactor_.request_flush(id_);
}

void Stream::on_flush() {
  flush_requested_ = false;
  // After a short write the kernel says when there is room.
  if (!queue_.blocked()) guarded([&] { flush(); });
}

void Stream::flush() {
  if (!is_open()) return;
  if (queue_.empty()) {
    if (finishing_) on_queue_empty();
    return;
  }
  while (write_some()) {
    if (queue_.empty()) return on_queue_empty();
    progressed_ = true;
  }
  if (is_open()) queue_.own_borrowed();
}

// True when everything that was offered has been written.
bool Stream::write_some() {
  // Mostly there is one piece, and an array of them costs more than the rest of this function.
  const Bytes first = queue_.front();
  if (first.size() == queue_.size()) {
    return on_write(reactor_.kernel().writev(fd_, {&first, 1}), first.size());
  }
  std::array<Bytes, max_pieces> pieces;
  const std::size_t count = queue_.gather(pieces);
  std::size_t offered = 0;
  for (std::size_t i = 0; i < count; ++i) offered += pieces[i].size();
  return on_write(reactor_.kernel().writev(fd_, {pieces.data(), count}), offered);
}

bool Stream::on_write(std::ptrdiff_t result, std::size_t offered) {
  if (result < 0) {
    on_write_failed(static_cast<int>(-result));
    return false;
  }
  const auto written = static_cast<std::size_t>(result);
  queue_.consume(written);
  owner_.on_written(written);
  if (written == offered) return true;
  progressed_ = true;
  wait_for_room();
  return false;
}

void Stream::wait_for_room() {
  queue_.set_blocked(true);
  waits_for_room_ = true;
  update_interest();
}

void Stream::on_write_failed(int error) {
  if (error == ENOBUFS || error == ENOMEM) return retry_write_later();
  if (error != EAGAIN) return close_with(system_error_of(error));
  wait_for_room();
}

// The kernel is short of memory, and would say at once that there is room: ask again a little
// later.
void Stream::retry_write_later() {
  if (waits_for_room_) stop_waiting_for_room();
  if (is_open()) reactor_.arm(rare(), reactor_.now() + write_retry_delay);
}

void Stream::stop_waiting_for_room() {
  waits_for_room_ = false;
  drain_wanted_ = true;
  queue_.set_blocked(false);
  update_interest();
}

void Stream::on_queue_empty() {
  if (!waits_for_room_ && !drain_wanted_ && !finishing_) return;
  if (waits_for_room_) stop_waiting_for_room();
  if (drain_wanted_ && is_open() && !finishing_) {
    drain_wanted_ = false;
    owner_.on_drained();
    if (is_open() && !queue_.empty()) return resume_soon();
  }
  if (finishing_ && is_open()) end_output();
}

// Everything has been written: FIN, or the end if the peer has sent its own.
void Stream::end_output() {
  if (ended_) return close_with({});
  if (!write_shut_) reactor_.kernel().shutdown_write(fd_);
  write_shut_ = true;
}

// --- The end -------------------------------------------------------------------------------------

void Stream::finish(std::size_t max_linger) {
  if (!is_open() || finishing_) return;
  finishing_ = true;
  try {
    rare().linger_left = max_linger;
  } catch (const std::bad_alloc&) {
    return close_with(std::make_error_code(std::errc::not_enough_memory));
  }
  paused_ = false;
  if (!in_handler_) {
    if (has_backlog()) rare_->backlog.release();
    update_interest();
  }
  request_flush();
}

void Stream::close() noexcept {
  if (!is_open()) return;
  reactor_.forget(id_);
  reactor_.kernel().close(let_go());
}

void Stream::reset() noexcept {
  if (is_open()) reactor_.kernel().set_option(fd_, SocketOption::linger_reset, 1);
  close();
}

void Stream::close_with(std::error_code error) {
  close();
  owner_.on_closed(error);
}

void Stream::update_interest() {
  const bool reads = !paused_ && !has_backlog() && !ended_;
  std::uint32_t interest = 0;
  if (reads) interest |= Ready::in;
  if (reads || !hang_up_seen_) interest |= Ready::read_hang_up;
  // There is nothing to say again, unless what there is has to wait for what has been read.
  if (!reads && hang_up_seen_ && !resume_requested_) interest |= Ready::edge;
  if (ended_) interest = 0;
  if (waits_for_room_) interest |= Ready::out;
  const std::error_code error = reactor_.change_interest(id_, interest);
  if (error) close_with(error);
}

}  // namespace duplex::net
