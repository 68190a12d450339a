// The link in virtual time: packets in, departures out. Pure: the time and the seed are arguments,
// so that every run is repeatable.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "link_options.h"
#include "measure/random.h"

namespace duplex::tools::wire {

using Nanoseconds = std::chrono::nanoseconds;  // since any instant, the same for all calls

// What became of a packet.
enum class Fate : std::uint8_t { carried, lost, queue_full, outage, overflow };
inline constexpr std::array<const char*, 5> fate_names = {"carried", "lost", "queue_full", "outage",
                                                          "overflow"};

struct Passage {
  Fate fate = Fate::carried;
  // When the last bit is at the far end; twice where the packet was doubled.
  std::array<Nanoseconds, 2> arrivals = {};
  std::size_t arrival_count = 0;
};

// A chain of two states that takes a step with each packet.
class LossProcess {
 public:
  explicit LossProcess(const LossOptions& options) : options_(options) {}
  bool loses_next(measure::Random& random);

 private:
  LossOptions options_;
  bool is_bad_ = false;
};

// One bit after the other: a packet waits until those before it have been sent.
class Transmitter {
 public:
  explicit Transmitter(const LinkOptions& link) : link_(link) {}
  // When the last bit leaves; nothing when the queue is full. Times never go back.
  std::optional<Nanoseconds> send(Nanoseconds now, std::size_t size);

 private:
  Nanoseconds time_for(std::uint64_t size) const noexcept;

  const LinkOptions& link_;
  Nanoseconds free_{0};
};

// One direction of a link. Owner: whoever moves the packets; one thread. `link` is copied.
class LinkModel {
 public:
  LinkModel(const LinkOptions& link, std::uint64_t seed);
  LinkModel(const LinkModel&) = delete;
  LinkModel& operator=(const LinkModel&) = delete;

  // A packet of `size` bytes is at the near end at `now`, counted from the link's first instant.
  // `now` never goes back.
  Passage pass(Nanoseconds now, std::size_t size);

 private:
  Nanoseconds draw_delay();
  Nanoseconds arrival_of(Nanoseconds sent);

  LinkOptions link_;
  measure::Random random_;
  LossProcess loss_;
  Transmitter transmitter_;
  Nanoseconds latest_{0};  // arrival of what keeps the order
};

}  // namespace duplex::tools::wire
