// What a load may have counted, for tests of what is made of it.
#pragma once

#include "../../tools/duplex/load/load_tally.h"

namespace duplex::tools {

inline LoadTally some_tally() {
  LoadTally tally;
  tally.opened = 12;
  tally.most_open = 3;
  tally.sent = 2000;
  tally.received = 1999;
  tally.lost = 1;
  tally.ramp_time = 5'000'000;
  tally.measured_time = 1'000'000'000;
  tally.recovery_time = 7;
  tally.failure = "cannot connect to it";
  tally.count_drop(1009, "message too big");
  tally.count_drop(1009, "another word");
  tally.count_drop(1006, "");
  tally.latency.record(1'000'000, 1990);
  tally.latency.record(9'000'000, 9);
  tally.late.record(500'000, 1999);
  tally.opening.record(2'000'000, 3);
  return tally;
}

}  // namespace duplex::tools
