// Packets that are on their way: kept until they are due. Pure.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "link_model.h"

namespace duplex::tools::wire {

// What one direction has done. Written by the emulator, read by whoever shares the memory.
struct LinkCounters {
  std::atomic<std::uint64_t> packets_in = 0;
  std::atomic<std::uint64_t> bytes_in = 0;
  std::atomic<std::uint64_t> packets_out = 0;  // with doubles
  std::atomic<std::uint64_t> bytes_out = 0;
  std::atomic<std::uint64_t> doubled = 0;
  std::array<std::atomic<std::uint64_t>, fate_names.size()> fates = {};
  std::atomic<std::uint64_t> on_the_way = 0;
  std::atomic<std::uint64_t> refused = 0;  // the receiving stack did not take it
  std::atomic<std::int64_t> latest = 0;  // nanoseconds: how late a packet was handed over at worst

  std::uint64_t dropped() const noexcept;
};

// One direction with its packets. Owner and thread: the emulator's. `counters` must outlive it.
class DelayLine {
 public:
  // More packets are dropped: 100 MB of the usual size.
  static constexpr std::size_t max_packets = 65'536;

  DelayLine(const LinkOptions& link, std::uint64_t seed, LinkCounters& counters)
      : model_(link, seed), counters_(counters) {}

  // A packet has come; it is copied.
  void put(Nanoseconds now, std::span<const std::byte> packet);
  // When the next one is due; nothing while none is on its way.
  std::optional<Nanoseconds> next_due() const noexcept;
  // Hands over what is due, oldest first: `deliver(packet)` is false when the far end takes none.
  template <class Deliver>
  void take_due(Nanoseconds now, Deliver deliver);

 private:
  struct Held {
    Nanoseconds due;
    std::uint64_t number;  // those that are due together keep their order
    std::vector<std::byte> packet;
  };
  static bool is_later(const Held& a, const Held& b) noexcept {
    return std::pair(a.due, a.number) > std::pair(b.due, b.number);
  }
  void hold(Nanoseconds due, std::span<const std::byte> packet);
  Held take_first();
  void count_out(const Held& held, Nanoseconds now, bool taken);

  LinkModel model_;
  LinkCounters& counters_;
  std::vector<Held> heap_;
  std::uint64_t next_number_ = 0;
};

template <class Deliver>
void DelayLine::take_due(Nanoseconds now, Deliver deliver) {
  while (!heap_.empty() && heap_.front().due <= now) {
    const Held held = take_first();
    count_out(held, now, deliver(std::span<const std::byte>(held.packet)));
  }
}

}  // namespace duplex::tools::wire
