// A small generator of random numbers whose sequence depends on its seed alone (xoshiro256**).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace duplex::measure {

// Owner: whoever draws; copies go on from the same point independently. Not for secrets.
class Random {
 public:
  using result_type = std::uint64_t;  // with min(), max(), operator(): what <random> expects

  explicit Random(std::uint64_t seed) noexcept;

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() noexcept;

  double uniform() noexcept;                          // in [0, 1), a multiple of 2^-53
  double exponential(double rate) noexcept;           // mean 1 / rate
  std::uint64_t below(std::uint64_t bound) noexcept;  // in [0, bound), without bias; bound > 0

 private:
  std::array<std::uint64_t, 4> state_;
};

// The same order on every platform, unlike std::shuffle.
template <class Range>
void shuffle(Range& items, Random& random) {
  for (std::size_t left = std::size(items); left > 1; --left) {
    std::swap(items[left - 1], items[random.below(left)]);
  }
}

}  // namespace duplex::measure
