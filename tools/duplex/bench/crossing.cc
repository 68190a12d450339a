// Where one transport overtakes another from step to step.
#include "crossing.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace duplex::tools {
namespace {

const ArmReport* measured(const PresetStep& step, const std::string& label) {
  for (const ArmReport& arm : step.report.arms) {
    if (!arm.arm.control && arm.has_times() && label_of(arm.arm) == label) return &arm;
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

// Two arms in a step that has measured both.
struct Standing {
  std::size_t step = 0;
  double seconds = 0;  // mean of the first
  double lead = 0;     // how far the second lies above it, as a logarithm
  bool clear = false;  // that is more than chance
};

bool is_clear(const PresetStep& step, const ArmReport& first, const ArmReport& second,
              double lead) {
  if (!step.report.has_control) return false;
  const auto ratio = ratio_of(second, first, step.report.run.options.seed);
  return ratio && measure::is_distinguishable(*ratio, step.report.noise_floor) &&
         (lead > 0) == (ratio->estimate > 1);
}

std::vector<Standing> standings_of(const PresetReport& report, const std::string& first,
                                   const std::string& second) {
  std::vector<Standing> all;
  for (std::size_t i = 0; i < report.steps.size(); ++i) {
    const PresetStep& step = report.steps[i];
    const ArmReport* const one = measured(step, first);
    const ArmReport* const other = measured(step, second);
    if (one == nullptr || other == nullptr || one->mean <= 0 || other->mean <= 0) continue;
    const double lead = std::log(other->mean / one->mean);
    all.push_back({i, one->mean, lead, is_clear(step, *one, *other, lead)});
  }
  return all;
}

// Where the order has become that of `after`, for the last time since `before`.
Crossing crossing_between(const std::vector<Standing>& all, std::size_t before, std::size_t after) {
  const bool second_leads = all[after].lead > 0;
  std::size_t next = after;
  while (next - 1 > before && (all[next - 1].lead > 0) == second_leads) --next;
  const Standing& left = all[next - 1];
  const Standing& right = all[next];
  const double part = left.lead / (left.lead - right.lead);
  const auto start = static_cast<double>(left.step);
  return {.step = all[after].step,
          .position = start + part * (static_cast<double>(right.step) - start),
          .seconds = left.seconds * std::pow(right.seconds / left.seconds, part)};
}

void add_crossings(const PresetReport& report, const std::string& first, const std::string& second,
                   std::vector<Crossing>& found) {
  const std::vector<Standing> all = standings_of(report, first, second);
  std::optional<std::size_t> before;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].clear) continue;
    if (before && (all[*before].lead > 0) != (all[i].lead > 0)) {
      Crossing crossing = crossing_between(all, *before, i);
      crossing.slower = all[i].lead > 0 ? first : second;
      crossing.faster = all[i].lead > 0 ? second : first;
      found.push_back(std::move(crossing));
    }
    before = i;
  }
}

}  // namespace

std::vector<Crossing> crossings_of(const PresetReport& report) {
  std::vector<Crossing> all;
  const std::vector<std::string> labels = labels_of(report);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = i + 1; j < labels.size(); ++j) {
      add_crossings(report, labels[i], labels[j], all);
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Crossing& a, const Crossing& b) { return a.step < b.step; });
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
