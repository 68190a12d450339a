// Every block of a run, as it was measured.
#include <chrono>
#include <string>
#include <vector>

#include "cells.h"
#include "measure/format.h"
#include "report_tables.h"

namespace duplex::tools {
namespace {

using measure::Align;
using measure::Seconds;
using measure::significant;

std::string duration(double seconds) { return measure::format_duration(Seconds(seconds)); }

// `told`: by clocks that are known well enough.
std::vector<std::string> row_of(const Block& block, const ArmSpec& arm, bool told) {
  const auto time = [told](double seconds) {
    return told ? duration(seconds) : std::string(no_figure);
  };
  return {std::to_string(block.round + 1),
          label_of(arm),
          duration(block.start),
          duration(std::chrono::duration<double>(block.length).count()),
          std::to_string(block.event_count),
          std::to_string(block.delivery_count),
          std::to_string(block.missing),
          std::to_string(block.duplicates),
          time(block.mean),
          time(block.p50),
          time(block.p95),
          time(block.max),
          measure::format_bytes(block.costs.bytes),
          significant(block.costs.requests),
          significant(block.costs.system_calls),
          duration(block.costs.cpu_seconds),
          duration(block.noise.hiccup),
          block.flagged ? "yes" : ""};
}

}  // namespace

measure::Table blocks_table(const BenchReport& report) {
  measure::Table table({{.heading = "round"},
                        {.heading = "transport", .align = Align::left},
                        {.heading = "began"},
                        {.heading = "length"},
                        {.heading = "events"},
                        {.heading = "deliveries"},
                        {.heading = "missing"},
                        {.heading = "twice"},
                        {.heading = "mean"},
                        {.heading = "p50"},
                        {.heading = "p95"},
                        {.heading = "max"},
                        {.heading = "bytes"},
                        {.heading = "requests"},
                        {.heading = "syscalls"},
                        {.heading = "server CPU"},
                        {.heading = "hiccup"},
                        {.heading = "flagged", .align = Align::left}});
  for (const Block& block : report.run.blocks) {
    table.add_row(
        row_of(block, report.run.arms[block.arm], !report.arms[block.arm].below_clock_error));
  }
  return table;
}

}  // namespace duplex::tools
