// How often somebody asked a command to end.
#pragma once

#include <chrono>
#include <optional>

#include "duplex/net/kernel.h"

namespace duplex::tools {

// One wish can arrive as several signals: a terminal signals the whole foreground group, and
// `timeout` or `npm` passes on to its child what that has received already. So what comes within a
// tenth of a second of the signal before repeats it. Owner: the command whose loop gets the
// signals.
class Wishes {
 public:
  // Whether a signal that came at `now` is a wish of its own.
  bool hear(net::Clock::time_point now) noexcept {
    const bool is_new = !last_ || now - *last_ > repetition;
    count_ += is_new ? 1 : 0;
    last_ = now;
    return is_new;
  }
  // So far: 1 asks for a decent end, more for an end at once.
  int count() const noexcept { return count_; }

 private:
  static constexpr std::chrono::milliseconds repetition{100};

  int count_ = 0;
  std::optional<net::Clock::time_point> last_;
};

}  // namespace duplex::tools
