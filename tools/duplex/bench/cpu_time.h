// User and system time, in seconds.
#pragma once

#include <thread>

namespace duplex::tools {

double process_cpu_seconds();                // of this process, so far
double cpu_seconds_of(std::thread& thread);  // of a thread of it; 0 when it does not run

}  // namespace duplex::tools
