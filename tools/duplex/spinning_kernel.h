// A kernel that never sleeps while a loop waits: it burns a processor, and saves the way through
// the scheduler and out of an idle processor that waking up costs.
//
// Busy polling by the kernel itself (SO_BUSY_POLL, epoll's busy polling) is another thing: that
// asks the queues of a network card, and loopback and TUN have no such device (NAPI) to ask.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <utility>

#include "duplex/net/kernel.h"

namespace duplex::tools {

// `System` is a kernel to derive from. Each look counts as a call of epoll_wait(). Owner and
// thread: those of `System`.
template <class System>
class SpinningKernel final : public System {
 public:
  using System::System;

  // Looks again and again until something is ready or the time is up.
  int epoll_wait(int epoll, std::span<net::Ready> ready,
                 std::chrono::nanoseconds timeout) override {
    constexpr std::chrono::nanoseconds at_once(0);
    const auto start = this->now();
    int count = System::epoll_wait(epoll, ready, at_once);
    while (count == 0 && (timeout < at_once || this->now() - start < timeout)) {
      count = System::epoll_wait(epoll, ready, at_once);
    }
    return count;
  }
};

template <class System, class... Arguments>
std::unique_ptr<System> make_kernel(bool spins, Arguments&&... arguments) {
  if (spins) {
    return std::make_unique<SpinningKernel<System>>(std::forward<Arguments>(arguments)...);
  }
  return std::make_unique<System>(std::forward<Arguments>(arguments)...);
}

}  // namespace duplex::tools
