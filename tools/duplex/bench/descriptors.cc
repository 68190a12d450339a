// Whether this process may have as many sockets as a measurement takes.
#include "descriptors.h"

#include "../descriptor_limit.h"
#include "runner.h"

namespace duplex::tools {

void demand_descriptors(const std::string& what, std::uint64_t count) {
  constexpr std::uint64_t spare = 64;  // loops, captures, files, the server's /metrics
  const std::uint64_t limit = raise_descriptor_limit();
  if (count + spare <= limit) return;
  throw BenchFailure(what + " take more descriptors than the limit of " + std::to_string(limit) +
                     " (ulimit -n) leaves");
}

}  // namespace duplex::tools
