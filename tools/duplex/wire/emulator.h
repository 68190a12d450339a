// Moves packets between two ports, late and with losses, for as long as its process lives.
#pragma once

#include "delay_line.h"
#include "port.h"

namespace duplex::tools::wire {

// In memory that two processes share.
struct WireCounters {
  LinkCounters up;
  LinkCounters down;
};

// Does not return.
[[noreturn]] void emulate(const WireOptions& wire, const Port& client, const Port& server,
                          WireCounters& counters);

}  // namespace duplex::tools::wire
