// Turns a loop until something is true, so that what a bench does reads from top to bottom.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include "duplex/duplex.h"
#include "runner.h"

namespace duplex::tools {

// False when the time was up before `done`. Throws BenchFailure with `failure` once it is not
// empty. `tick` is called after each turn.
template <class Done>
bool turn_until(EventLoop& loop, Done&& done, std::chrono::nanoseconds limit,
                const std::string& failure = {}, const std::function<void()>& tick = {}) {
  net::Kernel& clock = loop.kernel();
  const auto deadline = clock.now() + limit;
  while (!done()) {
    if (!failure.empty()) throw BenchFailure(failure);
    const auto left = deadline - clock.now();
    if (left.count() <= 0) return false;
    loop.turn(std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds(100)));
    if (tick) tick();
  }
  return true;
}

}  // namespace duplex::tools
