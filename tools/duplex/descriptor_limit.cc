// How many descriptors this process may have.
#include "descriptor_limit.h"

#include <sys/resource.h>

namespace duplex::tools {

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace duplex::tools
