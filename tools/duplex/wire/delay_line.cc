// Packets that are on their way.
#include "delay_line.h"

#include <algorithm>

namespace duplex::tools::wire {

std::uint64_t LinkCounters::dropped() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& fate : fates) sum += fate;
  return sum - fates[static_cast<std::size_t>(Fate::carried)];
}

void DelayLine::put(Nanoseconds now, std::span<const std::byte> packet) {
  ++counters_.packets_in;
  counters_.bytes_in += packet.size();
  const Passage passage = model_.pass(now, packet.size());
  const bool is_full = heap_.size() + passage.arrival_count > max_packets;
  const Fate fate = is_full ? Fate::overflow : passage.fate;
  ++counters_.fates[static_cast<std::size_t>(fate)];
  if (fate != Fate::carried) return;
  for (std::size_t i = 0; i < passage.arrival_count; ++i) hold(passage.arrivals[i], packet);
  counters_.doubled += passage.arrival_count - 1;
}

std::optional<Nanoseconds> DelayLine::next_due() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

void DelayLine::hold(Nanoseconds due, std::span<const std::byte> packet) {
  heap_.push_back({due, next_number_++, {packet.begin(), packet.end()}});
  std::push_heap(heap_.begin(), heap_.end(), is_later);
  ++counters_.on_the_way;
}

DelayLine::Held DelayLine::take_first() {
  std::pop_heap(heap_.begin(), heap_.end(), is_later);
  Held first = std::move(heap_.back());
  heap_.pop_back();
  return first;
}

void DelayLine::count_out(const Held& held, Nanoseconds now, bool taken) {
  --counters_.on_the_way;
  if (!taken) {
    ++counters_.refused;
    return;
  }
  ++counters_.packets_out;
  counters_.bytes_out += held.packet.size();
  const std::int64_t late = (now - held.due).count();
  if (late > counters_.latest) counters_.latest = late;
}

}  // namespace duplex::tools::wire
