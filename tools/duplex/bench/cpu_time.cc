// User and system time.
#include "cpu_time.h"

#include <pthread.h>
#include <time.h>

namespace duplex::tools {
namespace {

double seconds_on(clockid_t clock) {
  timespec time = {};
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

double process_cpu_seconds() { return seconds_on(CLOCK_PROCESS_CPUTIME_ID); }

double cpu_seconds_of(std::thread& thread) {
  clockid_t clock = 0;
  if (!thread.joinable() || pthread_getcpuclockid(thread.native_handle(), &clock) != 0) return 0;
  return seconds_on(clock);
}

}  // namespace duplex::tools
