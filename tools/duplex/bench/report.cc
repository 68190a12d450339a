// What a run found.
#include "report.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "measure/histogram_payload.h"

namespace duplex::tools {
namespace {

constexpr double inconclusive_noise = 1.2;

double in_seconds(std::int64_t nanoseconds) { return 1e-9 * static_cast<double>(nanoseconds); }

// With the ranks between which the quantile of the population lies. Clients who got the same event
// are no witnesses of their own: so many as there are events are.
std::optional<measure::Interval> supported_quantile(const measure::Histogram& histogram,
                                                    std::uint64_t events, double share) {
  const std::int64_t total = histogram.total();
  const std::int64_t witnesses = std::min(total, static_cast<std::int64_t>(events));
  if (!measure::is_supported(share, witnesses)) return std::nullopt;
  const measure::RankInterval ranks = measure::quantile_ranks(witnesses, share);
  const auto rank_of_all = [&](std::int64_t rank) {
    const double scale = static_cast<double>(total) / static_cast<double>(witnesses);
    return std::clamp<std::int64_t>(std::llround(static_cast<double>(rank) * scale), 1, total);
  };
  return measure::Interval{.estimate = in_seconds(histogram.value_at_percentile(100 * share)),
                           .low = in_seconds(histogram.value_at_rank(rank_of_all(ranks.low))),
                           .high = in_seconds(histogram.value_at_rank(rank_of_all(ranks.high)))};
}

void add_histogram(const std::string& encoded, measure::Histogram& sum) {
  if (const auto histogram = measure::decode_histogram(encoded)) sum.add(*histogram);
}

// Sums up the blocks of one arm.
class ArmSummary {
 public:
  ArmSummary(const ArmSpec& arm, const BenchOptions& options)
      : seed_(options.seed), report_{.arm = arm, .predicted = prediction_of(arm, options)} {}

  void add(const Block& block) {
    report_.event_count += block.event_count;
    report_.delivery_count += block.delivery_count;
    report_.missing += block.missing;
    report_.duplicates += block.duplicates;
    costs_ += block.costs;
    client_cpu_ += block.client_cpu_seconds;
    if (block.wire) add_wire(block);
    empty_answers_ += static_cast<double>(block.empty_answers);
    latency_sum_ += block.mean * static_cast<double>(block.delivery_count);
    if (block.delivery_count > 0) medians_.push_back(block.p50);
    if (block.first_event) first_events_.push_back(*block.first_event);
    if (block.client_deviation) deviations_.push_back(*block.client_deviation);
    add_freshness(block);
    if (report_.block_means.size() <= block.round) report_.block_means.resize(block.round + 1);
    report_.block_means[block.round] = block.mean;
    add_histogram(block.latency, report_.histogram);
  }

  ArmReport finish() {
    if (report_.delivery_count > 0) divide();
    report_.mean_interval = interval_of(report_.measured_means());
    report_.p50 = interval_of(medians_);
    report_.p95 = supported_quantile(report_.histogram, report_.event_count, 0.95);
    report_.p99 = supported_quantile(report_.histogram, report_.event_count, 0.99);
    report_.deviation = report_.histogram.stddev() / 1e9;
    if (!deviations_.empty()) report_.client_deviation = measure::median(deviations_);
    if (!first_events_.empty()) report_.first_event = measure::median(first_events_);
    return std::move(report_);
  }

 private:
  void add_freshness(const Block& block) {
    if (!block.freshness) return;
    const double length = std::chrono::duration<double>(block.length).count();
    age_.mean_age += length * block.freshness->mean_age;
    age_.peak_age += length * block.freshness->peak_age;
    age_.fresh_share += length * block.freshness->fresh_share;
    age_length_ += length;
    report_.freshness = {.mean_age = age_.mean_age / age_length_,
                         .peak_age = age_.peak_age / age_length_,
                         .fresh_share = age_.fresh_share / age_length_};
  }

  void add_wire(const Block& block) {
    wire_ += *block.wire;
    wire_payload_ += block.wire_payload;
    wire_deliveries_ += static_cast<double>(block.wire_deliveries);
  }

  void divide() {
    const auto count = static_cast<double>(report_.delivery_count);
    report_.mean = latency_sum_ / count;
    report_.client_cpu_per_delivery = client_cpu_ / count;
    if (wire_deliveries_ > 0) {
      report_.wire = wire_ * (1 / wire_deliveries_);
      report_.wire_payload = wire_payload_ / wire_deliveries_;
    }
    report_.empty_answers_per_delivery = empty_answers_ / count;
    report_.per_delivery = {.bytes = costs_.bytes / count,
                            .requests = costs_.requests / count,
                            .system_calls = costs_.system_calls / count,
                            .cpu_seconds = costs_.cpu_seconds / count};
    for (const auto& [name, calls] : costs_.calls) {
      if (calls > 0) report_.per_delivery.calls[name] = calls / count;
    }
  }

