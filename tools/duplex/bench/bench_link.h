// The link of `duplex wire` below a bench.
#pragma once

#include <memory>
#include <string>

#include "../wire/wire.h"
#include "plan.h"

namespace duplex::tools {

// What the link does that no prediction knows of: "jitter, loss"; empty: nothing.
std::string unpredicted_effects(const wire::WireOptions& link);

// From now on this process is on the client's side of a link, and `options` say so: delay and
// words. Where the machine allows none it complains and gives nothing; a relay then holds back the
// delay alone. Only while the process has one thread.
std::unique_ptr<wire::Wire> start_link(const wire::WireOptions& link, BenchOptions& options);

}  // namespace duplex::tools
