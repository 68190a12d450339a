// What an experiment found, as `duplex bench --preset NAME -o found.json` writes it, and back.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "duplex/base/result.h"
#include "preset_report.h"

namespace duplex::tools {

// Of preset.schema.json; each step's run has a version of its own. Other versions are refused.
inline constexpr int preset_schema_version = 2;

// Every run whole, and what of the experiment a report shows.
std::string render_preset_json(const PresetReport& report);

// A run, or what an experiment found: whichever `text` is. Of an experiment, too, only what was
// measured is read; a report of each step is made anew, with `options`. The error names the place:
// "steps[1].run.started: expected a number".
using Kept = std::variant<BenchRun, PresetReport>;
Result<Kept, std::string> read_kept(std::string_view text, const ReportOptions& options = {});

}  // namespace duplex::tools
