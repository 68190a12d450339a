// Puts the segments of one direction in order.
#include "tcp_stream.h"

#include <utility>

namespace duplex::tools::trace {

using Kind = Arrival::Kind;

void TcpStream::start(std::uint32_t sequence) noexcept {
  started_ = true;
  next_ = sequence;
}

Arrival TcpStream::receive(std::uint32_t sequence, Bytes payload) {
  Arrival arrival;
  if (payload.empty()) return arrival;
  const std::int64_t distance = sequence_distance(next_, sequence);
  if (distance > 0) {
    arrival.missing = static_cast<std::size_t>(distance);
    arrival.kind = keep(place_ + arrival.missing, payload) ? Kind::ahead : Kind::too_far;
    return arrival;
  }
  const auto known = static_cast<std::size_t>(-distance);
  if (known >= payload.size()) {
    arrival.kind = Kind::retransmitted;
    return arrival;
  }
  arrival.kind = known == 0 ? Kind::in_order : Kind::overlapping;
  const Bytes fresh = payload.subspan(known);
  arrival.ready.assign(fresh.begin(), fresh.end());
  next_ += static_cast<std::uint32_t>(fresh.size());
  place_ += fresh.size();
  take_waiting(arrival);
  return arrival;
}

// Until what is missing before it has come. False when there is no room.
bool TcpStream::keep(std::uint64_t place, Bytes payload) {
  const auto found = waiting_.find(place);
  const std::size_t known = found == waiting_.end() ? 0 : found->second.size();
  if (known >= payload.size()) return true;
  if (waiting_size_ + payload.size() - known > max_waiting) return false;
  waiting_size_ += payload.size() - known;
  waiting_[place].assign(payload.begin(), payload.end());
  return true;
}

// What waited and is due now, or has come meanwhile.
void TcpStream::take_waiting(Arrival& arrival) {
  while (!waiting_.empty() && waiting_.begin()->first <= place_) {
    const auto& [place, bytes] = *waiting_.begin();
    const std::size_t known = static_cast<std::size_t>(place_ - place);
    arrival.filled_gap = true;
    if (known < bytes.size()) {
      const Bytes fresh = Bytes(bytes).subspan(known);
      arrival.ready.insert(arrival.ready.end(), fresh.begin(), fresh.end());
      next_ += static_cast<std::uint32_t>(fresh.size());
      place_ += fresh.size();
    }
    waiting_size_ -= bytes.size();
    waiting_.erase(waiting_.begin());
  }
}

std::size_t TcpStream::skip_to(std::uint32_t sequence) noexcept {
  const std::int32_t distance = sequence_distance(next_, sequence);
  if (!started_ || distance <= 0) return 0;
  next_ = sequence;
  place_ += static_cast<std::size_t>(distance);
  waiting_.clear();
  waiting_size_ = 0;
  return static_cast<std::size_t>(distance);
}

}  // namespace duplex::tools::trace
