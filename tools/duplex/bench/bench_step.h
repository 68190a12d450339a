// One of several measurements: in a process of its own, so that none leaves a trace in the next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "bench_arguments.h"

namespace duplex::tools {

struct BenchStep {
  std::string place = {};  // of the words, for complaints: "wind-4hz.conf:3"; empty: nowhere
  std::vector<std::string> words = {};  // the arguments of `duplex bench`
  BenchArguments typed = {};            // made of them by read_step()
  std::vector<ArmSpec> arms = {};
};

// As somebody would type it: "duplex bench --rate 4/s".
std::string line_of(const BenchStep& step);

// False, with a complaint, when the words are not right or do not go together.
bool read_step(BenchStep& step);

// Its exit code; with its report in `report`, if it has one.
ExitCode measure_step(BenchStep& step, std::optional<BenchReport>& report);

// Ctrl-C reaches the step's process, too, which ends its block and reports: while this lives, that
// is waited for.
class IgnoredInterrupts {
 public:
  IgnoredInterrupts();
  ~IgnoredInterrupts();
  IgnoredInterrupts(const IgnoredInterrupts&) = delete;
  IgnoredInterrupts& operator=(const IgnoredInterrupts&) = delete;

 private:
  void (*before_)(int);
};

}  // namespace duplex::tools
