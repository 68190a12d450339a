// How many descriptors this process may have.
#pragma once

#include <cstdint>

namespace duplex::tools {

// The soft limit is raised to the hard one, which few change.
std::uint64_t raise_descriptor_limit();

}  // namespace duplex::tools
