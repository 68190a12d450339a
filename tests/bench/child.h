// A server in a process of its own, so that its CPU time and system calls are its alone.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>

namespace duplex::bench {

// What the child shares with the benchmark.
struct Shared {
  std::atomic<int> port = 0;                // set by the child once it listens
  std::atomic<std::uint64_t> syscalls = 0;  // kept up to date by the child
};

class Child {
 public:
  // Forks and runs `serve` on the first core; it must set the port, and never return.
  explicit Child(const std::function<void(Shared&)>& serve);
  ~Child();  // ends the child by its id
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::uint16_t port() const { return static_cast<std::uint16_t>(shared_->port.load()); }
  std::uint64_t syscalls() const { return shared_->syscalls.load(); }
  double cpu_seconds() const;            // user and system, so far
  std::uint64_t private_memory() const;  // bytes of its own in user space (smaps_rollup)
  pid_t id() const { return id_; }

 private:
  Shared* shared_;
  pid_t id_;
};

void pin_to_core(int core);

// Bytes of private memory (clean and dirty) of a process; of all that is in memory (RSS); and its
// CPU time, user and system, so far.
std::uint64_t private_memory_of(pid_t id);
std::uint64_t resident_memory_of(pid_t id);
double cpu_seconds_of(pid_t id);

}  // namespace duplex::bench
