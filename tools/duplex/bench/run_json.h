// Reads back what the bench wrote with `-o run.json`. Pure.
#pragma once

#include <string>
#include <string_view>

#include "duplex/base/result.h"
#include "run.h"

namespace duplex::tools {

// Of run.schema.json. Other versions are refused.
inline constexpr int run_schema_version = 5;

// Only what was measured is read: a report computes the rest anew. The error names the place.
Result<BenchRun, std::string> read_run(std::string_view text);

}  // namespace duplex::tools
