// xoshiro256** with its state filled by splitmix64, so that every seed, 0 too, is a good one.
#include "measure/random.h"

#include <bit>
#include <cassert>
#include <cmath>

namespace duplex::measure {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) noexcept : state_{} {
  for (auto& word : state_) word = split_mix(seed);
}

Random::result_type Random::operator()() noexcept {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t carry = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= carry;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

double Random::exponential(double rate) noexcept { return -std::log1p(-uniform()) / rate; }

std::uint64_t Random::below(std::uint64_t bound) noexcept {
  assert(bound > 0);
  // The first 2^64 mod bound numbers would make some results likelier than others.
  const std::uint64_t surplus = -bound % bound;
  std::uint64_t drawn = (*this)();
  while (drawn < surplus) drawn = (*this)();
  return drawn % bound;
}

}  // namespace duplex::measure
