// How far the clock of a server elsewhere is from ours.
#include "server_clock.h"

#include <algorithm>

namespace duplex::tools {
namespace {

using std::chrono::nanoseconds;

nanoseconds round_trip(const ClockReading& reading) { return reading.answered - reading.asked; }

double seconds(nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void ServerClock::compare(std::span<const ClockReading> readings) {
  const ClockReading& best = *std::ranges::min_element(readings, {}, round_trip);
  const nanoseconds half = round_trip(best) / 2;
  const nanoseconds ahead = best.said - (best.asked + half);
  if (comparisons_++ == 0) {
    foreign_ = std::chrono::abs(ahead) > half + nanoseconds(1);  // halves are rounded
  } else {
    drift_ = std::max(drift_, std::chrono::abs(ahead - ahead_));
  }
  ahead_ = ahead;
  half_trip_ = std::max(half_trip_, half);
  compared_ = readings.back().answered;
}

bool ServerClock::is_due(nanoseconds now) const noexcept {
  return foreign_ && now - compared_ >= interval;
}

nanoseconds ServerClock::error() const noexcept {
  return foreign_ ? half_trip_ + drift_ : nanoseconds(0);
}

std::optional<ForeignClock> ServerClock::summary() const noexcept {
  if (!foreign_) return std::nullopt;
  return ForeignClock{
      .ahead = seconds(ahead_), .error = seconds(error()), .comparisons = comparisons_};
}

}  // namespace duplex::tools
