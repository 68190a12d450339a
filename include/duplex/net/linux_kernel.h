// The seam on Linux: each call goes to the kernel and counts itself by name.
#pragma once

#include <memory>

#include "duplex/net/kernel.h"

namespace duplex::net {

// Owner: a loop, or whoever lends it to one. Thread: the loop's, but for wake().
// A call interrupted by a signal is made again inside, but for epoll_wait, which then reports
// -EINTR so that its caller can look at the clock, and close, which must not be repeated.
// Derive from it to watch or change single calls.
class LinuxKernel : public Kernel {
 public:
  LinuxKernel();
  ~LinuxKernel() override;

  int socket(AddressFamily family) override;
  int bind(int fd, const Address& address) override;
  int listen(int fd, int backlog) override;
  int accept(int fd, Address* peer) override;
  int connect(int fd, const Address& address) override;
  int set_option(int fd, SocketOption option, int value) override;
  int socket_error(int fd) override;
  int local_address(int fd, Address& address) override;
  int peer_address(int fd, Address& address) override;
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int shutdown_write(int fd) override;
  int tcp_info(int fd, TcpInfo& info) override;
  int close(int fd) override;

  int epoll_create() override;
  int epoll_ctl(int epoll, EpollOperation operation, int fd, Ready interest) override;
  int epoll_wait(int epoll, std::span<Ready> ready, std::chrono::nanoseconds timeout) override;
  int eventfd() override;
  int wake(int eventfd) noexcept override;
  int clear_wake(int eventfd) override;
  int signalfd(std::span<const int> signals) override;
  int next_signal(int signalfd) override;

  int open_directory(const std::string& path) override;
  int open_beneath(int root, const std::string& path) override;
  int fstat(int fd, FileStatus& status) override;
  std::ptrdiff_t pread(int fd, MutableBytes bytes, std::uint64_t offset) override;
  int unlink(const std::string& path) override;

  Clock::time_point now() override;
  std::chrono::system_clock::time_point wall_clock() override;
  int random(MutableBytes bytes) override;
  int reserve_descriptor() override;
  // A name that does not exist is -ENXIO, a name server that does not answer -EAGAIN.
  int resolve(const std::string& host, std::uint16_t port, std::span<Address> addresses) override;
  BlockingResolve blocking_resolve() override;

 private:
  bool has_epoll_pwait2_ = true;
};

}  // namespace duplex::net
