// Whether this process may have as many sockets as a measurement takes.
#pragma once

#include <cstdint>
#include <string>

namespace duplex::tools {

// Raises the limit as far as it goes. Throws BenchFailure when it leaves fewer than `count`:
// "`what` take more descriptors than the limit of 1024 (ulimit -n) leaves".
void demand_descriptors(const std::string& what, std::uint64_t count);

}  // namespace duplex::tools
