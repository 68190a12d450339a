// Holds many connections of an arm to a server whose feed is silent, and looks what they cost.
#pragma once

#include <functional>
#include <optional>

#include "arm.h"
#include "child_server.h"
#include "idle_cost.h"
#include "plan.h"
#include "socket_meter.h"

namespace duplex::tools {

// Thread: the loop's. Each measurement has a server of its own, so that none pays for another.
class IdleBench {
 public:
  // `start` starts a server with these arguments of `serve`, where the bench's own server is, too.
  using Start = std::function<std::unique_ptr<ChildServer>(std::vector<std::string> words)>;

  IdleBench(EventLoop& loop, MeteredKernel& kernel, const BenchOptions& options, Start start);

  // Nothing when `stopped` has become true meanwhile. Throws BenchFailure.
  std::optional<IdleCost> measure(const ArmSpec& arm, const std::function<bool()>& stopped);

 private:
  void wait(std::chrono::nanoseconds time);
  std::unique_ptr<Arm> connect(const ArmSpec& arm, const ChildServer& server);

  EventLoop& loop_;
  MeteredKernel& kernel_;
  const BenchOptions& options_;
  Start start_;
  std::string failure_;
};

}  // namespace duplex::tools