  measure::Interval interval_of(const std::vector<double>& blocks) const {
    return blocks.empty() ? measure::Interval{}
                          : measure::bootstrap_median(blocks, measure::Random(seed_));
  }

  std::uint64_t seed_;
  ArmReport report_;
  Costs costs_ = {};
  double client_cpu_ = 0;
  double empty_answers_ = 0;
  double latency_sum_ = 0;
  WireBytes wire_ = {};
  double wire_payload_ = 0;
  double wire_deliveries_ = 0;
  Freshness age_ = {};  // each times its seconds
  double age_length_ = 0;
  std::vector<double> medians_;
  std::vector<double> first_events_;
  std::vector<double> deviations_;
};

// Those in which both were measured.
std::vector<std::size_t> common_rounds(const ArmReport& arm, const ArmReport& reference) {
  std::vector<std::size_t> rounds;
  const std::size_t most = std::min(arm.block_means.size(), reference.block_means.size());
  for (std::size_t round = 0; round < most; ++round) {
    const bool both = arm.block_means[round] > 0 && reference.block_means[round] > 0;
    if (both) rounds.push_back(round);
  }
  return rounds;
}

// An echo is there and back, by our clock alone. Another way's time, if it is smaller than what
// the two clocks may be apart, is no time.
void hide_what_clocks_cannot_tell(BenchReport& report) {
  if (!report.run.clock) return;
  for (ArmReport& arm : report.arms) {
    if (measure::is_echo(arm.arm.transport) || arm.delivery_count == 0) continue;
    arm.below_clock_error = arm.mean < report.run.clock->error;
    if (!arm.below_clock_error) continue;
    arm.p95.reset();
    arm.p99.reset();
  }
}

void compare_arms(BenchReport& report) {
  report.compared_rounds = report.arms.front().measured_means().size();
  for (ArmReport& arm : report.arms) {
    const std::size_t rounds = common_rounds(arm, report.arms.front()).size();
    if (rounds > 0) report.compared_rounds = std::min(report.compared_rounds, rounds);
    if (arm.below_clock_error || report.arms.front().below_clock_error) continue;
    arm.ratio = ratio_of(arm, report.arms.front(), report.run.options.seed);
  }
  const ArmReport& last = report.arms.back();
  // One round differs from itself by what it does: that is no band.
  report.has_control = last.arm.control && last.ratio.has_value() && report.compared_rounds > 1;
  if (report.has_control) report.noise_floor = measure::noise_floor(*last.ratio);
  for (ArmReport& arm : report.arms) {
    arm.distinguishable = report.has_control && arm.ratio &&
                          measure::is_distinguishable(*arm.ratio, report.noise_floor);
  }
}

void judge_noise(BenchReport& report) {
  measure::Histogram lateness(latency_limits);
  for (const Block& block : report.run.blocks) {
    report.rounds = std::max(report.rounds, block.round + 1);
    report.max_hiccup = std::max(report.max_hiccup, block.noise.hiccup);
    add_histogram(block.lateness, lateness);
    if (!block.flagged) continue;
    ++report.flagged_blocks;
    ++report.arms[block.arm].flagged_blocks;
  }
  const auto events = static_cast<std::uint64_t>(lateness.total());
  if (const auto p99 = supported_quantile(lateness, events, 0.99)) {
    report.lateness_p99 = p99->estimate;
  }
  report.max_lateness = in_seconds(lateness.max());
}

// By how much the counts of blocks differ: of events at random, on average by the root of what is
// expected; at equal gaps by less than one event. Nothing is said of few blocks, or of few events.
bool has_other_gaps(const BenchReport& report) {
  constexpr double fewest_events = 6;
  constexpr std::size_t fewest_blocks = 20;
  double sum = 0;
  std::size_t count = 0;
  for (const Block& block : report.run.blocks) {
    const double expected = report.feed_rate * std::chrono::duration<double>(block.length).count();
    if (measure::is_echo(report.run.arms[block.arm].transport)) continue;
    if (expected < fewest_events) return false;
    const double off = static_cast<double>(block.event_count) - expected;
    sum += off * off / expected;
    ++count;
  }
  if (count < fewest_blocks || report.run.options.server.empty()) return false;
  const double dispersion = sum / static_cast<double>(count);
  return report.run.options.poisson ? dispersion < 0.25 : dispersion > 0.5;
}

// Another rate is told from chance by five standard deviations of a count at random.
void judge_feed(BenchReport& report) {
  double events = 0;
  double seconds = 0;
  for (const Block& block : report.run.blocks) {
    if (measure::is_echo(report.run.arms[block.arm].transport)) continue;
    events += static_cast<double>(block.event_count);
    seconds += std::chrono::duration<double>(block.length).count();
  }
  if (seconds <= 0) return;
  report.feed_rate = events / seconds;
  report.has_other_gaps = has_other_gaps(report);
  const double meant = report.run.options.rate * seconds;
  const double chance = std::max(5 * std::sqrt(meant), 0.02 * meant);
  report.is_other_feed = !report.run.options.server.empty() && std::abs(events - meant) > chance;
}

}  // namespace

// The echo has a stream of its own.
bool is_coalesced(measure::Transport transport) noexcept {
  return transport == measure::Transport::websocket ||
         transport == measure::Transport::websocket_deflate ||
         transport == measure::Transport::sse || transport == measure::Transport::tcp ||
         measure::is_socketio(transport);
}

namespace {

// Of what waits for company, and of the newest of random events, the model knows the mean alone.
bool is_shape_known(measure::Transport transport, const BenchOptions& options) {
  if (options.coalesce.count() > 0 && is_coalesced(transport)) return false;
  return !options.poisson || !measure::is_latest(transport);
}

}  // namespace

ArmPrediction prediction_of(const ArmSpec& arm, const BenchOptions& options) {
  const measure::Scenario scenario = scenario_of(options);
  const measure::Prediction prediction = measure::predict(arm.transport, scenario);
  ArmPrediction result = {.mean = prediction.latency.mean().count(),
                          .requests_per_event = prediction.requests_per_event,
                          .empty_share = prediction.empty_share,
                          .missed_share = prediction.missed_share};
  // An echo's first event waits for its instant.
  if (!measure::is_echo(arm.transport)) {
    result.first_event = prediction.time_to_first_event.count();
  }
  if (is_shape_known(arm.transport, options)) {
    result.latency = prediction.latency;
    const auto deviation = measure::client_deviation(arm.transport, scenario);
    if (deviation) result.client_deviation = deviation->count();
  }
  if (is_coalesced(arm.transport)) {
    result.mean += measure::coalescing_wait(scenario, options.coalesce).count();
  }
  if (options.coalesce.count() == 0) {
    result.mean_age = prediction.mean_age.count();
    result.fresh_share = prediction.fresh_share;
  }
  return result;
}

std::optional<measure::Interval> ratio_of(const ArmReport& arm, const ArmReport& reference,
                                          std::uint64_t seed) {
  std::vector<double> ours;
  std::vector<double> theirs;
  for (const std::size_t round : common_rounds(arm, reference)) {
    ours.push_back(arm.block_means[round]);
    theirs.push_back(reference.block_means[round]);
  }
  if (ours.empty()) return std::nullopt;
  return measure::paired_ratio(ours, theirs, measure::Random(seed));
}

std::vector<double> ArmReport::measured_means() const {
  std::vector<double> means;
  std::copy_if(block_means.begin(), block_means.end(), std::back_inserter(means),
               [](double each) { return each > 0; });
  return means;
}

std::int64_t ArmReport::witnesses() const noexcept {
  return static_cast<std::int64_t>(std::min(event_count, delivery_count));
}

bool ArmReport::as_predicted() const noexcept {
  return has_times() && std::abs(mean - predicted.mean) <= 0.15 * predicted.mean + 0.002;
}

std::optional<double> ArmReport::bytes_around(std::uint64_t event_size) const noexcept {
  const std::uint64_t times = measure::is_echo(arm.transport) ? 2 : 1;
  const double around = per_delivery.bytes - static_cast<double>(times * event_size);
  return around < 0 ? std::nullopt : std::optional(around);
}

const ArmReport* BenchReport::find(std::string_view name) const noexcept {
  const auto found = std::find_if(arms.begin(), arms.end(), [name](const ArmReport& report) {
    return report.arm.name == name;
  });
  return found == arms.end() ? nullptr : &*found;
}

BenchReport make_report(BenchRun run, const ReportOptions& options) {
  BenchReport report = {.run = std::move(run), .options = options};
  std::vector<ArmSummary> summaries;
  for (const ArmSpec& arm : report.run.arms) summaries.emplace_back(arm, report.run.options);
  for (const Block& block : report.run.blocks) {
    if (!block.flagged || !options.discard_noisy) summaries[block.arm].add(block);
  }
  for (ArmSummary& summary : summaries) report.arms.push_back(summary.finish());
  hide_what_clocks_cannot_tell(report);
  compare_arms(report);
  judge_noise(report);
  judge_feed(report);
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
