// What the lanes of a race cost.
#include "lane_usage.h"

#include <algorithm>
#include <utility>

namespace duplex::tools::lab {
namespace {

// Counters of 32 bits may wrap.
std::uint32_t since(std::uint32_t now, std::uint32_t before) noexcept { return now - before; }

std::uint32_t bare_received(const net::TcpInfo& info) noexcept {
  return info.segments_received - info.data_segments_received;
}
std::uint32_t bare_sent(const net::TcpInfo& info) noexcept {
  return info.segments_sent - info.data_segments_sent;
}

void add_received(LaneUsage& lane, const net::TcpInfo& now, const net::TcpInfo& last) noexcept {
  lane.bytes_received += now.bytes_received - last.bytes_received;
  lane.data_segments += since(now.data_segments_received, last.data_segments_received);
}

void add_the_rest(LaneUsage& lane, const net::TcpInfo& now, const net::TcpInfo& last) noexcept {
  lane.bytes_sent += now.bytes_sent - last.bytes_sent;
  lane.data_segments += since(now.data_segments_sent, last.data_segments_sent);
  lane.bare_segments += since(bare_sent(now), bare_sent(last));
  lane.bare_segments += since(bare_received(now), bare_received(last));
}

}  // namespace

void LaneUsage::add(const LaneUsage& other) noexcept {
  requests += other.requests;
  bytes_received += other.bytes_received;
  bytes_sent += other.bytes_sent;
  data_segments += other.data_segments;
  bare_segments += other.bare_segments;
}

void WireLedger::note(endpoint::ExchangeId exchange, const net::TcpInfo& now,
                      std::shared_ptr<LaneUsage> lane) {
  ++lane->requests;
  const auto found = entries_.find(exchange.connection);
  if (found == entries_.end()) {
    make_room();
  } else {
    add_received(*lane, now, found->second.last);
    add_the_rest(*found->second.lane, now, found->second.last);
  }
  entries_[exchange.connection] = {
      .lane = std::move(lane), .last = now, .request = exchange.request, .used = ++note_count_};
}

void WireLedger::refresh(endpoint::ConnectionId connection, const net::TcpInfo& now) {
  const auto found = entries_.find(connection);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  add_received(*entry.lane, now, entry.last);
  add_the_rest(*entry.lane, now, entry.last);
  entry.last = now;
}

void WireLedger::make_room() {
  if (entries_.size() < max_connections_) return;
  entries_.erase(
      std::min_element(entries_.begin(), entries_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
}

}  // namespace duplex::tools::lab
