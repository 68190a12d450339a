// duplex bench --preset: an experiment, step by step.
#pragma once

#include <filesystem>
#include <vector>

#include "../command.h"
#include "bench_arguments.h"

namespace duplex::tools {

// Where presets are looked for, in this order.
std::vector<std::filesystem::path> preset_folders();

// Names and questions on stdout; a complaint when none of the folders has any.
ExitCode list_presets(const std::vector<std::filesystem::path>& folders = preset_folders());

// Each step is a process of its own, so that none leaves a trace in the next. `arguments`: all of
// the command line; they come after the preset's and win.
ExitCode run_preset(const BenchArguments& typed, Arguments arguments);

}  // namespace duplex::tools
