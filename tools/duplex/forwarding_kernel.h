// A kernel that hands every call to another: what derives from it looks at some of them.
#pragma once

#include "duplex/net/kernel.h"

namespace duplex::tools {

// `system` must outlive it. Owner: a command; thread: the loop's, but for wake().
class ForwardingKernel : public net::Kernel {
 public:
  explicit ForwardingKernel(net::Kernel& system) noexcept : system_(system) {}

  int socket(net::AddressFamily family) override { return system_.socket(family); }
  int bind(int fd, const net::Address& address) override { return system_.bind(fd, address); }
  int listen(int fd, int backlog) override { return system_.listen(fd, backlog); }
  int accept(int fd, net::Address* peer) override { return system_.accept(fd, peer); }
  int connect(int fd, const net::Address& address) override { return system_.connect(fd, address); }
  int set_option(int fd, net::SocketOption option, int value) override {
    return system_.set_option(fd, option, value);
  }
  int socket_error(int fd) override { return system_.socket_error(fd); }
  int local_address(int fd, net::Address& is) override { return system_.local_address(fd, is); }
  int peer_address(int fd, net::Address& is) override { return system_.peer_address(fd, is); }
  int tcp_info(int fd, net::TcpInfo& info) override { return system_.tcp_info(fd, info); }
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override { return system_.recv(fd, bytes); }
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override {
    return system_.writev(fd, pieces);
  }
  int shutdown_write(int fd) override { return system_.shutdown_write(fd); }
  int close(int fd) override { return system_.close(fd); }

  int epoll_create() override { return system_.epoll_create(); }
  int epoll_ctl(int epoll, net::EpollOperation operation, int fd, net::Ready interest) override {
    return system_.epoll_ctl(epoll, operation, fd, interest);
  }
  int epoll_wait(int epoll, std::span<net::Ready> ready,
                 std::chrono::nanoseconds timeout) override {
    return system_.epoll_wait(epoll, ready, timeout);
  }
  int eventfd() override { return system_.eventfd(); }
  int wake(int eventfd) noexcept override { return system_.wake(eventfd); }
  int clear_wake(int eventfd) override { return system_.clear_wake(eventfd); }
  int signalfd(std::span<const int> signals) override { return system_.signalfd(signals); }
  int next_signal(int signalfd) override { return system_.next_signal(signalfd); }

  int open_directory(const std::string& path) override { return system_.open_directory(path); }
  int open_beneath(int root, const std::string& path) override {
    return system_.open_beneath(root, path);
  }
  int fstat(int fd, net::FileStatus& status) override { return system_.fstat(fd, status); }
  std::ptrdiff_t pread(int fd, MutableBytes bytes, std::uint64_t offset) override {
    return system_.pread(fd, bytes, offset);
  }
  int unlink(const std::string& path) override { return system_.unlink(path); }

  net::Clock::time_point now() override { return system_.now(); }
  std::chrono::system_clock::time_point wall_clock() override { return system_.wall_clock(); }
  int random(MutableBytes bytes) override { return system_.random(bytes); }
  int reserve_descriptor() override { return system_.reserve_descriptor(); }
  int resolve(const std::string& host, std::uint16_t port,
              std::span<net::Address> addresses) override {
    return system_.resolve(host, port, addresses);
  }
  BlockingResolve blocking_resolve() override { return system_.blocking_resolve(); }

 protected:
  net::Kernel& system() noexcept { return system_; }

 private:
  net::Kernel& system_;
};

}  // namespace duplex::tools
