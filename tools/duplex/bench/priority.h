// Keeps other programs' work out of the measurement, as far as the system lets us.
#pragma once

#include <string>

namespace duplex::tools {

// For the calling thread and what it starts from now on, processes too. Real time if that is
// allowed, else the best nice value, else as it is. Says which: "real-time", "nice -20", "normal".
std::string raise_priority();

}  // namespace duplex::tools
