// A histogram of constant relative precision, bucket for bucket that of HdrHistogram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace duplex::measure {

struct HistogramLimits {
  std::int64_t lowest = 1;                // smallest value told apart from 0, at least 1
  std::int64_t highest = 60'000'000'000;  // largest value that must fit: a minute in nanoseconds
  int digits = 3;                         // significant decimal digits kept, 1 to 5
  friend bool operator==(const HistogramLimits&, const HistogramLimits&) = default;
};

// Counts of 64 bits in buckets whose width doubles as values grow; memory is fixed at construction
// and record() never allocates. Owner: whoever measures; one thread at a time. No views are given.
class Histogram {
 public:
  // The limits must be possible.
  explicit Histogram(HistogramLimits limits = {});

  // Counts `value` `count` times. False, and counted in refused(), if it is negative or too large.
  bool record(std::int64_t value, std::int64_t count = 1);
  // For a closed loop that should have sampled every `expected_interval` but was held up: also
  // counts the samples that the delay swallowed. Never use it where latency already starts at the
  // intended instant. An interval of 0 or less adds nothing.
  bool record_corrected(std::int64_t value, std::int64_t expected_interval);
  // Adds all counts of `other`; what does not fit here is refused. True if everything fitted.
  bool add(const Histogram& other);
  void reset();

  std::int64_t total() const noexcept { return total_; }
  std::int64_t refused() const noexcept { return refused_; }
  std::int64_t min() const noexcept;  // 0 when empty, as the next three
  std::int64_t max() const noexcept;
  double mean() const noexcept;
  double stddev() const noexcept;  // of the population
  // The largest value equivalent to the one at that rank (at 0 the smallest). 0 when empty.
  std::int64_t value_at_percentile(double percentile) const noexcept;
  // The same by rank, 1 to total().
  std::int64_t value_at_rank(std::int64_t rank) const noexcept;
  std::int64_t count_at(std::int64_t value) const noexcept;

  // Values that share a counter are equivalent.
  std::int64_t lowest_equivalent(std::int64_t value) const noexcept;
  std::int64_t highest_equivalent(std::int64_t value) const noexcept;
  std::int64_t median_equivalent(std::int64_t value) const noexcept;

  // Calls visit(lowest value, highest value, count) for each counter in use, ascending.
  template <class Visit>
  void for_each(Visit visit) const;

  // Counters by index, below counts_size(): the encoded form of a histogram lists them so.
  std::int64_t count_at_index(std::size_t index) const noexcept { return counts_[index]; }
  std::int64_t value_at_index(std::size_t index) const noexcept;  // the lowest one it counts

  // What the constructor takes: limits from elsewhere have to be asked about first.
  static bool is_possible(const HistogramLimits& limits) noexcept;

  const HistogramLimits& limits() const noexcept { return limits_; }
  int bucket_count() const noexcept { return bucket_count_; }
  int sub_bucket_count() const noexcept { return sub_bucket_count_; }
  std::size_t counts_size() const noexcept { return counts_.size(); }

 private:
  int bucket_of(std::int64_t value) const noexcept;
  std::size_t index_of(std::int64_t value) const noexcept;
  std::int64_t width_at(std::int64_t value) const noexcept;
  bool fits(std::int64_t value) const noexcept;

  HistogramLimits limits_;
  int unit_magnitude_ = 0;
  int half_magnitude_ = 0;
  int sub_bucket_count_ = 0;
  std::int64_t sub_bucket_mask_ = 0;
  int bucket_count_ = 0;
  std::vector<std::int64_t> counts_;
  std::int64_t total_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t smallest_ = 0;
  std::int64_t largest_ = 0;
};

template <class Visit>
void Histogram::for_each(Visit visit) const {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const std::int64_t value = value_at_index(i);
    visit(value, highest_equivalent(value), counts_[i]);
  }
}

}  // namespace duplex::measure
