// Probes a link, and says how exact it is.
#pragma once

#include "../exit_code.h"
#include "wire.h"

namespace duplex::tools::wire {

// Sends probes over the link, and connects a few times. Prints a table, or JSON. Throws
// std::system_error.
ExitCode run_self_test(const WireOptions& options, const Wire& link, bool as_json);

}  // namespace duplex::tools::wire
