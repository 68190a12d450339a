// The steps of an experiment in one table. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cells.h"
#include "measure/table.h"
#include "preset.h"
#include "report.h"

namespace duplex::tools {

struct PresetStep {
  std::string value = {};  // of the varied option
  BenchReport report = {};
};

struct PresetReport {
  Preset preset = {};
  std::string command_line = {};  // as somebody has typed it
  std::vector<PresetStep> steps = {};
  bool quick = false;       // with the preset's arguments for that
  bool complete = true;     // no step is missing
  bool over_limit = false;  // the last step is the first that goes_beyond_limit()
};

// One delivery in twenty over WebSocket took longer than preset.limit in the last step. It is what
// was seen there, whatever so few events say of others.
bool goes_beyond_limit(const PresetReport& report);

// The mean of an arm is within 5 % and 2 ms of what theory says.
bool meets_prediction(const ArmReport& arm) noexcept;

// "--delay 50ms: short-poll was 190 ms, predicted 175 ms": each that does not, when the experiment
// predicts, unless its rounds lie on both sides of that.
std::vector<std::string> missed_predictions(const PresetReport& report);
// Those of which it cannot be said: nothing was delivered, two clocks do not tell, or there were
// too few rounds.
std::vector<std::string> untold_predictions(const PresetReport& report);

// A row for each arm of each step. The wide one has all columns, the other one those that every
// experiment needs, and those of preset.shown; none has a column in which nothing stands.
measure::Table steps_table(const PresetReport& report, Width width);
std::string conclusion(const PresetReport& report);  // sentences, of each check one

// Which format, on stdout or of a file, is of single runs alone; or nothing.
std::string preset_output_problem(const std::string& format,
                                  const std::vector<std::string>& outputs);
// By name: "text", "csv", "json" (every run whole), "markdown", "html", "svg".
std::string render_preset(std::string_view format, const PresetReport& report);

}  // namespace duplex::tools
