// Names and sums of the calls of the seam.
#include "duplex/net/kernel.h"

#include <cerrno>

namespace duplex::net {

namespace {

constexpr std::array<std::string_view, call_count> names = {
    "socket",       "bind",          "listen",
    "accept",       "connect",       "set_option",
    "socket_error", "local_address", "peer_address",
    "recv",         "writev",        "shutdown",
    "close",        "epoll_create",  "epoll_ctl",
    "epoll_wait",   "eventfd",       "eventfd_write",
    "eventfd_read", "open",          "fstat",
    "pread",        "unlink",        "random",
    "signalfd",     "signalfd_read", "reserve_descriptor",
    "resolve",      "tcp_info",
};

}  // namespace

int Kernel::tcp_info(int, TcpInfo&) { return -EOPNOTSUPP; }

std::string_view name_of(Call call) noexcept { return names[static_cast<std::size_t>(call)]; }

std::uint64_t CallCounts::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& count : counts_) sum += count.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace duplex::net
