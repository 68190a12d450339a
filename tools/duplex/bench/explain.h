// What a bench would do with its arguments, and what theory expects of it: `bench --explain`. Pure.
#pragma once

#include <string>
#include <vector>

#include "plan.h"
#include "report.h"

namespace duplex::tools {

// A checklist for a person. `clock_cost` is what a look at the clock takes: "28.0 ns".
std::string explanation(const BenchOptions& options, const std::vector<ArmSpec>& arms,
                        const ReportOptions& report, const std::string& clock_cost);

}  // namespace duplex::tools
