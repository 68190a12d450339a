// A kernel that hands every call to another one, whose allocations never fail: the real kernel has
// memory of its own.
#pragma once

#include "../support/allocations.h"
#include "duplex/net/kernel.h"

namespace duplex::conformance {

class SparingKernel final : public net::Kernel {
 public:
  explicit SparingKernel(net::Kernel& kernel) : kernel_(kernel) {}

  int socket(net::AddressFamily family) override { return spare()->socket(family); }
  int bind(int fd, const net::Address& address) override { return spare()->bind(fd, address); }
  int listen(int fd, int backlog) override { return spare()->listen(fd, backlog); }
  int accept(int fd, net::Address* peer) override { return spare()->accept(fd, peer); }
  int connect(int fd, const net::Address& to) override { return spare()->connect(fd, to); }
  int set_option(int fd, net::SocketOption option, int value) override {
    return spare()->set_option(fd, option, value);
  }
  int socket_error(int fd) override { return spare()->socket_error(fd); }
  int local_address(int fd, net::Address& is) override { return spare()->local_address(fd, is); }
  int peer_address(int fd, net::Address& is) override { return spare()->peer_address(fd, is); }
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override { return spare()->recv(fd, bytes); }
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override {
    return spare()->writev(fd, pieces);
  }
  int shutdown_write(int fd) override { return spare()->shutdown_write(fd); }
  int tcp_info(int fd, net::TcpInfo& info) override { return spare()->tcp_info(fd, info); }
  int close(int fd) override { return spare()->close(fd); }
  int epoll_create() override { return spare()->epoll_create(); }
  int epoll_ctl(int epoll, net::EpollOperation operation, int fd, net::Ready interest) override {
    return spare()->epoll_ctl(epoll, operation, fd, interest);
  }
  int epoll_wait(int epoll, std::span<net::Ready> ready,
                 std::chrono::nanoseconds timeout) override {
    return spare()->epoll_wait(epoll, ready, timeout);
  }
  int eventfd() override { return spare()->eventfd(); }
  int wake(int eventfd) noexcept override { return spare()->wake(eventfd); }
  int clear_wake(int eventfd) override { return spare()->clear_wake(eventfd); }
  int signalfd(std::span<const int> signals) override { return spare()->signalfd(signals); }
  int next_signal(int signalfd) override { return spare()->next_signal(signalfd); }
  int open_directory(const std::string& path) override { return spare()->open_directory(path); }
  int open_beneath(int root, const std::string& path) override {
    return spare()->open_beneath(root, path);
  }
  int fstat(int fd, net::FileStatus& status) override { return spare()->fstat(fd, status); }
  std::ptrdiff_t pread(int fd, MutableBytes bytes, std::uint64_t offset) override {
    return spare()->pread(fd, bytes, offset);
  }
  int unlink(const std::string& path) override { return spare()->unlink(path); }
  net::Clock::time_point now() override { return spare()->now(); }
  std::chrono::system_clock::time_point wall_clock() override { return spare()->wall_clock(); }
  int random(MutableBytes bytes) override { return spare()->random(bytes); }
  int reserve_descriptor() override { return spare()->reserve_descriptor(); }
  int resolve(const std::string& host, std::uint16_t port,
              std::span<net::Address> addresses) override {
    return spare()->resolve(host, port, addresses);
  }

 private:
  // Spares until the end of the full expression, hence of the call.
  struct Spared {
    net::Kernel* operator->() const noexcept { return kernel; }
    net::Kernel* kernel;
    support::SparedAllocations spared = {};
  };
  Spared spare() { return Spared{.kernel = &kernel_}; }

  net::Kernel& kernel_;
};

}  // namespace duplex::conformance
