// What was called, with what result, when: a running hash, so that two runs can be compared, and an
// observer for a test that has to be understood.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "duplex/net/kernel.h"

namespace duplex::simulation {

struct TraceEntry {
  net::Clock::duration time{};  // since the world began
  std::string_view kernel;
  net::Call call{};
  int fd = -1;
  std::int64_t result = 0;
};

// "  1.500 ms server: recv(7) = 5"
std::string to_text(const TraceEntry& entry);

class Trace {
 public:
  void add(const TraceEntry& entry);
  std::uint64_t hash() const noexcept { return hash_; }
  std::uint64_t size() const noexcept { return size_; }
  void set_observer(std::function<void(const TraceEntry&)> observer);

 private:
  void mix(std::uint64_t value) noexcept;

  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t size_ = 0;
  std::function<void(const TraceEntry&)> observer_;
};

}  // namespace duplex::simulation
