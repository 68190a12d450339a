// Several processes of clients, where the descriptors of one do not suffice.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "load_options.h"
#include "load_tally.h"

namespace duplex::tools {

struct LoadPlan {
  LoadOptions options = {};  // of all processes together
  std::size_t processes = 1;
  bool spread = false;  // process i connects to 127.0.0.(1 + i)
  std::uint64_t seed = 1;
};

// The share of process `index`; connections and rates are divided, what is left over goes to the
// first ones. Pure.
LoadOptions share_of(const LoadPlan& plan, std::size_t index);

struct LoadResult {
  LoadTally tally;
  bool interrupted = false;
};

// Called while the processes run.
struct LoadWatch {
  std::function<void()> on_ramp;  // all first connections are open
  // After on_ramp, and again when the time that it returned is over; nothing: never again.
  // `since_ramp` is the time from on_ramp on.
  std::function<std::optional<std::chrono::nanoseconds>(std::chrono::nanoseconds since_ramp)> look;
};

// Runs all to their end. SIGINT and SIGTERM end them early, with what they have; when this process
// dies, they do. Throws std::system_error. The calling process must have one thread only.
LoadResult run_load(const LoadPlan& plan, const LoadWatch& watch);

}  // namespace duplex::tools
