// The bucket layout of HdrHistogram: linear inside a bucket, each bucket twice as wide.
#include "measure/histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace duplex::measure {
namespace {

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

int width_in_bits(std::uint64_t value) { return static_cast<int>(std::bit_width(value)); }

// Enough sub-buckets that one unit in the last of `digits` digits is told apart.
int sub_bucket_magnitude(int digits) {
  std::uint64_t distinct = 2;
  for (int i = 0; i < digits; ++i) distinct *= 10;
  return width_in_bits(distinct - 1);
}

int buckets_needed(int magnitude, int sub_bucket_count, std::int64_t highest) {
  int buckets = 1;
  auto reach = bits(sub_bucket_count) << magnitude;
  for (; reach <= bits(highest); reach <<= 1) ++buckets;
  return buckets;
}

}  // namespace

Histogram::Histogram(HistogramLimits limits) : limits_(limits) {
  assert(is_possible(limits));
  const int magnitude = sub_bucket_magnitude(limits.digits);
  unit_magnitude_ = width_in_bits(bits(limits.lowest)) - 1;
  half_magnitude_ = magnitude - 1;
  sub_bucket_count_ = 1 << magnitude;
  sub_bucket_mask_ = (std::int64_t{sub_bucket_count_} - 1) << unit_magnitude_;
  bucket_count_ = buckets_needed(unit_magnitude_, sub_bucket_count_, limits.highest);
  counts_.resize((bits(bucket_count_) + 1) << half_magnitude_);
}

bool Histogram::is_possible(const HistogramLimits& limits) noexcept {
  return limits.lowest >= 1 && limits.digits >= 1 && limits.digits <= 5 &&
         limits.highest / 2 >= limits.lowest &&
         width_in_bits(bits(limits.lowest)) - 1 + sub_bucket_magnitude(limits.digits) <= 62;
}

int Histogram::bucket_of(std::int64_t value) const noexcept {
  return width_in_bits(bits(value | sub_bucket_mask_)) - unit_magnitude_ - half_magnitude_ - 1;
}

std::size_t Histogram::index_of(std::int64_t value) const noexcept {
  const int bucket = bucket_of(value);
  const std::uint64_t sub_bucket = bits(value) >> (bucket + unit_magnitude_);
  return (bits(bucket) << half_magnitude_) + sub_bucket;
}

std::int64_t Histogram::value_at_index(std::size_t index) const noexcept {
  // Only the first bucket uses its lower half; in the others it would repeat the bucket before.
  const std::size_t half = std::size_t{1} << half_magnitude_;
  const std::size_t bucket = std::max(index >> half_magnitude_, std::size_t{1}) - 1;
  return static_cast<std::int64_t>((index - bucket * half) << bucket) << unit_magnitude_;
}

std::int64_t Histogram::width_at(std::int64_t value) const noexcept {
  return std::int64_t{1} << (unit_magnitude_ + bucket_of(value));
}

bool Histogram::fits(std::int64_t value) const noexcept {
  return value >= 0 && index_of(value) < counts_.size();
}

bool Histogram::record(std::int64_t value, std::int64_t count) {
  assert(count > 0);
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (!fits(value) || count > most - total_) {
    refused_ += std::min(count, most - refused_);
    return false;
  }
  counts_[index_of(value)] += count;
  smallest_ = total_ == 0 ? value : std::min(smallest_, value);
  largest_ = std::max(largest_, value);
  total_ += count;
  return true;
}

bool Histogram::record_corrected(std::int64_t value, std::int64_t expected_interval) {
  if (!record(value)) return false;
  if (expected_interval <= 0) return true;
  for (auto missed = value - expected_interval; missed >= expected_interval;
       missed -= expected_interval) {
    record(missed);
  }
  return true;
}

bool Histogram::add(const Histogram& other) {
  bool all = true;
  other.for_each([&](std::int64_t value, std::int64_t, std::int64_t count) {
    all = record(value, count) && all;
  });
  refused_ += std::min(other.refused_, std::numeric_limits<std::int64_t>::max() - refused_);
  return all;
}

void Histogram::reset() {
  std::fill(counts_.begin(), counts_.end(), 0);
  total_ = refused_ = smallest_ = largest_ = 0;
}

std::int64_t Histogram::min() const noexcept { return lowest_equivalent(smallest_); }

std::int64_t Histogram::max() const noexcept {
  return total_ == 0 ? 0 : highest_equivalent(largest_);
}

double Histogram::mean() const noexcept {
  if (total_ == 0) return 0;
  double sum = 0;
  for_each([&](std::int64_t value, std::int64_t, std::int64_t count) {
    sum += static_cast<double>(median_equivalent(value)) * static_cast<double>(count);
  });
  return sum / static_cast<double>(total_);
}

double Histogram::stddev() const noexcept {
  if (total_ == 0) return 0;
  const double centre = mean();
  double sum = 0;
  for_each([&](std::int64_t value, std::int64_t, std::int64_t count) {
    const double away = static_cast<double>(median_equivalent(value)) - centre;
    sum += away * away * static_cast<double>(count);
  });
  return std::sqrt(sum / static_cast<double>(total_));
}

std::int64_t Histogram::value_at_percentile(double percentile) const noexcept {
  const double share = std::clamp(percentile, 0.0, 100.0) / 100;
  const auto rank = std::int64_t{std::llround(share * static_cast<double>(total_))};
  const std::int64_t value = value_at_rank(std::max(rank, std::int64_t{1}));
  return percentile > 0 ? value : lowest_equivalent(value);
}

std::int64_t Histogram::value_at_rank(std::int64_t rank) const noexcept {
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return highest_equivalent(value_at_index(i));
  }
  return max();
}

std::int64_t Histogram::count_at(std::int64_t value) const noexcept {
  return fits(value) ? counts_[index_of(value)] : 0;
}

std::int64_t Histogram::lowest_equivalent(std::int64_t value) const noexcept {
  return static_cast<std::int64_t>(bits(value) & ~(bits(width_at(value)) - 1));
}

std::int64_t Histogram::highest_equivalent(std::int64_t value) const noexcept {
  return static_cast<std::int64_t>(bits(value) | (bits(width_at(value)) - 1));
}

std::int64_t Histogram::median_equivalent(std::int64_t value) const noexcept {
  return lowest_equivalent(value) + (width_at(value) >> 1);
}

}  // namespace duplex::measure
