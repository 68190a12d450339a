// Clients of plain TCP: lines come, nothing goes. The floor under every transport.
#pragma once

#include <memory>
#include <vector>

#include "arm.h"

namespace duplex::tools {

// In the same loop as the clients of other arms, on the same streams: what differs is the protocol
// alone.
class TcpArm final : public Arm {
 public:
  TcpArm(EventLoop& loop, const ArmSettings& settings, ArmHandlers handlers);
  ~TcpArm() override;

 private:
  class Reader;

  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace duplex::tools
