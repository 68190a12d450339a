// Bytes of an event on the wire, as theory has them. Pure.
#pragma once

#include <optional>

#include "measure/wire_size.h"
#include "plan.h"

namespace duplex::tools {

// The heads of a poll and its answer, as our client and our server write them: with the id of an
// event in the middle of the run.
measure::HeaderProfile poll_heads(measure::Transport transport, const BenchOptions& options);

// As Ethernet frames, both ways, with acknowledgements, without the openings of connections that
// are kept. Nothing where theory is silent: events that are compressed, wait for company, do not
// fit a segment or do not hold their own numbers; and a server that is at fault on purpose.
std::optional<double> predicted_wire_bytes(const ArmSpec& arm, const BenchOptions& options);

}  // namespace duplex::tools
