// A server in a process of its own; see child.h.
#include "child.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <new>
#include <sstream>
#include <string>
#include <string_view>

namespace duplex::bench {
namespace {

Shared* map_shared() {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  return new (memory) Shared;
}

}  // namespace

void pin_to_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(core), &set);
  static_cast<void>(sched_setaffinity(0, sizeof set, &set));  // one core only: all share it
}

Child::Child(const std::function<void(Shared&)>& serve) : shared_(map_shared()) {
  id_ = fork();
  if (id_ < 0) std::abort();
  if (id_ == 0) {
    pin_to_core(0);
    serve(*shared_);
    _exit(0);
  }
  while (shared_->port == 0 && waitpid(id_, nullptr, WNOHANG) == 0) usleep(1000);
  if (shared_->port == 0) {
    std::fputs("a benchmark's server did not start\n", stderr);
    std::exit(1);
  }
}

Child::~Child() {
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
  munmap(shared_, sizeof(Shared));
}

double Child::cpu_seconds() const { return cpu_seconds_of(id_); }

double cpu_seconds_of(pid_t id) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(id, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::uint64_t Child::private_memory() const { return private_memory_of(id_); }

namespace {

// Bytes, the sum of the lines of these names.
std::uint64_t memory_of(pid_t id, std::initializer_list<std::string_view> names) {
  std::ifstream in("/proc/" + std::to_string(id) + "/smaps_rollup");
  std::uint64_t total = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kilobytes = 0;
    words >> name >> kilobytes;
    if (std::find(names.begin(), names.end(), name) != names.end()) total += kilobytes * 1024;
  }
  return total;
}

}  // namespace

std::uint64_t private_memory_of(pid_t id) {
  return memory_of(id, {"Private_Clean:", "Private_Dirty:"});
}
std::uint64_t resident_memory_of(pid_t id) { return memory_of(id, {"Rss:"}); }

}  // namespace duplex::bench
