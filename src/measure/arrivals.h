// When events shall happen: a schedule drawn beforehand, so that lateness shows up as latency.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "measure/random.h"

namespace duplex::measure {

enum class Arrivals {
  periodic,  // every 1 / rate exactly
  poisson,   // independent of each other: the gaps are exponential with mean 1 / rate
};

struct ScheduleOptions {
  Arrivals arrivals = Arrivals::poisson;
  double rate = 10;                   // events per second, above 0
  std::chrono::nanoseconds phase{0};  // when the schedule begins
};

// Yields the intended instants one after the other, as offsets from the start of the measurement.
// A periodic schedule has its first event at its phase; a Poisson one a random gap after it.
// Owner: the feed; one thread.
class Schedule {
 public:
  Schedule(ScheduleOptions options, Random random);
  std::chrono::nanoseconds next() noexcept;

 private:
  ScheduleOptions options_;
  Random random_;
  std::uint64_t drawn_ = 0;
  double elapsed_ = 0;  // of a Poisson schedule, in nanoseconds
};

// The first `count` instants.
std::vector<std::chrono::nanoseconds> draw_schedule(const ScheduleOptions& options, Random random,
                                                    std::size_t count);

// Uniform in [0, period): without it a poll can lock onto the phase of a periodic feed, and the
// result shows the instant of the start and nothing else.
std::chrono::nanoseconds random_phase(std::chrono::nanoseconds period, Random& random);

}  // namespace duplex::measure
