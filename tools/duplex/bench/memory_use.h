// Memory of a process and of the kernel's network: proc(5).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

namespace duplex::tools {

// Bytes. The kernel's are those of the whole machine: only differences mean something.
struct MemoryUse {
  double user = 0;    // of the process: what is its own, and its share of what it shares (Pss)
  double kernel = 0;  // slabs, in which sockets are, and buffers of TCP
};

// Zero where the system does not tell.
MemoryUse memory_use(pid_t process);

// "Pss:      1234 kB" in a text of such lines, in bytes. Pure.
std::optional<double> kilobytes_of(std::string_view text, std::string_view name);
// Of /proc/net/sockstat: pages of memory that TCP's buffers take. Pure.
std::optional<double> tcp_pages_of(std::string_view text);
// Of /proc/PID/status: how often the process has gone to sleep and was woken. Pure.
std::optional<double> sleeps_of(std::string_view text);

// How often the threads of that process have been woken so far; 0 where the system does not tell.
double wake_ups_of(pid_t process);

}  // namespace duplex::tools
