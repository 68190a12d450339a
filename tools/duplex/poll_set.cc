// An epoll set of one's own.
#include "poll_set.h"

#include <string>

namespace duplex::tools {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::system_category(), what);
  return result;
}

int listen_on(net::Kernel& kernel, net::Address& address) {
  const std::string failure = "cannot listen on " + address.text();
  const int fd = check(kernel.socket(address.family()), failure.c_str());
  kernel.set_option(fd, net::SocketOption::reuse_address, 1);
  try {
    check(kernel.bind(fd, address), failure.c_str());
    check(kernel.listen(fd, 1024), failure.c_str());
    check(kernel.local_address(fd, address), "getsockname");
  } catch (...) {
    kernel.close(fd);
    throw;
  }
  return fd;
}

PollSet::PollSet(net::Kernel& kernel)
    : kernel_(kernel), epoll_(check(kernel.epoll_create(), "epoll_create")) {
  event_ = check(kernel_.eventfd(), "eventfd");
  add(event_, net::Ready::in, wake_data);
}

PollSet::~PollSet() {
  kernel_.close(event_);
  kernel_.close(epoll_);
}

void PollSet::add(int fd, std::uint32_t events, std::uint64_t data) {
  kernel_.epoll_ctl(epoll_, net::EpollOperation::add, fd, {.events = events, .data = data});
}

void PollSet::modify(int fd, std::uint32_t events, std::uint64_t data) {
  kernel_.epoll_ctl(epoll_, net::EpollOperation::modify, fd, {.events = events, .data = data});
}

void PollSet::remove(int fd) { kernel_.epoll_ctl(epoll_, net::EpollOperation::remove, fd, {}); }

std::span<const net::Ready> PollSet::wait(std::chrono::nanoseconds timeout) {
  const int count = kernel_.epoll_wait(epoll_, ready_, timeout);
  const std::span<const net::Ready> ready(ready_.data(), count > 0 ? std::size_t(count) : 0);
  for (const net::Ready& event : ready) {
    if (event.data == wake_data) kernel_.clear_wake(event_);
  }
  return ready;
}

void PollSet::wake() noexcept { kernel_.wake(event_); }

}  // namespace duplex::tools
