// Where, with what and how something was measured, in a few lines. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "run.h"

namespace duplex::tools {

// Machine, program and command; of an environment of which nothing is known none.
std::string fingerprint(const Environment& environment, std::uint64_t seed);

}  // namespace duplex::tools
