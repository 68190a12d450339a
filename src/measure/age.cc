// Age of information by its sawtooth: it grows with time and drops at a refresh.
#include "measure/age.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace duplex::measure {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds nothing = nanoseconds::min();  // older than anything generated

// Integrates the age of the newest value held, between the window's begin and end.
class Sawtooth {
 public:
  explicit Sawtooth(Window window) : window_(window) {}

  void deliver(const Delivery& delivery) {
    if (delivery.received > window_.end) return;
    if (delivery.generated <= newest_) {
      report_.ignored += delivery.received >= window_.begin;
      return;
    }
    refresh(delivery);
  }

  AgeReport finish() {
    if (newest_ != nothing) advance(window_.end);
    if (covered_ > Seconds(0)) report_.mean = Seconds(area_ / covered_.count());
    if (peaks_ > 0) report_.mean_peak = peak_sum_ / static_cast<double>(peaks_);
    return report_;
  }

 private:
  void refresh(const Delivery& delivery) {
    const bool inside = delivery.received >= window_.begin;
    if (newest_ != nothing && inside) {
      advance(delivery.received);
      add_peak(delivery.received - newest_);
    }
    report_.refreshes += inside;
    newest_ = delivery.generated;
    since_ = std::max(delivery.received, window_.begin);
  }

  void advance(nanoseconds until) {
    const Seconds length = until - since_;
    const Seconds twice_mean_age = (since_ - newest_) + (until - newest_);
    area_ += length.count() * twice_mean_age.count() / 2;
    covered_ += length;
  }

  void add_peak(Seconds peak) {
    ++peaks_;
    peak_sum_ += peak;
    report_.max_peak = std::max(report_.max_peak, peak);
  }

  Window window_;
  nanoseconds newest_ = nothing;  // generation time of what the client holds
  nanoseconds since_{0};
  double area_ = 0;  // seconds squared
  Seconds covered_{0};
  Seconds peak_sum_{0};
  std::size_t peaks_ = 0;
  AgeReport report_;
};

// The newest generation time on each side, as two step functions that are walked together.
class Comparison {
 public:
  explicit Comparison(Window window) : window_(window), since_(window.begin) {}

  void generate(nanoseconds at) {
    advance(at);
    at_server_ = at;
  }
  void deliver(const Delivery& delivery) {
    advance(delivery.received);
    at_client_ = std::max(at_client_, delivery.generated);
  }
  double finish() {
    advance(window_.end);
    return Seconds(fresh_) / Seconds(window_.end - window_.begin);
  }

 private:
  void advance(nanoseconds until) {
    const nanoseconds inside = std::clamp(until, since_, window_.end);
    if (at_server_ == at_client_) fresh_ += inside - since_;
    since_ = inside;
  }

  Window window_;
  nanoseconds since_;
  nanoseconds fresh_{0};
  nanoseconds at_server_ = nothing;
  nanoseconds at_client_ = nothing;
};

}  // namespace

AgeReport age_of_information(std::span<const Delivery> deliveries, Window window) {
  Sawtooth sawtooth(window);
  for (const Delivery& delivery : deliveries) sawtooth.deliver(delivery);
  return sawtooth.finish();
}

std::vector<Refresh> age_sawtooth(std::span<const Delivery> deliveries, Window window) {
  std::vector<Refresh> teeth;
  nanoseconds newest = nothing;
  for (const Delivery& delivery : deliveries) {
    if (delivery.received > window.end || delivery.generated <= newest) continue;
    newest = delivery.generated;
    if (delivery.received <= window.begin) teeth.clear();
    const nanoseconds at = std::max(delivery.received, window.begin);
    teeth.push_back({.at = at - window.begin, .age = at - newest});
  }
  return teeth;
}

double binary_freshness(std::span<const Delivery> deliveries,
                        std::span<const nanoseconds> generated, Window window) {
  assert(window.end > window.begin);
  Comparison comparison(window);
  auto next = generated.begin();
  for (const Delivery& delivery : deliveries) {
    for (; next != generated.end() && *next <= delivery.received; ++next)
      comparison.generate(*next);
    comparison.deliver(delivery);
  }
  for (; next != generated.end(); ++next) comparison.generate(*next);
  return comparison.finish();
}

double DeliveryCounts::coherence() const noexcept {
  const std::size_t generated = seen + missed;
  return generated == 0 ? 1 : static_cast<double>(seen) / static_cast<double>(generated);
}

DeliveryCounts count_deliveries(std::span<const Delivery> deliveries,
                                std::span<const nanoseconds> generated) {
  DeliveryCounts counts;
  std::vector<bool> arrived(generated.size());
  for (const Delivery& delivery : deliveries) {
    const auto found = std::lower_bound(generated.begin(), generated.end(), delivery.generated);
    if (found == generated.end() || *found != delivery.generated) {
      ++counts.unknown;
      continue;
    }
    auto flag = arrived.begin() + (found - generated.begin());
    counts.duplicates += *flag;
    counts.seen += !*flag;
    *flag = true;
  }
  counts.missed = generated.size() - counts.seen;
  return counts;
}

}  // namespace duplex::measure
