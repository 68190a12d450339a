// Two runs of the bench against each other, arm by arm. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../bench/report.h"
#include "merge.h"

namespace duplex::tools {

struct ArmComparison {
  ArmSpec arm = {};
  // The mean latency of its blocks, in seconds: the median over them, with its 95 % interval.
  measure::Interval before = {};
  measure::Interval after = {};
  measure::Interval ratio = {};  // after over before; paired by rounds if the seed is the same
  bool distinguishable = false;
};

struct RunComparison {
  std::string before = {};  // names of the runs
  std::string after = {};
  std::vector<ArmComparison> arms = {};  // that both measured
  bool has_control = false;              // both runs know their noise
  double noise_floor = 1;                // the wider of their A/A bands, 3 % at least; a factor
  std::vector<std::string> differences = {};  // of conditions and environment, in words
};

RunComparison compare_runs(const NamedRun& before, const NamedRun& after,
                           const ReportOptions& options = {});

// "slower", "faster", "not distinguishable".
std::string_view judgement(const ArmComparison& arm) noexcept;

// By name: "text", "csv", "json", "markdown".
std::string render_comparison(std::string_view format, const RunComparison& comparison);

}  // namespace duplex::tools
