// duplex bench --preset: an experiment, step by step.
#pragma once

#include "../command.h"
#include "bench_arguments.h"

namespace duplex::tools {

// Names and questions on stdout.
ExitCode list_presets();

// Each step is a process of its own, so that none leaves a trace in the next. `arguments`: all of
// the command line; they come after the preset's and win.
ExitCode run_preset(const BenchArguments& typed, Arguments arguments);

}  // namespace duplex::tools
