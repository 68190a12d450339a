// Follows the frames of a WebSocket feed over loopback by the kernel's own stamps.
#pragma once

#include <cstddef>

#include "ladder.h"
#include "placement.h"

namespace duplex::tools {

struct LadderOptions {
  std::size_t event_size = 64;
  std::size_t frames = 2000;
  double rate = 500;                  // per second, at equal gaps
  Processors server_processors = {};  // empty: where the caller may be
};

// The server is `duplex serve`'s own loop, on a thread of this process. Throws BenchFailure.
Ladder measure_ladder(const LadderOptions& options);

}  // namespace duplex::tools
