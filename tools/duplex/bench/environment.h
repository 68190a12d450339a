// What a result must say about the machine that it was measured on.
#pragma once

#include <string>

#include "run.h"

namespace duplex::tools {

// What a look at the clock takes that every latency comes from: "28.0 ns".
std::string clock_cost();

// "unknown" where the system does not say.
Environment describe_environment(const std::string& command_line);

}  // namespace duplex::tools
