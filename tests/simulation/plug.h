// Verbs for scripts of plain calls on a kernel, simulated or real.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/net/kernel.h"

namespace duplex::plug {

inline constexpr std::uint32_t all_events =
    net::Ready::in | net::Ready::out | net::Ready::read_hang_up;

inline net::Address loopback(std::uint16_t port = 0) {
  return *net::Address::parse("127.0.0.1", port);
}

// "hello", "end" for 0, "ECONNRESET" for an error.
inline std::string receive(net::Kernel& kernel, int fd, std::size_t size = 1 << 16) {
  std::vector<std::byte> bytes(size);
  const auto count = kernel.recv(fd, bytes);
  if (count == 0) return "end";
  if (count < 0) return strerrorname_np(static_cast<int>(-count));
  return std::string(as_text(Bytes(bytes).first(static_cast<std::size_t>(count))));
}

// How many bytes were taken, or minus the errno.
inline std::ptrdiff_t send(net::Kernel& kernel, int fd, std::string_view text) {
  const Bytes piece = as_bytes(text);
  return kernel.writev(fd, {&piece, 1});
}

// "IN OUT ERR HUP RDHUP", "-" for nothing.
inline std::string event_names(std::uint32_t events) {
  std::string names;
  const auto add = [&](std::uint32_t bit, const char* name) {
    if ((events & bit) != 0) names += (names.empty() ? "" : " ") + std::string(name);
  };
  add(net::Ready::in, "IN");
  add(net::Ready::out, "OUT");
  add(net::Ready::error, "ERR");
  add(net::Ready::hang_up, "HUP");
  add(net::Ready::read_hang_up, "RDHUP");
  return names.empty() ? "-" : names;
}

// What a fresh epoll, asked for everything, reports for `fd` at once.
inline std::string events_of(net::Kernel& kernel, int fd, std::uint32_t interest = all_events) {
  const int epoll = kernel.epoll_create();
  net::Ready ready;
  kernel.epoll_ctl(epoll, net::EpollOperation::add, fd, {interest, 1});
  const int count = kernel.epoll_wait(epoll, {&ready, 1}, std::chrono::nanoseconds(0));
  kernel.close(epoll);
  return count == 1 ? event_names(ready.events) : "-";
}

// A listening socket; its address is in `address` afterwards.
inline int listen(net::Kernel& kernel, net::Address& address, int backlog = 128) {
  const int fd = kernel.socket(address.family());
  if (kernel.bind(fd, address) < 0 || kernel.listen(fd, backlog) < 0) {
    kernel.close(fd);
    return -1;
  }
  kernel.local_address(fd, address);
  return fd;
}

}  // namespace duplex::plug
