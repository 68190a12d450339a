// An epoll set of one's own, for the threads that do no protocol, as the relay's.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>

#include "duplex/net/kernel.h"

namespace duplex::tools {

// Owner and thread: whoever waits on it, except wake(). `kernel` must outlive it.
class PollSet {
 public:
  static constexpr std::uint64_t wake_data = ~std::uint64_t{0};

  explicit PollSet(net::Kernel& kernel);  // throws std::system_error
  ~PollSet();
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;

  void add(int fd, std::uint32_t events, std::uint64_t data);
  void modify(int fd, std::uint32_t events, std::uint64_t data);
  void remove(int fd);
  // What is ready after at most `timeout` (negative: for ever); valid until the next call.
  std::span<const net::Ready> wait(std::chrono::nanoseconds timeout);
  void wake() noexcept;  // from any thread: wait() returns

 private:
  net::Kernel& kernel_;
  int epoll_ = -1;
  int event_ = -1;
  std::array<net::Ready, 64> ready_ = {};
};

// Set-up: a result below 0 is minus an errno and is thrown as std::system_error with `what`.
int check(int result, const char* what);
// A listening socket on `address`; the address that it got is written back. Throws
// std::system_error, which names the address.
int listen_on(net::Kernel& kernel, net::Address& address);

}  // namespace duplex::tools
