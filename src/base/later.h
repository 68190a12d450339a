// Instants that are so much later. Pure.
#pragma once

#include <algorithm>
#include <chrono>

namespace duplex {

// The last instant that the clock can count, if `delay` is longer than that.
inline std::chrono::steady_clock::time_point later(std::chrono::steady_clock::time_point now,
                                                   std::chrono::milliseconds delay) noexcept {
  using std::chrono::steady_clock;
  const auto longest =
      std::chrono::floor<std::chrono::milliseconds>(steady_clock::time_point::max() - now);
  return now + std::min(delay, longest);
}

}  // namespace duplex
