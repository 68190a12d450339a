// Several processes of clients, where the descriptors of one do not suffice.
#pragma once

#include <functional>

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

// Runs all to their end; `on_ramp` is called when all first connections are open. SIGINT and
// SIGTERM end them early, with what they have; when this process dies, they do. Throws
// std::system_error. The calling process must have one thread only.
LoadResult run_load(const LoadPlan& plan, const std::function<void()>& on_ramp);

}  // namespace duplex::tools
