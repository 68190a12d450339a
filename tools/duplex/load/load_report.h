// What `duplex load` prints. Pure.
#pragma once

#include <optional>
#include <string>

#include "load_processes.h"
#include "load_tally.h"
#include "process_use.h"

namespace duplex::tools {

// The server's use, where it is known: at three moments, and from the second to the third.
struct ServerUse {
  std::optional<ProcessUse> before = {};  // any connection
  std::optional<ProcessUse> ramped = {};  // all are open
  std::optional<ProcessUse> after = {};   // the load
  std::optional<double> growth = {};      // of its memory, bytes per second
};

std::string load_text(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server);
std::string load_json(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server);

}  // namespace duplex::tools
