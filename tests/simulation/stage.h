// The two kernels a script can run on: the simulated one, and the real one's loopback.
#pragma once

#include <chrono>
#include <thread>

#include "duplex/net/linux_kernel.h"
#include "simulation/kernel.h"

namespace duplex::simulation {

struct Stage {
  virtual ~Stage() = default;
  virtual net::Kernel& kernel() = 0;
  virtual void let_things_happen() {}
};

struct SimulatedStage final : Stage {
  World world;
  Kernel simulated{world};
  net::Kernel& kernel() override { return simulated; }
};

// Loopback delivers before the call returns, unless the machine is busy: then a softirq is put off.
struct RealStage final : Stage {
  explicit RealStage(std::chrono::milliseconds given = std::chrono::milliseconds(2))
      : pause(given) {}

  net::LinuxKernel real;
  std::chrono::milliseconds pause;
  net::Kernel& kernel() override { return real; }
  void let_things_happen() override {
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
  }
};

}  // namespace duplex::simulation
