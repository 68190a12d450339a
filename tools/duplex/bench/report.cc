// What a bench found.
#include "report.h"

#include <algorithm>
#include <cmath>

namespace duplex::tools {
namespace {

constexpr double inconclusive_noise = 1.2;

std::optional<double> supported_quantile(const std::vector<double>& ascending, double share) {
  const auto size = static_cast<std::int64_t>(ascending.size());
  if (!measure::is_supported(share, size)) return std::nullopt;
  return measure::sorted_quantile(ascending, share);
}

void add_block(const Block& block, ArmReport& report, Costs& costs, std::vector<double>& sample) {
  report.event_count += block.event_count;
  report.delivery_count += block.latency.size();
  report.missing += block.missing;
  report.duplicates += block.duplicates;
  costs += block.costs;
  if (report.block_means.size() <= block.round) report.block_means.resize(block.round + 1);
  report.block_means[block.round] = block.mean_latency();
  for (const auto latency : block.latency) {
    report.histogram.record(latency.count());
    sample.push_back(std::chrono::duration<double>(latency).count());
  }
}

// Only what is pushed waits for company, and the echo has a stream of its own.
bool is_coalesced(measure::Transport transport) {
  return transport == measure::Transport::websocket || transport == measure::Transport::sse ||
         transport == measure::Transport::tcp;
}

double predicted_mean(measure::Transport transport, const BenchOptions& options) {
  const measure::Scenario scenario = scenario_of(options);
  measure::Seconds mean = measure::predict(transport, scenario).latency.mean();
  if (is_coalesced(transport)) mean += measure::coalescing_wait(scenario, options.coalesce);
  return mean.count();
}

ArmReport report_arm(const ArmSpec& arm, std::size_t index, const std::vector<Block>& blocks,
                     const BenchOptions& options) {
  ArmReport report = {.arm = arm};
  Costs costs;
  std::vector<double> sample;
  for (const Block& block : blocks) {
    if (block.arm == index) add_block(block, report, costs, sample);
  }
  std::sort(sample.begin(), sample.end());
  report.mean = measure::mean(sample);
  report.predicted_mean = predicted_mean(arm.transport, options);
  report.p50 = supported_quantile(sample, 0.5);
  report.p95 = supported_quantile(sample, 0.95);
  report.p99 = supported_quantile(sample, 0.99);
  if (report.delivery_count > 0) {
    const auto count = static_cast<double>(report.delivery_count);
    report.per_delivery = {.bytes = costs.bytes / count,
                           .requests = costs.requests / count,
                           .system_calls = costs.system_calls / count,
                           .cpu_seconds = costs.cpu_seconds / count};
  }
  return report;
}

// Paired: only rounds in which both were measured. False when there was none.
bool compare(ArmReport& report, const ArmReport& reference, std::uint64_t seed) {
  std::vector<double> ours;
  std::vector<double> theirs;
  const std::size_t rounds = std::min(report.block_means.size(), reference.block_means.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    if (report.block_means[round] <= 0 || reference.block_means[round] <= 0) continue;
    ours.push_back(report.block_means[round]);
    theirs.push_back(reference.block_means[round]);
  }
  if (ours.empty()) return false;
  report.ratio = measure::paired_ratio(ours, theirs, measure::Random(seed));
  return true;
}

double max_lateness(const std::vector<Block>& blocks) {
  std::chrono::duration<double> latest{0};
  for (const Block& block : blocks) {
    for (const auto each : block.lateness) {
      latest = std::max<std::chrono::duration<double>>(latest, each);
    }
  }
  return latest.count();
}

}  // namespace

bool ArmReport::as_predicted() const noexcept {
  return delivery_count > 0 && std::abs(mean - predicted_mean) <= 0.15 * predicted_mean + 0.002;
}

const ArmReport* BenchReport::find(std::string_view name) const noexcept {
  const auto found = std::find_if(arms.begin(), arms.end(), [name](const ArmReport& report) {
    return report.arm.name == name;
  });
  return found == arms.end() ? nullptr : &*found;
}

BenchReport make_report(const BenchOptions& options, const std::vector<ArmSpec>& arms,
                        const std::vector<Block>& blocks) {
  BenchReport report = {.options = options};
  for (std::size_t i = 0; i < arms.size(); ++i) {
    report.arms.push_back(report_arm(arms[i], i, blocks, options));
  }
  for (ArmReport& arm : report.arms) {
    const bool compared = compare(arm, report.arms.front(), options.seed);
    if (arm.arm.control) report.has_control = compared;
  }
  report.noise_floor = measure::noise_floor(report.arms.back().ratio);
  for (ArmReport& arm : report.arms) {
    arm.distinguishable =
        report.has_control && measure::is_distinguishable(arm.ratio, report.noise_floor);
  }
  for (const Block& block : blocks) report.rounds = std::max(report.rounds, block.round + 1);
  report.max_lateness = max_lateness(blocks);
  return report;
}

std::optional<std::string> missed_expectation(const BenchReport& report) {
  const ArmReport* slower = nullptr;
  for (const std::string_view name : {"sp", "lp", "ws"}) {
    const ArmReport* const arm = report.find(name);
    if (arm == nullptr) continue;
    if (slower != nullptr && arm->mean >= slower->mean) {
      return label_of(arm->arm) + " was not faster than " + label_of(slower->arm);
    }
    slower = arm;
  }
  for (const ArmReport& arm : report.arms) {
    if (!arm.as_predicted()) {
      return "the mean of " + label_of(arm.arm) + " is not within 15 % + 2 ms of the prediction";
    }
  }
  return std::nullopt;
}

bool is_inconclusive(const BenchReport& report) {
  return !report.has_control || report.noise_floor > inconclusive_noise ||
         std::any_of(report.arms.begin(), report.arms.end(),
                     [](const ArmReport& arm) { return arm.delivery_count == 0; });
}

}  // namespace duplex::tools
