// A run of the bench as it was measured: everything that a report is made from. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "block.h"
#include "idle_cost.h"
#include "ladder.h"
#include "plan.h"
#include "server_clock.h"
#include "storm.h"
#include "warm_up.h"

namespace duplex::tools {

// Facts about the machine and the program, by name: "kernel" -> "Linux 6.1.0".
using Environment = std::map<std::string, std::string>;

struct BenchRun {
  BenchOptions options = {};
  std::vector<ArmSpec> arms = {};  // the first one is WebSocket, the last one its control
  Environment environment = {};
  std::string scheduling = {};   // "real-time", "nice -20", "normal"
  std::string wire_source = {};  // of wire bytes, in words; empty: nobody watched
  double started = 0;            // seconds since 1970
  WarmUp warm_up = {};
  std::optional<ForeignClock> clock = {};  // of the server; absent: its clock is the bench's
  std::vector<IdleCost> idle = {};         // of each arm; empty: not asked for
  std::optional<Ladder> ladder = {};       // absent: not asked for
  std::vector<Storm> storms = {};          // one at most; empty: not asked for
  std::vector<Block> blocks = {};          // in the order in which they ran
};

// The options that decide what is measured, by their names on the command line, as text: two runs
// can be merged when these are the same. How long and with which seed is not among them.
std::map<std::string, std::string> conditions_of(const BenchOptions& options);

}  // namespace duplex::tools
