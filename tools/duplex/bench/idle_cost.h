// What connections cost on which nothing happens. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "measure/table.h"

namespace duplex::tools {

// Of one arm, whose feed had no event meanwhile.
struct IdleCost {
  std::string transport = {};     // "long-poll"
  std::uint64_t connections = 0;  // that were held
  double seconds = 0;             // for so long
  // Bytes for each connection, both: what they added.
  double user_memory = 0;    // of the server's process
  double kernel_memory = 0;  // of the whole machine: on loopback of both ends
  // Of the server, for all of them together.
  double wake_ups_per_second = 0;
  double cpu_share = 0;              // of one processor
  double wire_bytes_per_second = 0;  // of all packets, both ways
};

measure::Table idle_table(const std::vector<IdleCost>& costs);
std::string idle_note(const std::vector<IdleCost>& costs);  // a line: how it was measured; or none

}  // namespace duplex::tools
