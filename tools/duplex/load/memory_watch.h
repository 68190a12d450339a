// How a server's memory goes while it is under load. Pure: it is told the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace duplex::tools {

// The straight line through samples that has the least squares of distances to them.
class MemorySlope {
 public:
  void add(double seconds, double bytes) noexcept;
  // Bytes per second; nothing for fewer than two samples, or all at the same time.
  std::optional<double> per_second() const noexcept;
  double count() const noexcept { return count_; }

 private:
  double count_ = 0;
  double mean_time_ = 0;  // seconds
  double mean_bytes_ = 0;
  double time_squares_ = 0;  // of distances from the mean
  double products_ = 0;      // of both distances
};

class MemoryWatch {
 public:
  static constexpr int fewest_samples = 10;
  static constexpr std::chrono::seconds shortest_span{1};  // from the start to the last sample

  // The server's resident memory in bytes; nothing when there is no such process.
  using Read = std::function<std::optional<std::uint64_t>()>;

  // `duration` of the load: a sample each second, or 20 of them if it is shorter than that.
  MemoryWatch(std::chrono::nanoseconds duration, Read read);

  // Takes a sample. Returns how long to wait for the next one; nothing when the load is over.
  std::optional<std::chrono::nanoseconds> look(std::chrono::nanoseconds since_start);
  // Bytes per second; nothing for what would be noise: few samples, or all within a moment.
  std::optional<double> per_second() const noexcept;

 private:
  std::chrono::nanoseconds duration_;
  Read read_;
  MemorySlope slope_;
  std::chrono::nanoseconds last_ = {};  // sample, since the start
};

}  // namespace duplex::tools
