// Measures once, as the command line says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "bench_arguments.h"

namespace duplex::tools {

struct Measured {
  ExitCode exit = ExitCode::ok;  // why there is no report, or not all in it that was asked for
  std::optional<BenchReport> report = {};
  bool interrupted = false;  // rounds are missing
};

// On stderr, when blocks will see too few.
void warn_of_few_events(const BenchOptions& options, const std::vector<ArmSpec>& arms);

// Complains on stderr of what fails. With a link this process stays on its client's side.
Measured measure_run(BenchArguments& typed, const std::vector<ArmSpec>& arms,
                     const std::string& command_line);

}  // namespace duplex::tools
