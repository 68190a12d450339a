// A process of a simulated world, in which calls and allocations can be made to fail.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "../support/allocations.h"
#include "duplex/net/event_loop.h"
#include "simulation/kernel.h"
#include "simulation/world.h"
#include "sparing_kernel.h"

namespace duplex::conformance {

// A process whose allocations can be made to fail while its loop turns.
struct FailingProcess {
  FailingProcess(simulation::World& world, const char* name)
      : kernel(world, {.name = name}), sparing(kernel), loop(sparing) {}

  bool turn(std::chrono::nanoseconds max_wait) {
    if (!successes_left || (struck && !for_ever)) return loop.turn(max_wait);
    const support::FailingAllocation failing(*successes_left, for_ever);
    const bool goes_on = loop.turn(max_wait);
    struck = struck || failing.struck();
    successes_left = failing.successes_left();
    return goes_on;
  }

  simulation::Kernel kernel;
  SparingKernel sparing;
  net::EventLoop loop;
  std::optional<std::size_t> successes_left;  // allocations until one fails
  bool for_ever = false;
  bool struck = false;
};

}  // namespace duplex::conformance
