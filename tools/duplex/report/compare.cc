// Two runs of the bench against each other.
#include "compare.h"

#include <algorithm>

namespace duplex::tools {
namespace {

void compare_arm(const ArmReport& before, const ArmReport& after, std::uint64_t seed,
                 RunComparison& comparison) {
  const std::vector<double> ours = before.measured_means();
  const std::vector<double> theirs = after.measured_means();
  if (ours.empty() || theirs.empty() || !before.has_times() || !after.has_times()) return;
  comparison.arms.push_back(
      {.arm = before.arm,
       .before = before.mean_interval,
       .after = after.mean_interval,
       .ratio = measure::unpaired_ratio(theirs, ours, measure::Random(seed))});
}

}  // namespace

RunComparison compare_runs(const NamedRun& before, const NamedRun& after,
                           const ReportOptions& options) {
  const BenchReport first = make_report(before.run, options);
  const BenchReport second = make_report(after.run, options);
  RunComparison comparison = {.before = before.name,
                              .after = after.name,
                              .has_control = first.has_control && second.has_control,
                              .noise_floor = std::max(first.noise_floor, second.noise_floor),
                              .differences = condition_differences(before, after)};
  for (std::string& each : environment_differences(before, after)) {
    comparison.differences.push_back(std::move(each));
  }
  for (const ArmReport& arm : first.arms) {
    const ArmReport* const other = second.find(arm.arm.name);
    if (other != nullptr) compare_arm(arm, *other, before.run.options.seed, comparison);
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
