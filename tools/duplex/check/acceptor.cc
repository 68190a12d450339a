// Takes clients in.
#include "acceptor.h"

#include <cerrno>

namespace duplex::tools::suite {
namespace {

constexpr milliseconds pause_time(100);

}  // namespace

Acceptor::Acceptor(net::Kernel& kernel, PollSet& polls, net::Address& address, std::uint64_t data)
    : kernel_(kernel), polls_(polls), data_(data), fd_(listen_on(kernel, address)) {
  polls_.add(fd_, net::Ready::in, data_);
}

Acceptor::~Acceptor() { kernel_.close(fd_); }

std::optional<int> Acceptor::take(Clock::time_point now) {
  if (resume_at_) return std::nullopt;
  int fd = kernel_.accept(fd_, nullptr);
  while (fd == -ECONNABORTED) fd = kernel_.accept(fd_, nullptr);  // had gone before its turn
  if (fd >= 0) return fd;
  if (fd != -EAGAIN) pause(now);
  return std::nullopt;
}

void Acceptor::pause(Clock::time_point now) {
  resume_at_ = now + pause_time;
  polls_.modify(fd_, 0, data_);
}

void Acceptor::resume(Clock::time_point now) {
  if (!resume_at_ || now < *resume_at_) return;
  resume_at_.reset();
  polls_.modify(fd_, net::Ready::in, data_);
}

}  // namespace duplex::tools::suite
