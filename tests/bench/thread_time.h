// The time that this thread had a processor: whatever else runs does not count.
#pragma once

#include <time.h>

namespace duplex::bench {

inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace duplex::bench
