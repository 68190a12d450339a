// Whether what an experiment asserts of its figures holds. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "preset_report.h"

namespace duplex::tools {

// Of a check in one step.
struct CheckOutcome {
  PresetCheck check = {};  // of that step alone, if there are several
  std::optional<double> measured = {};
  std::optional<double> bound = {};  // the right side
  std::optional<bool> holds = {};    // nothing: a figure of it was not measured
};

// Of each check in each step that it speaks of, in their order. Of a step that was not run there is
// one without a figure.
std::vector<CheckOutcome> outcomes_of(const PresetReport& report);

// "✓ p50 of echo at nagle was 0.3 ms, expected at most 2.00 ms"
std::string sentence_of(const CheckOutcome& outcome);

// What --check makes of a report: predictions, if the experiment has them, and checks.
enum class Judgement { as_expected, missed, unknown };
Judgement judge(const PresetReport& report);

}  // namespace duplex::tools
