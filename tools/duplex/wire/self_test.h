// Probes a link, and says how exact it is.
#pragma once

#include <string>

#include "../exit_code.h"
#include "wire.h"

namespace duplex::tools::wire {

struct SelfTest {
  ExitCode exit = ExitCode::ok;
  std::string text = {};  // a table
  std::string json = {};
};

// Sends probes over the link, and connects a few times. Throws std::system_error.
SelfTest run_self_test(const WireOptions& options, const Wire& link);

}  // namespace duplex::tools::wire
