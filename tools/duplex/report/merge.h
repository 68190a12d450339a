// Several runs of the bench as one. Pure.
#pragma once

#include <string>
#include <vector>

#include "../bench/run.h"
#include "duplex/base/result.h"

namespace duplex::tools {

struct NamedRun {
  std::string name = {};  // of its file
  BenchRun run = {};
};

// "--delay: 20ms in a.json, 0ms in b.json": each way in which the conditions of two runs differ, or
// their arms do.
std::vector<std::string> condition_differences(const NamedRun& a, const NamedRun& b);
// The same for what is said of the machine and the program, of the bench's priority, and of where
// wire bytes come from.
std::vector<std::string> environment_differences(const NamedRun& a, const NamedRun& b);

// The rounds of all, one run after the other, in the environment of the first. At least one run.
// An error if their conditions differ, or machines or programs, if two hold the same blocks, or if
// one holds what rounds do not add up to: idle costs, the ladder of --decompose, a storm.
Result<BenchRun, std::string> merge_runs(std::vector<NamedRun> runs);

}  // namespace duplex::tools
