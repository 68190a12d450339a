// Longer each time.
#include "duplex/socketio/backoff.h"

#include <algorithm>
#include <cmath>

namespace duplex::socketio {

std::chrono::milliseconds Backoff::next(double random) noexcept {
  const double doubled = std::ldexp(static_cast<double>(options_.delay.count()),
                                    static_cast<int>(std::min<std::size_t>(attempts_++, 60)));
  const double spread = doubled * (1 + options_.jitter * (2 * random - 1));
  const auto most = static_cast<double>(options_.max_delay.count());
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(std::clamp(spread, 0.0, most)));
}

}  // namespace duplex::socketio
