// How long to wait before the next attempt to connect again: longer each time, and not the same for
// everybody whom one server has lost. Pure: the random number is an argument.
#pragma once

#include <chrono>
#include <cstddef>

namespace duplex::socketio {

struct BackoffOptions {
  std::chrono::milliseconds delay = std::chrono::seconds(1);  // before the first; doubles each time
  std::chrono::milliseconds max_delay = std::chrono::seconds(5);
  double jitter = 0.5;  // 0 to 1: the part of a delay by which it is shortened or lengthened
};

class Backoff {
 public:
  explicit Backoff(const BackoffOptions& options = {}) noexcept : options_(options) {}

  // How often next() has been asked since the start, or reset().
  std::size_t attempts() const noexcept { return attempts_; }
  // `random` is of [0, 1), evenly. Never above max_delay.
  std::chrono::milliseconds next(double random) noexcept;
  void reset() noexcept { attempts_ = 0; }

 private:
  BackoffOptions options_;
  std::size_t attempts_ = 0;
};

}  // namespace duplex::socketio
