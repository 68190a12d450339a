// Keeps other programs' work out of the measurement.
#include "priority.h"

#include <sched.h>
#include <sys/resource.h>

namespace duplex::tools {

std::string raise_priority() {
  // The lowest of the real-time priorities: before every ordinary program, behind the system's own.
  const sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_RR)};
  if (sched_setscheduler(0, SCHED_RR, &lowest) == 0) return "real-time";
  return raise_nice_value();
}

std::string raise_nice_value() {
  for (const int nice : {-20, -10, -5}) {
    if (setpriority(PRIO_PROCESS, 0, nice) == 0) return "nice " + std::to_string(nice);
  }
  return "normal";
}

}  // namespace duplex::tools
