// The simulation's random source: splitmix64. The same seed gives the same numbers on every machine
// and with every compiler, which <random>'s distributions do not promise.
#pragma once

#include <cstdint>

namespace duplex::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 <= result < bound. The bias is below bound / 2^64.
  std::uint64_t below(std::uint64_t bound) noexcept { return bound == 0 ? 0 : next() % bound; }
  // True with probability `rate`. Draws nothing for a rate of 0, so a fault that is switched off
  // does not disturb what the seed gives to the others.
  bool chance(double rate) noexcept {
    return rate > 0 && static_cast<double>(next() >> 11) * 0x1p-53 < rate;
  }

 private:
  std::uint64_t state_;
};

}  // namespace duplex::simulation
