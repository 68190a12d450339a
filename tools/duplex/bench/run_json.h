// Reads back what the bench wrote with `-o run.json`. Pure.
#pragma once

#include <string>
#include <string_view>

#include "../json_fields.h"
#include "duplex/base/result.h"
#include "duplex/codec/json.h"
#include "run.h"

namespace duplex::tools {

// Of run.schema.json. Other versions are refused.
inline constexpr int run_schema_version = 6;

// Only what was measured is read: a report computes the rest anew. The error names the place.
Result<BenchRun, std::string> read_run(std::string_view text);

// The same step by step, for who has to look at the text first: within the limits of a run's file,
Result<codec::JsonValue, std::string> parse_run(std::string_view text);
// the whole,
Result<BenchRun, std::string> run_from(const codec::JsonValue& value);
// or a part of it. What is wrong is noted in `fields`; the run is of no use then.
BenchRun read_run(const JsonFields& fields);

}  // namespace duplex::tools
