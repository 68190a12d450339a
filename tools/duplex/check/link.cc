// A case on a real socket.
#include "link.h"

#include <array>
#include <cerrno>
#include <utility>

namespace duplex::tools::suite {
namespace {

constexpr std::uint32_t input = net::Ready::in | net::Ready::read_hang_up;

}  // namespace

// That a socket can be written to is news only while it connects: else it always can be.
Link::Link(net::Kernel& kernel, PollSet& polls, int fd, std::uint64_t data, Begin begin)
    : kernel_(kernel),
      polls_(polls),
      fd_(fd),
      data_(data),
      connecting_(begin == Begin::connecting),
      wants_output_(connecting_) {
  kernel_.set_option(fd, net::SocketOption::no_delay, 1);
  polls_.add(fd, wants_output_ ? input | net::Ready::out : input, data);
}

Link::~Link() {
  if (fd_ < 0) return;
  if (!ended_) polls_.remove(fd_);
  kernel_.close(fd_);
}

void Link::ready(std::uint32_t events, Clock::time_point now) {
  if (ended_) return;
  if (std::exchange(connecting_, false)) {
    if (const int error = kernel_.socket_error(fd_); error != 0) return not_connected(error);
  }
  if ((events & ~net::Ready::out) != 0) read(now);
}

void Link::read(Clock::time_point now) {
  static thread_local std::array<std::byte, 65536> buffer;
  // A few reads, so that one peer that sends and sends does not hold up the others.
  for (int i = 0; i < 8 && !ended_; ++i) {
    const std::ptrdiff_t size = kernel_.recv(fd_, buffer);
    if (size == -EAGAIN) return;
    if (size <= 0) return end(now);
    const std::string_view bytes = as_text(Bytes(buffer).first(static_cast<std::size_t>(size)));
    if (run_ != nullptr) {
      run_->received(bytes, now);
    } else {
      early_ += bytes;
    }
  }
}

void Link::not_connected(int error) {
  connect_error_ = error;
  connecting_ = false;
  ended_ = true;
  polls_.remove(fd_);
}

void Link::end(Clock::time_point now) {
  ended_ = true;
  polls_.remove(fd_);  // without any interest, a hang-up would be told of again and again
  if (run_ != nullptr) run_->peer_ended(now);
}

void Link::want_output(bool wanted) {
  if (ended_ || wants_output_ == wanted) return;
  wants_output_ = wanted;
  polls_.modify(fd_, wanted ? input | net::Ready::out : input, data_);
}

bool Link::work(Clock::time_point now) {
  impatient_ = false;
  if (run_ == nullptr) return false;
  // Until there is a connection, only time can run out.
  if (connecting_ && run_->next(now) == CaseRun::Next::finish) not_connected(ETIMEDOUT);
  if (connecting_ || connect_error_ != 0) return !connecting_;
  while (true) {
    switch (run_->next(now)) {
      case CaseRun::Next::wait:
        want_output(false);
        return false;
      case CaseRun::Next::write:
        if (!write(now)) return false;
        break;
      case CaseRun::Next::half_close:
        kernel_.shutdown_write(fd_);
        run_->half_closed(now);
        break;
      case CaseRun::Next::reset:
        reset();
        return true;
      case CaseRun::Next::finish:
        return true;
    }
  }
}

bool Link::write(Clock::time_point now) {
  const std::string_view output = run_->output();
  const std::array<Bytes, 1> pieces = {as_bytes(output)};
  const std::ptrdiff_t size = kernel_.writev(fd_, pieces);
  if (size == -EAGAIN) {
    want_output(true);
    return false;
  }
  if (size < 0) {
    read(now);  // the peer's last words, perhaps
    if (!ended_) end(now);
    return true;
  }
  const bool more = run_->has_more_pieces();
  run_->written(static_cast<std::size_t>(size), now);
  want_output(false);
  impatient_ = more;
  return !more;
}

void Link::reset() {
  kernel_.set_option(fd_, net::SocketOption::linger_reset, 1);
  polls_.remove(fd_);
  kernel_.close(std::exchange(fd_, -1));
}

}  // namespace duplex::tools::suite
