// How a server's memory goes while it is under load.
#include "memory_watch.h"

#include <algorithm>
#include <utility>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds longest_gap = 1s;
constexpr std::chrono::nanoseconds shortest_gap = 10ms;
constexpr int sample_count = 20;  // of a load that is shorter than that many seconds

}  // namespace

// Welford's way: sums of squares themselves would lose what is small beside them.
void MemorySlope::add(double seconds, double bytes) noexcept {
  ++count_;
  const double time_distance = seconds - mean_time_;
  mean_time_ += time_distance / count_;
  mean_bytes_ += (bytes - mean_bytes_) / count_;
  time_squares_ += time_distance * (seconds - mean_time_);
  products_ += time_distance * (bytes - mean_bytes_);
}

std::optional<double> MemorySlope::per_second() const noexcept {
  if (time_squares_ <= 0) return std::nullopt;
  return products_ / time_squares_;
}

MemoryWatch::MemoryWatch(std::chrono::nanoseconds duration, Read read)
    : duration_(duration), read_(std::move(read)) {}

std::optional<std::chrono::nanoseconds> MemoryWatch::look(std::chrono::nanoseconds since_start) {
  if (since_start > duration_) return std::nullopt;
  const auto size = read_();
  if (!size) return std::nullopt;
  last_ = since_start;
  slope_.add(std::chrono::duration<double>(since_start).count(), static_cast<double>(*size));
  return std::clamp(duration_ / sample_count, shortest_gap, longest_gap);
}

std::optional<double> MemoryWatch::per_second() const noexcept {
  if (slope_.count() < fewest_samples || last_ < shortest_span) return std::nullopt;
  return slope_.per_second();
}

}  // namespace duplex::tools
