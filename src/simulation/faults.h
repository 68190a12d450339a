// Which calls of a simulated kernel fail: by rate, or the n-th one. Off by default.
//
// The seam repeats interrupted calls itself, so EINTR comes out of epoll_wait and close only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "duplex/net/kernel.h"
#include "simulation/random.h"

namespace duplex::simulation {

// Each is the probability, per call, of one misfortune.
struct FaultRates {
  double short_read = 0;      // recv gives a random part of what there is
  double short_write = 0;     // writev takes a random part of what it could
  double again = 0;           // accept, recv, writev: EAGAIN although ready
  double interrupted = 0;     // epoll_wait: EINTR
  double aborted_accept = 0;  // accept: ECONNABORTED, and the connection is gone
  double reset = 0;           // recv, writev: the connection is reset first
  double no_buffers = 0;      // writev: ENOBUFS or ENOMEM
  double epoll_full = 0;      // epoll_ctl(add): ENOMEM or ENOSPC
};

enum class Repeat : std::uint8_t { once, for_ever };

// The errnos that a call may fail with in the field, the most telling first; empty for calls that
// do not fail (epoll_ctl: for additions).
std::span<const int> plausible_errors(net::Call call) noexcept;
// Whether the errno means that the connection is broken, not only the call.
bool breaks_connection(int error) noexcept;

class Faults {
 public:
  // Gives the errno for the call to fail with, or 0 to let it pass.
  using Chooser = std::function<int(net::Call)>;
  // Gives how many of the `size` bytes that a recv, pread or writev could take it takes: 1 to size.
  using Shortener = std::function<std::size_t(net::Call, std::size_t size)>;

  explicit Faults(Random random) : random_(random) {}

  void set_rates(const FaultRates& rates) noexcept { rates_ = rates; }
  const FaultRates& rates() const noexcept { return rates_; }

  // The n-th call of that kind from now on (n = 1: the next) fails with `error`.
  void fail_call(net::Call call, std::uint64_t n, int error, Repeat repeat = Repeat::once);
  // The n-th call of any kind from now on fails with what `chooser` says; without one, with a
  // plausible errno drawn from the seed.
  void fail_any(std::uint64_t n, Chooser chooser = {}, Repeat repeat = Repeat::once);
  // Instead of short_read and short_write.
  void set_shortener(Shortener shortener) { shortener_ = std::move(shortener); }
  void clear() noexcept;

  // How many calls have been made to fail. A loop over n has tried all when this stays 0.
  std::uint64_t injected() const noexcept { return injected_; }

  // --- For the kernel
  int strike(net::Call call);  // the errno of the fault that hits this call, or 0
  std::size_t shorten(net::Call call, std::size_t size);
  bool resets_connection();
  int chosen(net::Call call);  // a plausible errno from the seed, 0 when there is none

 private:
  struct Script {
    bool any = false;
    net::Call call{};
    std::uint64_t left = 0;
    Repeat repeat{};
    int error = 0;
    Chooser chooser;
  };

  int strike_by_script(net::Call call);
  int strike_by_rate(net::Call call);
  int either(double rate, int one, int other);

  FaultRates rates_;
  std::vector<Script> scripts_;
  Shortener shortener_;
  std::uint64_t injected_ = 0;
  Random random_;
};

}  // namespace duplex::simulation
