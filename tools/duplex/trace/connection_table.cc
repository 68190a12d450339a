// Sorts packets by the two ends of their connection.
#include "connection_table.h"

#include <algorithm>

namespace duplex::tools::trace {
namespace {

std::array<std::uint8_t, 18> end_of(const net::Address& address) {
  std::array<std::uint8_t, 18> end = {};
  const auto ip = address.ip();
  std::copy(ip.begin(), ip.end(), end.begin());
  end[16] = static_cast<std::uint8_t>(address.port() >> 8);
  end[17] = static_cast<std::uint8_t>(address.port() & 0xFF);
  return end;
}

}  // namespace

ConnectionTable::Ends ConnectionTable::ends_of(const Packet& packet) {
  auto low = end_of(packet.from);
  auto high = end_of(packet.to);
  if (high < low) std::swap(low, high);
  Ends ends = {};
  std::copy(low.begin(), low.end(), ends.begin());
  std::copy(high.begin(), high.end(), ends.begin() + low.size());
  return ends;
}

std::size_t ConnectionTable::find(const Packet& packet) {
  const Ends ends = ends_of(packet);
  const auto known = newest_.find(ends);
  const bool again = known == newest_.end() || begins_again(known->second, packet);
  const std::size_t index = again ? add(packet) : known->second;
  newest_[ends] = index;
  ++connections_[index].packet_count;
  courses_[index].ended = courses_[index].ended || packet.tcp.fin || packet.tcp.rst;
  return index;
}

bool ConnectionTable::begins_again(std::size_t index, const Packet& packet) const {
  const Course& course = courses_[index];
  const bool opening = packet.tcp.syn && !packet.tcp.ack;
  return opening && course.ended && packet.tcp.sequence != course.first_sequence;
}

bool ConnectionTable::sent_by_client(const Packet& packet) const {
  if (packet.tcp.syn) return !packet.tcp.ack;
  if (packet.to.port() == server_port_ || packet.from.port() == server_port_) {
    return packet.to.port() == server_port_;
  }
  return packet.to.port() <= packet.from.port();
}

std::size_t ConnectionTable::add(const Packet& packet) {
  const bool by_client = sent_by_client(packet);
  connections_.push_back({.client = by_client ? packet.from : packet.to,
                          .server = by_client ? packet.to : packet.from,
                          .from_start = packet.tcp.syn});
  courses_.push_back({.first_sequence = packet.tcp.sequence});
  return connections_.size() - 1;
}

}  // namespace duplex::tools::trace
