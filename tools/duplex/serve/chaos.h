// Faults on purpose, for experiments: what goes wrong with a server whose author did not know.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "duplex/net/linux_kernel.h"

namespace duplex::tools {

struct Chaos {
  bool nagle = false;                 // TCP_NODELAY is never set: RFC 896 holds back small segments
  bool split_writes = false;          // the first two bytes of a write leave in a call of their own
  bool lone_writes = false;           // the feed's: no pushed event shares a write with another
  std::chrono::nanoseconds stall{0};  // the loop stands still for so long ...
  std::chrono::nanoseconds stall_period{0};  // ... this often
};

// "nagle", "split-writes", "lone-writes", "stall=200ms@2s". Returns what is wrong with a word, or
// nothing.
std::string set_chaos(Chaos& chaos, const std::vector<std::string>& words);

// Linux with these faults. Owner and thread: the loop's.
class ChaosKernel : public net::LinuxKernel {
 public:
  explicit ChaosKernel(const Chaos& chaos);

  int set_option(int fd, net::SocketOption option, int value) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int epoll_wait(int epoll, std::span<net::Ready> ready, std::chrono::nanoseconds timeout) override;

 private:
  std::ptrdiff_t write_in_two(int fd, std::span<const Bytes> pieces);

  Chaos chaos_;
  net::Clock::time_point next_stall_;
};

}  // namespace duplex::tools
