// One block of a bench.
#include "block.h"

#include <algorithm>
#include <set>

#include "../feed_event.h"

namespace duplex::tools {

Costs& Costs::operator+=(const Costs& other) noexcept {
  bytes += other.bytes;
  requests += other.requests;
  system_calls += other.system_calls;
  cpu_seconds += other.cpu_seconds;
  return *this;
}

Costs& Costs::operator-=(const Costs& other) noexcept {
  bytes -= other.bytes;
  requests -= other.requests;
  system_calls -= other.system_calls;
  cpu_seconds -= other.cpu_seconds;
  return *this;
}

Costs costs_of(const std::map<std::string, double>& samples) {
  const auto value = [&samples](const std::string& name) {
    const auto found = samples.find(name);
    return found == samples.end() ? 0.0 : found->second;
  };
  Costs costs;
  costs.bytes = value("duplex_bytes_received_total") + value("duplex_bytes_sent_total");
  costs.requests = value("duplex_requests_total");
  costs.cpu_seconds = value("process_cpu_seconds_total");
  for (const auto& [name, count] : samples) {
    if (name.starts_with("duplex_syscalls_total{")) costs.system_calls += count;
  }
  return costs;
}

double Block::mean_latency() const {
  if (latency.empty()) return 0;
  std::chrono::duration<double> sum{0};
  for (const auto each : latency) sum += each;
  return sum.count() / static_cast<double>(latency.size());
}

void BlockRecorder::deliver(std::size_t client, std::string_view lines,
                            std::chrono::nanoseconds received) {
  for_each_line(lines, [&](std::string_view line) {
    const auto event = decode_event(line);
    if (!event) return;
    clients_[client].deliveries.push_back({.id = event->id,
                                           .latency = received - event->generated,
                                           .lateness = event->emitted - event->generated});
    clients_[client].newest = std::max(clients_[client].newest, event->id);
  });
}

bool BlockRecorder::all_have(std::uint64_t id) const noexcept {
  return std::all_of(clients_.begin(), clients_.end(),
                     [id](const Client& client) { return client.newest >= id; });
}

void BlockRecorder::finish(std::uint64_t first, std::uint64_t last, Block& block) const {
  block.event_count = last - first;
  std::set<std::uint64_t> events;  // whose lateness has been taken
  for (const Client& client : clients_) {
    std::set<std::uint64_t> seen;
    for (const Delivery& delivery : client.deliveries) {
      if (delivery.id <= first || delivery.id > last) continue;
      if (!seen.insert(delivery.id).second) {
        ++block.duplicates;
        continue;
      }
      block.latency.push_back(delivery.latency);
      if (events.insert(delivery.id).second) block.lateness.push_back(delivery.lateness);
    }
    block.missing += block.event_count - seen.size();
  }
}

}  // namespace duplex::tools
