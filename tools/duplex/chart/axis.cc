// From values to pixels.
#include "axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace duplex::tools {
namespace {

constexpr std::array steps = {1.0, 2.0, 5.0};

// 1, 2 or 5 times a power of ten: the index-th, where 0 is 1.
double step_at(int index) {
  const int power = static_cast<int>(std::floor(index / 3.0));
  return steps[static_cast<std::size_t>(index - 3 * power)] * std::pow(10, power);
}

// The last one that is not above `value`.
int step_below(double value) {
  int index = 3 * static_cast<int>(std::floor(std::log10(value)));
  while (step_at(index + 1) <= value * (1 + 1e-9)) ++index;
  return index;
}

double rounded_up(double value) {
  const int index = step_below(value);
  return step_at(index) >= value * (1 - 1e-9) ? step_at(index) : step_at(index + 1);
}

}  // namespace

LogAxis::LogAxis(double low, double high, double from, double to)
    : low_(step_at(step_below(low))), high_(rounded_up(high)), from_(from), to_(to) {
  if (high_ <= low_) high_ = rounded_up(low_ * 2);
}

double LogAxis::pixel(double value) const noexcept {
  const double inside = std::clamp(value, low_, high_);
  return from_ + (to_ - from_) * std::log(inside / low_) / std::log(high_ / low_);
}

std::vector<double> LogAxis::marks() const {
  constexpr std::size_t most = 10;
  std::vector<double> all;
  std::vector<double> decades;
  for (int i = step_below(low_); step_at(i) <= high_ * (1 + 1e-9); ++i) {
    all.push_back(step_at(i));
    if (i % 3 == 0) decades.push_back(step_at(i));
  }
  return all.size() <= most ? all : decades;
}

}  // namespace duplex::tools
