// What was timed, as a ratio.
#include "timed_ratio.h"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "../bench/cells.h"
#include "measure/format.h"

namespace duplex::tools {
namespace {

// Without an interval where so few rounds carry none.
TimedRatio timed_ratio(const std::optional<measure::Interval>& ratio, std::size_t rounds) {
  if (!ratio) {
    return {.estimate = std::nan(""), .low = std::nan(""), .text = std::string(no_figure)};
  }
  if (rounds >= rounds_for_interval) return {ratio->estimate, ratio->low, ratio_cell(*ratio)};
  return {ratio->estimate, ratio->low,
          measure::format_ratio(ratio->estimate) + " (" + std::to_string(rounds) +
              " rounds, too few for an interval)"};
}

// CPU time of an event at the server, by round.
std::map<std::size_t, double> cpu_by_round(const BenchReport& report, std::string_view arm) {
  std::map<std::size_t, double> costs;
  for (const Block& block : report.run.blocks) {
    const bool counts = !block.flagged || !report.options.discard_noisy;
    if (!counts || report.run.arms[block.arm].name != arm || block.delivery_count == 0) continue;
    if (block.costs.cpu_seconds <= 0) continue;
    costs[block.round] = block.costs.cpu_seconds / static_cast<double>(block.delivery_count);
  }
  return costs;
}

}  // namespace

TimedRatio latency_ratio(const BenchReport& report, std::string_view arm) {
  const ArmReport* const found = report.find(arm);
  return timed_ratio(found != nullptr ? found->ratio : std::nullopt, report.compared_rounds);
}

TimedRatio cpu_ratio(const BenchReport& report, std::string_view of, std::string_view to) {
  const auto theirs = cpu_by_round(report, to);
  std::vector<double> above;
  std::vector<double> below;
  for (const auto& [round, cost] : cpu_by_round(report, of)) {
    const auto found = theirs.find(round);
    if (found == theirs.end()) continue;
    above.push_back(cost);
    below.push_back(found->second);
  }
  if (above.empty()) return timed_ratio(std::nullopt, 0);
  const measure::Random random(report.run.options.seed);
  return timed_ratio(measure::paired_ratio(above, below, random), above.size());
}

}  // namespace duplex::tools
