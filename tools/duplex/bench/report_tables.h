// The parts of a report that text, Markdown and pages share. Pure.
#pragma once

#include <string>

#include "cells.h"
#include "measure/table.h"
#include "report.h"

namespace duplex::tools {

std::string conditions(const BenchReport& report);  // lines: feed, polls, clients, path
// To WebSocket: "1.69× [1.53, 1.82]"; without an interval where it is in the noise, or none is
// known.
std::string ratio_cell(const BenchReport& report, const ArmReport& arm);
measure::Table latency_table(const BenchReport& report, Width width);
measure::Table freshness_table(const BenchReport& report);
measure::Table wire_table(const BenchReport& report);    // bytes per event; without a source: empty
measure::Table blocks_table(const BenchReport& report);  // a row for each, in the order of time
std::string wire_note(const BenchRun& run);              // a line: who has counted; or none
std::string clock_line(const BenchReport& report);       // of a server with another clock; or none
std::string footnotes(const BenchReport& report);        // lines: noise, lateness, warm-up

}  // namespace duplex::tools
