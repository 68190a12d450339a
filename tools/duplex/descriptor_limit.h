// How many descriptors this process may have.
#pragma once

#include <cstdint>

namespace duplex::tools {

// Raises the soft limit to the hard one, which few change, and returns it.
std::uint64_t raise_descriptor_limit() noexcept;

}  // namespace duplex::tools
