// Where one transport overtakes another from step to step.
#include "crossing.h"

#include <cmath>
#include <optional>

namespace duplex::tools {
namespace {

const ArmReport* measured(const PresetStep& step, const std::string& label) {
  for (const ArmReport& arm : step.report.arms) {
    if (!arm.arm.control && arm.delivery_count > 0 && label_of(arm.arm) == label) return &arm;
  }
  return nullptr;
}

std::vector<std::string> labels_of(const PresetReport& report) {
  std::vector<std::string> labels;
  if (report.steps.empty()) return labels;
  for (const ArmReport& arm : report.steps.front().report.arms) {
    if (!arm.arm.control) labels.push_back(label_of(arm.arm));
  }
  return labels;
}

// How far the second lies above the first, as a logarithm; nothing when that may be chance.
std::optional<double> lead_of(const PresetStep& step, const ArmReport* first,
                              const ArmReport* second) {
  if (first == nullptr || second == nullptr || first->mean <= 0 || second->mean <= 0) return {};
  if (!step.report.has_control) return {};
  const auto ratio = ratio_of(*second, *first, step.report.run.options.seed);
  if (!ratio || !measure::is_distinguishable(*ratio, step.report.noise_floor)) return {};
  const double lead = std::log(second->mean / first->mean);
  return (lead > 0) == (ratio->estimate > 1) ? std::optional(lead) : std::nullopt;
}

std::optional<Crossing> crossing_at(const PresetReport& report, std::size_t index,
                                    const std::string& first, const std::string& second) {
  const PresetStep& before = report.steps[index - 1];
  const PresetStep& after = report.steps[index];
  const ArmReport* const first_before = measured(before, first);
  const auto lead = lead_of(before, first_before, measured(before, second));
  const auto next = lead_of(after, measured(after, first), measured(after, second));
  if (!lead || !next || (*lead > 0) == (*next > 0)) return std::nullopt;
  const double part = *lead / (*lead - *next);
  const double grown = measured(after, first)->mean / first_before->mean;
  return Crossing{.slower = *lead > 0 ? second : first,
                  .faster = *lead > 0 ? first : second,
                  .step = index,
                  .part = part,
                  .seconds = first_before->mean * std::pow(grown, part)};
}

}  // namespace

std::vector<Crossing> crossings_of(const PresetReport& report) {
  std::vector<Crossing> all;
  const std::vector<std::string> labels = labels_of(report);
  for (std::size_t step = 1; step < report.steps.size(); ++step) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      for (std::size_t j = i + 1; j < labels.size(); ++j) {
        if (auto found = crossing_at(report, step, labels[i], labels[j])) all.push_back(*found);
      }
    }
  }
  return all;
}

std::string crossing_lines(const PresetReport& report) {
  std::string text;
  for (const Crossing& each : crossings_of(report)) {
    text += "From " + report.preset.varied + " " + report.steps[each.step].value + " on " +
            each.slower + " was faster than " + each.faster + ".\n";
  }
  return text;
}

}  // namespace duplex::tools
