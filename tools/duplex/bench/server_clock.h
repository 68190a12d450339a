// How far the clock of a server elsewhere is from ours, by its own answers. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace duplex::tools {

// A question for the time, all instants of CLOCK_MONOTONIC since its epoch: ours, theirs, ours.
struct ClockReading {
  std::chrono::nanoseconds asked{0};
  std::chrono::nanoseconds said{0};
  std::chrono::nanoseconds answered{0};
};

// Of a run against a server whose clock is not ours.
struct ForeignClock {
  double ahead = 0;  // seconds: theirs of ours, at the end
  double error = 0;  // seconds: what a one-way time may be wrong by
  std::uint64_t comparisons = 0;
};

// Owner: the runner of a bench. The server said its time between question and answer: it is half
// the round trip from the middle at most, so the quickest answer of a comparison says most.
class ServerClock {
 public:
  static constexpr std::chrono::seconds interval{5};  // from one comparison to the next

  // One comparison; `readings` are not empty. The first one finds out whose clock it is: one in
  // which no two instants can be told apart is ours.
  void compare(std::span<const ClockReading> readings);
  // A foreign one, and long enough since the last comparison. Clocks drift.
  bool is_due(std::chrono::nanoseconds now) const noexcept;

  bool is_foreign() const noexcept { return foreign_; }
  std::chrono::nanoseconds ahead() const noexcept { return foreign_ ? ahead_ : ahead_.zero(); }
  // Half of the longest of the quickest round trips, and the most that the clock has moved from one
  // comparison to the next; 0 for our own clock.
  std::chrono::nanoseconds error() const noexcept;
  std::optional<ForeignClock> summary() const noexcept;  // nothing: it is ours

 private:
  bool foreign_ = false;
  std::chrono::nanoseconds ahead_{0};
  std::chrono::nanoseconds half_trip_{0};
  std::chrono::nanoseconds drift_{0};
  std::chrono::nanoseconds compared_{0};  // when, by our clock
  std::uint64_t comparisons_ = 0;
};

}  // namespace duplex::tools
