// Where one transport overtakes another as an experiment goes from step to step. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "preset_report.h"

namespace duplex::tools {

// The order of two means changes from one clear step to the next clear one: in a clear one they
// differ by more than WebSocket does from itself there, with a 95 % interval of their ratio that
// leaves out 1. Where the one overtakes the other may lie between steps that are not clear.
struct Crossing {
  std::string slower = {};  // labels: before, and the other way round after
  std::string faster = {};
  std::size_t step = 0;  // index: the first clear one after
  // Where the two lines meet, drawn over a logarithmic scale: 1.5 is between steps 1 and 2.
  double position = 0;
  double seconds = 0;
};

std::vector<Crossing> crossings_of(const PresetReport& report);

// "From --rate 200/s on long-poll was faster than websocket.": a line for each.
std::string crossing_lines(const PresetReport& report);

}  // namespace duplex::tools
