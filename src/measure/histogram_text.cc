// Percentile listings: more and more lines towards 100 %, each half-distance has as many.
#include "measure/histogram_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "measure/format.h"

namespace duplex::measure {
namespace {

constexpr std::size_t column = 12;

// Walks the requested percentiles upward.
class PercentileSteps {
 public:
  explicit PercentileSteps(int ticks) : ticks_(ticks) {}
  double current() const { return percentile_; }
  void advance() {
    const double left = std::max(100 - percentile_, 1e-14);
    const double half_distances = std::floor(std::log2(100 / left)) + 1;
    const double next = percentile_ + 100 / (ticks_ * std::exp2(half_distances));
    // Near 100 a step can be less than a double resolves.
    percentile_ = std::max(next, std::nextafter(percentile_, 200.0));
  }

 private:
  int ticks_;
  double percentile_ = 0;
};

// One line each of format(highest equivalent value, share, cumulative count); the last share is 1.
template <class Format>
std::string percentile_lines(const Histogram& histogram, int ticks, Format format) {
  PercentileSteps steps(ticks);
  std::int64_t seen = 0;
  std::string text;
  histogram.for_each([&](std::int64_t, std::int64_t highest, std::int64_t count) {
    seen += count;
    const bool last = seen == histogram.total();
    const double reached =
        100.0 * static_cast<double>(seen) / static_cast<double>(histogram.total());
    for (; steps.current() <= reached; steps.advance()) {
      text += format(highest, steps.current() / 100, seen) + '\n';
      if (last) break;
    }
  });
  return text + format(histogram.max(), 1.0, histogram.total()) + '\n';
}

std::string aligned(const std::string& text) { return pad_left(text, column); }

std::string scaled(std::int64_t value, const Histogram& histogram,
                   const PercentileTextOptions& options) {
  return fixed(static_cast<double>(value) / options.scale, histogram.limits().digits);
}

std::string inverse_distance(double share) {
  const double distance = 1 - share;
  return fixed(distance > 0 ? 1 / distance : std::numeric_limits<double>::infinity(), 2);
}

std::string pair_line(const char* first, const std::string& a, const char* second,
                      const std::string& b) {
  return std::string("#[") + first + " = " + aligned(a) + ", " + second + " = " + aligned(b) +
         "]\n";
}

std::string footer(const Histogram& histogram, double scale) {
  const double max = static_cast<double>(histogram.max()) / scale;
  return pair_line("Mean   ", fixed(histogram.mean() / scale, 3), "StdDeviation  ",
                   fixed(histogram.stddev() / scale, 3)) +
         pair_line("Max    ", fixed(max, 3), "Total count   ", std::to_string(histogram.total())) +
         pair_line("Buckets", std::to_string(histogram.bucket_count()), "SubBuckets    ",
                   std::to_string(histogram.sub_bucket_count()));
}

}  // namespace

std::string percentile_text(const Histogram& histogram, const PercentileTextOptions& options) {
  const auto line = [&](std::int64_t value, double share, std::int64_t seen) {
    return aligned(scaled(value, histogram, options)) + ' ' + aligned(fixed(share, 6)) + ' ' +
           aligned(std::to_string(seen)) + ' ' + aligned(inverse_distance(share));
  };
  return "       Value   Percentile   TotalCount 1/(1-Percentile)\n\n" +
         percentile_lines(histogram, options.ticks_per_half_distance, line) +
         footer(histogram, options.scale);
}

std::string percentile_csv(const Histogram& histogram, const PercentileTextOptions& options) {
  const auto line = [&](std::int64_t value, double share, std::int64_t seen) {
    return scaled(value, histogram, options) + ',' + fixed(share, 6) + ',' + std::to_string(seen) +
           ',' + inverse_distance(share);
  };
  return "\"Value\",\"Percentile\",\"TotalCount\",\"1/(1-Percentile)\"\n" +
         percentile_lines(histogram, options.ticks_per_half_distance, line);
}

}  // namespace duplex::measure
