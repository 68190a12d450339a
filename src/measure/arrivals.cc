// Schedules: multiples of the period, or exponential gaps by inverse transform.
#include "measure/arrivals.h"

#include <cassert>
#include <cmath>

namespace duplex::measure {
namespace {

std::chrono::nanoseconds rounded(double nanoseconds) {
  return std::chrono::nanoseconds(std::llround(nanoseconds));
}

}  // namespace

Schedule::Schedule(ScheduleOptions options, Random random) : options_(options), random_(random) {
  assert(options.rate > 0);
}

std::chrono::nanoseconds Schedule::next() noexcept {
  if (options_.arrivals == Arrivals::poisson) {
    elapsed_ += random_.exponential(options_.rate) * 1e9;
    return options_.phase + rounded(elapsed_);
  }
  // Multiplied, not added up: a rounded period would drift.
  return options_.phase + rounded(static_cast<double>(drawn_++) * 1e9 / options_.rate);
}

std::vector<std::chrono::nanoseconds> draw_schedule(const ScheduleOptions& options, Random random,
                                                    std::size_t count) {
  Schedule schedule(options, random);
  std::vector<std::chrono::nanoseconds> instants(count);
  for (auto& instant : instants) instant = schedule.next();
  return instants;
}

std::chrono::nanoseconds random_phase(std::chrono::nanoseconds period, Random& random) {
  assert(period.count() > 0);
  return std::chrono::nanoseconds(random.below(static_cast<std::uint64_t>(period.count())));
}

}  // namespace duplex::measure
