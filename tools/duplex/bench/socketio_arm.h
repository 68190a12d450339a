// Clients of Socket.IO that are sent the feed's events.
#pragma once

#include <memory>
#include <vector>

#include "arm.h"

namespace duplex::tools {

class SocketIoArm final : public Arm {
 public:
  SocketIoArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
              ArmHandlers handlers);

  // Those on the transport that they are to be measured on.
  std::size_t ready_count() const noexcept override;

 private:
  void connect(std::size_t index, const ArmSettings& settings);

  measure::Transport transport_;
  EventLoop& loop_;
  std::vector<std::unique_ptr<socketio::Client>> clients_;
};

}  // namespace duplex::tools
