// The link in virtual time.
#include "link_model.h"

#include <algorithm>
#include <cmath>

namespace duplex::tools::wire {
namespace {

// Mean 0, standard deviation 1.
double draw_normal(measure::Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

double draw_uniform(measure::Random& random) { return (2 * random.uniform() - 1) * std::sqrt(3.0); }

// Exponent 3 and least value 1: mean 3/2, variance 3/4.
double draw_pareto(measure::Random& random) {
  const double drawn = 1 / std::cbrt(1 - random.uniform());
  return (drawn - 1.5) / std::sqrt(0.75);
}

double draw(JitterShape shape, measure::Random& random) {
  if (shape == JitterShape::uniform) return draw_uniform(random);
  return shape == JitterShape::pareto ? draw_pareto(random) : draw_normal(random);
}

// Draws nothing for what never or always happens.
bool happens(double share, measure::Random& random) {
  return share > 0 && (share >= 1 || random.uniform() < share);
}

}  // namespace

bool LossProcess::loses_next(measure::Random& random) {
  if (happens(is_bad_ ? options_.to_good : options_.to_bad, random)) is_bad_ = !is_bad_;
  return happens(is_bad_ ? options_.in_bad : options_.in_good, random);
}

Nanoseconds Transmitter::time_for(std::uint64_t size) const noexcept {
  constexpr std::uint64_t bits_and_nanoseconds = 8'000'000'000;
  return Nanoseconds(static_cast<std::int64_t>(size * bits_and_nanoseconds / link_.rate));
}

std::optional<Nanoseconds> Transmitter::send(Nanoseconds now, std::size_t size) {
  if (link_.rate == 0) return now;
  const Nanoseconds start = std::max(now, free_);
  const Nanoseconds waits = start - now;
  if (waits > link_.queue_time) return std::nullopt;
  // What is queued takes as long to be sent as this packet waits.
  if (link_.queue_bytes > 0 && waits.count() > 0 &&
      waits + time_for(size) > time_for(link_.queue_bytes)) {
    return std::nullopt;
  }
  free_ = start + time_for(size);
  return free_;
}

LinkModel::LinkModel(const LinkOptions& link, std::uint64_t seed)
    : link_(link), random_(seed), loss_(link.loss), transmitter_(link_) {}

Nanoseconds LinkModel::draw_delay() {
  if (link_.jitter.count() == 0) return link_.delay;
  const double jitter = draw(link_.shape, random_) * static_cast<double>(link_.jitter.count());
  return std::max(Nanoseconds(0), link_.delay + Nanoseconds(std::llround(jitter)));
}

Nanoseconds LinkModel::arrival_of(Nanoseconds sent) {
  const Nanoseconds arrival = sent + draw_delay();
  if (happens(link_.reorder, random_)) return arrival + link_.reorder_by;  // holds nobody up
  if (!link_.keeps_order) return arrival;
  return latest_ = std::max(latest_, arrival);
}

Passage LinkModel::pass(Nanoseconds now, std::size_t size) {
  const bool is_down = std::any_of(link_.outages.begin(), link_.outages.end(),
                                   [now](const Outage& outage) { return outage.covers(now); });
  if (is_down) return {.fate = Fate::outage};
  const auto sent = transmitter_.send(now, size);
  if (!sent) return {.fate = Fate::queue_full};
  if (loss_.loses_next(random_)) return {.fate = Fate::lost};
  Passage passage;
  passage.arrivals[passage.arrival_count++] = arrival_of(*sent);
  if (happens(link_.duplicate, random_)) {
    passage.arrivals[passage.arrival_count++] = passage.arrivals[0];
  }
  return passage;
}

}  // namespace duplex::tools::wire
