// Connecting: attempts side by side, each with a head start over the next.
#include "net/connector.h"

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "net/error.h"

namespace duplex::net {

namespace {

constexpr auto head_start = std::chrono::milliseconds(250);  // RFC 8305 section 5
constexpr auto retry_delay = std::chrono::milliseconds(10);  // the queue of a Unix socket is full

}  // namespace

Connector::Connector(Reactor& reactor, ConnectorOwner& owner) noexcept
    : reactor_(reactor), owner_(owner) {
  for (Attempt& attempt : attempts_) attempt.connector = this;
}

void Connector::start(std::span<const Address> addresses, Clock::time_point deadline) {
  assert(!busy());
  count_ = std::min(addresses.size(), max_addresses);
  for (std::size_t i = 0; i < count_; ++i) attempts_[i].address = addresses[i];
  next_ = 0;
  deadline_ = deadline;
  retry_at_ = Clock::time_point::max();
  first_error_ = {};
  // First of all the timer: arming it again, as everything below does, cannot fail.
  reactor_.arm_fairly(*this, deadline);
  start_next();
  arm_timer();
}

void Connector::cancel() noexcept {
  reactor_.disarm_fairly(*this);
  for (Attempt& attempt : attempts_) close(attempt);
}

void Connector::start_next() {
  while (next_ < count_) {
    Attempt& attempt = attempts_[next_++];
    const std::error_code error = open(attempt);
    if (!error) {
      next_start_ = reactor_.fair_now() + head_start;
      return;
    }
    record(error);
    close(attempt);
  }
}

std::error_code Connector::open(Attempt& attempt) {
  Kernel& kernel = reactor_.kernel();
  const int fd = kernel.socket(attempt.address.family());
  if (fd < 0) return error_of(fd);
  attempt.socket = Descriptor(kernel, fd);
  if (attempt.address.family() != AddressFamily::unix_domain) {
    kernel.set_option(fd, SocketOption::no_delay, 1);
  }
  return connect(attempt);
}

std::error_code Connector::connect(Attempt& attempt) {
  const int result = reactor_.kernel().connect(attempt.socket.fd(), attempt.address);
  if (result == -EAGAIN) {
    retry_at_ = reactor_.fair_now() + retry_delay;
    return {};
  }
  // An interrupted connect goes on by itself (connect(2)).
  if (result < 0 && result != -EINPROGRESS && result != -EINTR) return error_of(result);
  // Watched only now: a socket that is not connecting is ready with a hang-up.
  const auto watched = reactor_.watch(attempt.socket.fd(), Ready::out, attempt);
  if (!watched) return watched.error();
  attempt.id = *watched;
  return {};
}

void Connector::on_answer(Attempt& attempt, std::uint32_t events) {
  const std::error_code error = check(attempt, events);
  if (!error) return succeed(attempt);
  record(error);
  close(attempt);
  start_next();
  arm_timer();
}

std::error_code Connector::check(Attempt& attempt, std::uint32_t events) {
  Kernel& kernel = reactor_.kernel();
  const int error = kernel.socket_error(attempt.socket.fd());
  if (error != 0) return error_of(-std::abs(error));
  // The error has been read before, by whom we do not know; the socket did not get anywhere.
  if ((events & Ready::error) != 0) return std::make_error_code(std::errc::connection_refused);
  // A port of the ephemeral range on which nobody listens may be given to the caller itself.
  Address local;
  if (kernel.local_address(attempt.socket.fd(), local) == 0 && local == attempt.address) {
    return std::make_error_code(std::errc::connection_refused);
  }
  return {};
}

void Connector::on_timer() {
  const Clock::time_point now = reactor_.fair_now();
  if (!pending()) return fail(first_error_);
  if (now >= deadline_) return fail(std::make_error_code(std::errc::timed_out));
  if (now >= retry_at_) retry_waiting();
  if (next_ < count_ && now >= next_start_) start_next();
  arm_timer();
}

void Connector::retry_waiting() {
  retry_at_ = Clock::time_point::max();
  for (Attempt& attempt : attempts_) {
    if (!attempt.socket || attempt.id != WatchId::none) continue;
    if (const std::error_code error = connect(attempt)) {
      record(error);
      close(attempt);
    }
  }
}

bool Connector::pending() const noexcept {
  return next_ < count_ || std::any_of(attempts_.begin(), attempts_.end(), [](const Attempt& a) {
           return static_cast<bool>(a.socket);
         });
}

void Connector::arm_timer() {
  Clock::time_point when = std::min(deadline_, retry_at_);
  if (next_ < count_) when = std::min(when, next_start_);
  reactor_.arm_fairly(*this, pending() ? when : reactor_.fair_now());
}

void Connector::close(Attempt& attempt) noexcept {
  reactor_.unwatch(attempt.id);
  attempt.id = WatchId::none;
  attempt.socket.reset();
}

// The first failure tells most: later addresses are often of a family that is not there at all.
void Connector::record(std::error_code error) noexcept {
  if (!first_error_) first_error_ = error;
}

void Connector::succeed(Attempt& attempt) {
  reactor_.unwatch(attempt.id);
  attempt.id = WatchId::none;
  const int fd = attempt.socket.release();
  const Address peer = attempt.address;
  cancel();
  owner_.on_connected(fd, peer);
}

void Connector::fail(std::error_code error) {
  cancel();
  if (!error) error = std::make_error_code(std::errc::address_not_available);  // none was given
  owner_.on_connect_failed(error);
}

}  // namespace duplex::net
