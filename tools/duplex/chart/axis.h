// From values to pixels, and the values that are worth a mark. Pure.
#pragma once

#include <string>
#include <vector>

namespace duplex::tools {

// Logarithmic: latencies of transports differ by orders of magnitude. `low` and `high` are above 0.
class LogAxis {
 public:
  // Values from `low` to `high`, widened to 1, 2 or 5 times a power of ten; pixels `from` to `to`.
  LogAxis(double low, double high, double from, double to);

  double low() const noexcept { return low_; }
  double high() const noexcept { return high_; }
  double pixel(double value) const noexcept;  // of values beyond the ends: the end
  std::vector<double> marks() const;          // 1, 2 and 5 times powers of ten; ten at most

 private:
  double low_;
  double high_;
  double from_;
  double to_;
};

}  // namespace duplex::tools
