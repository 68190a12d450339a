// What `duplex load` prints. Pure.
#pragma once

#include <optional>
#include <string>

#include "load_processes.h"
#include "load_tally.h"
#include "process_use.h"

namespace duplex::tools {

// With fewer, what the server does for itself is more than what they cost.
inline constexpr std::uint64_t fewest_for_a_share = 100;

// The server's use, where it is known: at three moments, and from the second to the third.
struct ServerUse {
  std::optional<ProcessUse> before = {};  // any connection
  std::optional<ProcessUse> ramped = {};  // all are open
  std::optional<ProcessUse> after = {};   // the load
  std::optional<double> growth = {};      // of its memory, bytes per second
  bool has_ended = false;                 // before the load had
  std::optional<int> status = {};         // how, as of waitpid(2), where it was ours
};

std::string load_text(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server);
std::string load_json(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server);

}  // namespace duplex::tools
