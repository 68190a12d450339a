// What a process has used so far, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace duplex::tools {

struct ProcessUse {
  double cpu_seconds = 0;           // user and system
  std::uint64_t resident_size = 0;  // bytes
  std::uint64_t descriptors = 0;    // open ones
};

// Nothing when there is no such process, or it has ended, though nobody may have been told so yet.
std::optional<ProcessUse> process_use(pid_t process);
// Its memory alone, in bytes: that costs the same however many descriptors it has.
std::optional<std::uint64_t> resident_size(pid_t process);

}  // namespace duplex::tools
