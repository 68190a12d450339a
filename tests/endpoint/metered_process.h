// A process of a simulated world whose memory is counted apart: not that of its kernel, of its
// peers, or of the test.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "../conformance/sparing_kernel.h"
#include "../support/allocations.h"
#include "../support/simulated.h"

namespace duplex {

// Owner: one test; must go before the world does. What lives on its loop is made in run().
class MeteredProcess {
 public:
  MeteredProcess(support::SimulatedServer& world, const std::string& name)
      : world_(world), kernel(world.world, {.name = name}) {
    world_.runner.add(kernel, [this](std::chrono::nanoseconds max_wait) {
      const support::AllocationMeter::Run metered(meter);
      return loop.turn(max_wait);
    });
  }
  // What is buried dies in a last turn.
  ~MeteredProcess() {
    world_.runner.settle();
    world_.runner.remove(kernel);
  }
  MeteredProcess(const MeteredProcess&) = delete;
  MeteredProcess& operator=(const MeteredProcess&) = delete;

  // Does something in this process.
  template <class F>
  auto run(F&& work) {
    const support::AllocationMeter::Run metered(meter);
    return std::forward<F>(work)();
  }

 private:
  support::SimulatedServer& world_;

 public:
  simulation::Kernel kernel;
  support::AllocationMeter meter;

 private:
  conformance::SparingKernel sparing_{kernel};

 public:
  net::EventLoop loop{sparing_, {.receive_buffer_size = 64 * 1024}};
};

}  // namespace duplex
