// One block of a bench.
#include "block.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "../feed_event.h"
#include "measure/histogram_payload.h"
#include "measure/statistics.h"

namespace duplex::tools {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view call_prefix = "duplex_syscalls_total{call=\"";

double seconds(nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

std::vector<double> in_seconds(std::span<const nanoseconds> sample) {
  std::vector<double> all(sample.size());
  std::transform(sample.begin(), sample.end(), all.begin(), seconds);
  return all;
}

std::string encoded(const std::vector<nanoseconds>& sample) {
  measure::Histogram histogram(latency_limits);
  for (const nanoseconds each : sample) histogram.record(std::max<std::int64_t>(each.count(), 0));
  return measure::encode_histogram(histogram);
}

// What is known of an event: when it was generated, and until when it has been the newest.
struct Known {
  nanoseconds generated{0};
  nanoseconds newest_until{0};
};

// Evenly spaced instants of so many steps less one, between two; fewer when there would be more
// than a million of all, as ids are what a peer makes them.
void add_between(nanoseconds from, nanoseconds to, std::uint64_t steps,
                 std::vector<nanoseconds>& instants) {
  constexpr std::uint64_t most = 1'000'000;
  steps = std::min(steps, most - std::min<std::uint64_t>(instants.size(), most));
  const auto whole = static_cast<double>((to - from).count());
  for (std::uint64_t i = 1; i < steps; ++i) {
    const double part = whole * static_cast<double>(i) / static_cast<double>(steps);
    instants.push_back(from + nanoseconds(std::llround(part)));
  }
}

}  // namespace

Costs& Costs::operator+=(const Costs& other) {
  bytes += other.bytes;
  requests += other.requests;
  system_calls += other.system_calls;
  cpu_seconds += other.cpu_seconds;
  for (const auto& [name, count] : other.calls) calls[name] += count;
  return *this;
}

Costs& Costs::operator-=(const Costs& other) {
  bytes -= other.bytes;
  requests -= other.requests;
  system_calls -= other.system_calls;
  cpu_seconds -= other.cpu_seconds;
  for (const auto& [name, count] : other.calls) calls[name] -= count;
  return *this;
}

Costs costs_of(const std::map<std::string, double>& samples) {
  const auto value = [&samples](const std::string& name) {
    const auto found = samples.find(name);
    return found == samples.end() ? 0.0 : found->second;
  };
  Costs costs;
  // What waits to be written was made by then, as its events were.
  costs.bytes = value("duplex_bytes_received_total") + value("duplex_bytes_sent_total") +
                value("duplex_queued_bytes");
  costs.requests = value("duplex_requests_total");
  costs.cpu_seconds = value("process_cpu_seconds_total");
  for (const auto& [name, count] : samples) {
    if (!name.starts_with(call_prefix)) continue;
    costs.system_calls += count;
    costs.calls[name.substr(call_prefix.size(), name.rfind('"') - call_prefix.size())] = count;
  }
  return costs;
}

void Block::set_latencies(std::vector<nanoseconds> latencies) {
  latency = encoded(latencies);
  delivery_count = latencies.size();
  if (latencies.empty()) return;
  std::sort(latencies.begin(), latencies.end());
  const std::vector<double> sample = in_seconds(latencies);
  mean = measure::mean(sample);
  p50 = measure::sorted_quantile(sample, 0.5);
  p95 = measure::sorted_quantile(sample, 0.95);
  max = sample.back();
}

void Block::set_lateness(const std::vector<nanoseconds>& each) { lateness = encoded(each); }

bool is_noisy(const Block& block) noexcept {
  constexpr double step = 0.001;
  return block.noise.hiccup > std::max(5 * block.p50, step);
}

void BlockRecorder::deliver(std::size_t client, std::string_view lines, nanoseconds received) {
  for_each_line(lines, [&](std::string_view line) {
    const auto event = decode_event(line);
    if (!event) return;
    // By clocks that are known to an error alone, some would arrive before they were meant.
    const nanoseconds generated = event->generated - ahead_;
    clients_[client].deliveries.push_back({.id = event->id,
                                           .generated = std::min(generated, received),
                                           .emitted = event->emitted - ahead_,
                                           .received = received,
                                           .size = line.size()});
    clients_[client].newest = std::max(clients_[client].newest, event->id);
  });
}

bool BlockRecorder::all_have(std::uint64_t id) const noexcept {
  return std::all_of(clients_.begin(), clients_.end(),
                     [id](const Client& client) { return client.newest >= id; });
}

bool BlockRecorder::has_foreign_clock(std::uint64_t first, nanoseconds asked,
                                      nanoseconds slack) const noexcept {
  const auto is_foreign = [&](const Delivery& delivery) {
    return delivery.received + slack < delivery.emitted ||
           (delivery.id > first && delivery.emitted + slack < asked);
  };
  return std::ranges::any_of(clients_, [&](const Client& client) {
    return std::ranges::any_of(client.deliveries, is_foreign);
  });
}

void BlockRecorder::finish(std::uint64_t first, std::uint64_t last, const measure::Window& window,
                           Block& block) const {
  block.event_count = last - first;
  std::vector<nanoseconds> latencies;
  std::vector<nanoseconds> lateness;
  std::vector<double> deviations;
  std::set<std::uint64_t> events;  // whose lateness has been taken
  for (const Client& client : clients_) {
    const std::size_t before = latencies.size();
    std::set<std::uint64_t> seen;
    for (const Delivery& delivery : client.deliveries) {
      if (delivery.id <= first || delivery.id > last) continue;
      if (!seen.insert(delivery.id).second) {
        ++block.duplicates;
        continue;
      }
      latencies.push_back(delivery.received - delivery.generated);
      if (events.insert(delivery.id).second) {
        lateness.push_back(delivery.emitted - delivery.generated);
      }
    }
    block.missing += block.event_count - seen.size();
    if (seen.size() < 2) continue;
    deviations.push_back(measure::stddev(in_seconds(std::span(latencies).subspan(before))));
  }
  if (!deviations.empty()) block.client_deviation = measure::median(std::move(deviations));
  block.set_latencies(std::move(latencies));
  block.set_lateness(lateness);
  block.freshness = freshness(window);
  if (block.round == 0) block.sawtooth = sawtooth(window);
}

// Events that nobody got, as they were out of date before a client asked, are taken to lie evenly
// between their neighbours. Events at random: behind the last answer that had the one before them
// as the newest; it has been on its way for as long as the quickest.
std::vector<nanoseconds> BlockRecorder::generated() const {
  std::map<std::uint64_t, Known> known;
  nanoseconds quickest = nanoseconds::max();
  for (const Client& client : clients_) {
    for (const Delivery& each : client.deliveries) {
      Known& event = known[each.id];
      event.generated = each.generated;
      event.newest_until = std::max(event.newest_until, each.received);
      quickest = std::min(quickest, each.received - each.generated);
    }
  }
  std::vector<nanoseconds> instants;
  for (auto next = known.begin(); next != known.end(); ++next) {
    const auto& [id, event] = *next;
    instants.push_back(event.generated);
    const auto after = std::next(next);
    if (after == known.end()) break;
    const nanoseconds end = after->second.generated;
    const nanoseconds answered = std::max(event.newest_until - quickest, event.generated);
    const nanoseconds from = at_random_ ? std::min(answered, end) : event.generated;
    add_between(from, end, after->first - id, instants);
  }
  std::ranges::sort(instants);
  return instants;
}

std::vector<measure::Delivery> BlockRecorder::received_by(const Client& client) {
  std::vector<measure::Delivery> deliveries;
  for (const Delivery& each : client.deliveries) {
    deliveries.push_back({.received = each.received, .generated = each.generated});
  }
  return deliveries;
}

// Of the first client; a drawing of more teeth than that would be black.
std::vector<measure::Refresh> BlockRecorder::sawtooth(const measure::Window& window) const {
  constexpr std::size_t most = 300;
  auto teeth = measure::age_sawtooth(received_by(clients_.front()), window);
  if (teeth.size() > most) teeth.resize(most);
  return teeth;
}

// A client counts from the first event that it holds.
std::optional<Freshness> BlockRecorder::freshness(const measure::Window& window) const {
  const std::vector<nanoseconds> instants = generated();
  Freshness sum;
  double clients = 0;
  for (const Client& client : clients_) {
    const std::vector<measure::Delivery> deliveries = received_by(client);
    if (deliveries.empty()) continue;
    const measure::Window held = {.begin = std::max(window.begin, deliveries.front().received),
                                  .end = window.end};
    if (held.begin >= held.end) continue;
    const measure::AgeReport age = measure::age_of_information(deliveries, held);
    sum.mean_age += age.mean.count();
    sum.peak_age += age.mean_peak.count();
    sum.fresh_share += measure::binary_freshness(deliveries, instants, held);
    ++clients;
  }
  if (clients == 0) return std::nullopt;
  return Freshness{.mean_age = sum.mean_age / clients,
                   .peak_age = sum.peak_age / clients,
                   .fresh_share = sum.fresh_share / clients};
}

BlockRecorder::Received BlockRecorder::received_within(
    const measure::Window& window) const noexcept {
  Received sum;
  for (const Client& client : clients_) {
    for (const Delivery& each : client.deliveries) {
      if (each.received < window.begin || each.received >= window.end) continue;
      ++sum.count;
      sum.bytes += each.size;
    }
  }
  return sum;
}

std::optional<nanoseconds> BlockRecorder::first_received(std::size_t client) const noexcept {
  const auto& deliveries = clients_[client].deliveries;
  if (deliveries.empty()) return std::nullopt;
  return deliveries.front().received;
}

std::vector<nanoseconds> BlockRecorder::take_latencies() {
  std::vector<nanoseconds> latencies;
  for (Client& client : clients_) {
    for (; client.taken < client.deliveries.size(); ++client.taken) {
      const Delivery& each = client.deliveries[client.taken];
      latencies.push_back(each.received - each.generated);
    }
  }
  return latencies;
}

}  // namespace duplex::tools
