// What every simulated call has in common. Included by the kernel's implementation files only.
#pragma once

#include <cerrno>
#include <utility>

#include "simulation/kernel.h"

namespace duplex::simulation {

template <class F>
auto Kernel::with_fault(net::Call call, int fd, F&& body) {
  counts_.add(call);
  world_.settle();
  const auto result = std::forward<F>(body)(faults_.strike(call));
  world_.trace().add({world_.elapsed(), options_.name, call, fd, result});
  return result;
}

template <class F>
auto Kernel::perform(net::Call call, int fd, F&& body) {
  return with_fault(call, fd, [&](int fault) { return fault != 0 ? -fault : body(); });
}

template <class F>
auto Kernel::on_socket(net::Call call, int fd, F&& body) {
  return perform(call, fd, [&]() -> decltype(body(std::declval<Socket&>())) {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    Socket* const socket = find_socket(fd);
    return socket != nullptr ? body(*socket) : -ENOTSOCK;
  });
}

}  // namespace duplex::simulation
