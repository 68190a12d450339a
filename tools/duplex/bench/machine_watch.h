// What a machine does beside the measurement: how it is told.
#pragma once

#include "block.h"

namespace duplex::tools {

// Asked around each block. The runner has none in virtual time, where nothing disturbs.
class MachineWatch {
 public:
  virtual ~MachineWatch() = default;
  virtual void begin_block() = 0;
  // Since begin_block().
  virtual Noise end_block() = 0;
  // User and system time that the clients have used so far.
  virtual double client_cpu_seconds() = 0;
};

}  // namespace duplex::tools
