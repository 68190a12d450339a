// Keeps other programs' work out of the measurement, as far as the system lets us.
#pragma once

#include <string>

namespace duplex::tools {

// For the calling thread and what it starts from now on, processes too. Real time if that is
// allowed, else the best nice value, else as it is. Says which: "real-time", "nice -20", "normal".
std::string raise_priority();
// Never real time, for who never sleeps: Linux stops that for 50 ms of each second, sched(7).
std::string raise_nice_value();

}  // namespace duplex::tools
