// What a run found: one row per arm, the noise floor, and what may be said. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "measure/histogram.h"
#include "measure/model.h"
#include "measure/statistics.h"
#include "run.h"

namespace duplex::tools {

// What theory says of an arm. Seconds; absent where theory is silent.
struct ArmPrediction {
  double mean = 0;
  std::optional<measure::LatencyModel> latency = {};  // where more than its mean is known
  std::optional<double> client_deviation = {};        // of one client's latencies, standard
  std::optional<double> mean_age = {};
  std::optional<double> fresh_share = {};
  std::optional<double> first_event = {};  // of an event that is waiting already: no echo's
  double requests_per_event = 0;           // of each client
  double empty_share = 0;                  // of the answers to polls
  double missed_share = 0;                 // of the events: overwritten before they were asked for
};
ArmPrediction prediction_of(const ArmSpec& arm, const BenchOptions& options);
// Waits for company, see BenchOptions::coalesce: only what is pushed does.
bool is_coalesced(measure::Transport transport) noexcept;

struct ArmReport {
  ArmSpec arm = {};
  ArmPrediction predicted = {};
  std::uint64_t event_count = 0;
  std::uint64_t delivery_count = 0;
  std::uint64_t missing = 0;
  std::uint64_t duplicates = 0;
  std::size_t flagged_blocks = 0;
  // Seconds, each with its 95 % interval: mean and median as the median over blocks' own, the
  // quantiles between order statistics. A quantile is absent when the sample is too small for it.
  double mean = 0;  // over all deliveries
  measure::Interval mean_interval = {};
  measure::Interval p50 = {};
  std::optional<measure::Interval> p95 = {};
  std::optional<measure::Interval> p99 = {};
  double deviation = 0;                         // standard, over all deliveries
  std::optional<double> client_deviation = {};  // of one client's, median over blocks
  std::optional<measure::Interval> ratio = {};  // to WebSocket, of the means; see ratio_of()
  bool distinguishable = false;                 // from WebSocket
  bool below_clock_error = false;               // what two clocks cannot tell: no time is shown
  Costs per_delivery = {};                      // of the server
  std::optional<WireBytes> wire = {};           // of the clients, per delivery
  double wire_payload = 0;                      // of it, events
  double client_cpu_per_delivery = 0;           // seconds
  double empty_answers_per_delivery = 0;
  std::optional<Freshness> freshness = {};
  std::optional<double> first_event = {};  // seconds from connecting, median over blocks
  std::vector<double> block_means = {};    // seconds, by round; 0: not measured
  measure::Histogram histogram{latency_limits};

  std::vector<double> measured_means() const;  // block_means without the zeros
  std::int64_t witnesses() const noexcept;     // of a percentile: clients of one event are one
  bool has_times() const noexcept { return delivery_count > 0 && !below_clock_error; }
  bool as_predicted() const noexcept;  // the mean, within 15 % and 2 ms
  // Of an event, what is not its payload, which an echo carries twice. Nothing of who is so late
  // that it has not sent all events by the end of the block.
  std::optional<double> bytes_around(std::uint64_t event_size) const noexcept;
};

// Of the means of rounds in which both were measured, `arm` over `reference`. Nothing when there
// was none. Source: see measure::paired_ratio().
std::optional<measure::Interval> ratio_of(const ArmReport& arm, const ArmReport& reference,
                                          std::uint64_t seed);

struct ReportOptions {
  bool discard_noisy = false;  // leave out flagged blocks
};

struct BenchReport {
  BenchRun run = {};
  ReportOptions options = {};
  std::vector<ArmReport> arms = {};  // as in the run
  double noise_floor = 1;            // a factor: what WebSocket differs from itself
  bool has_control = false;          // a round had both; otherwise the floor is not known
  std::size_t compared_rounds = 0;   // in which an arm and WebSocket were measured: the fewest
  std::size_t rounds = 0;            // that were completed, at least in part
  std::size_t flagged_blocks = 0;
  double max_hiccup = 0;                    // seconds
  std::optional<double> lateness_p99 = {};  // seconds: how late the feed was
  double max_lateness = 0;                  // seconds: at worst
  double feed_rate = 0;                     // events a second, of the arms that read the feed
  bool is_other_feed = false;               // a server elsewhere makes events at another rate
  bool has_other_gaps = false;              // at equal gaps, not at random, or the other way round

  const ArmReport* find(std::string_view name) const noexcept;
};

BenchReport make_report(BenchRun run, const ReportOptions& options = {});

// What intervals of so few rounds are worth, as a sentence; nothing from 20 on.
std::string doubt_of(std::size_t rounds);

// A few sentences for a person, each computed from the report; with or without the one that holds
// the means against theory.
std::string verdict(const BenchReport& report, bool with_theory = true);

// Why the expectations of --check do not hold, or nothing: WebSocket before long polling before
// short polling, and every mean as predicted.
std::optional<std::string> missed_expectation(const BenchReport& report);

// Nothing was delivered in some arm, or WebSocket differs from itself by more than a fifth.
bool is_inconclusive(const BenchReport& report);

}  // namespace duplex::tools
