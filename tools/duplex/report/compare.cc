// Two runs of the bench against each other.
#include "compare.h"

#include <algorithm>

namespace duplex::tools {
namespace {

// What a machine drifts from one run to the next is in neither A/A band. Ten pairs of runs of one
// program, one after another on a quiet virtual machine, moved by up to 1 %, with bands of 0.2 %.
constexpr double drift = 1.03;

// Rounds of the same seed have the same schedule: they are pairs.
measure::Interval ratio_between(const std::vector<double>& after, const std::vector<double>& before,
                                bool same_schedule, measure::Random random) {
  return same_schedule && after.size() == before.size()
             ? measure::paired_ratio(after, before, random)
             : measure::unpaired_ratio(after, before, random);
}

void compare_arm(const ArmReport& before, const ArmReport& after, const BenchReport& first,
                 const BenchReport& second, RunComparison& comparison) {
  const std::vector<double> ours = before.measured_means();
  const std::vector<double> theirs = after.measured_means();
  if (ours.empty() || theirs.empty() || !before.has_times() || !after.has_times()) return;
  comparison.arms.push_back(
      {.arm = before.arm,
       .before = before.mean_interval,
       .after = after.mean_interval,
       .ratio = ratio_between(theirs, ours, first.run.options.seed == second.run.options.seed,
                              measure::Random(first.run.options.seed))});
}

}  // namespace

RunComparison compare_runs(const NamedRun& before, const NamedRun& after,
                           const ReportOptions& options) {
  const BenchReport first = make_report(before.run, options);
  const BenchReport second = make_report(after.run, options);
  RunComparison comparison = {
      .before = before.name,
      .after = after.name,
      .has_control = first.has_control && second.has_control,
      .noise_floor = std::max({first.noise_floor, second.noise_floor, drift}),
      .differences = condition_differences(before, after)};
  for (std::string& each : environment_differences(before, after)) {
    comparison.differences.push_back(std::move(each));
  }
  for (const ArmReport& arm : first.arms) {
    const ArmReport* const other = second.find(arm.arm.name);
    if (other != nullptr) compare_arm(arm, *other, first, second, comparison);
  }
  for (ArmComparison& arm : comparison.arms) {
    arm.distinguishable =
        comparison.has_control && measure::is_distinguishable(arm.ratio, comparison.noise_floor);
  }
  return comparison;
}

std::string_view judgement(const ArmComparison& arm) noexcept {
  if (!arm.distinguishable) return "not distinguishable";
  return arm.ratio.estimate > 1 ? "slower" : "faster";
}

}  // namespace duplex::tools
