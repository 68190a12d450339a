// How segments cross a link: serialisation, delay, loss as lateness, black holes.
#include "simulation/link.h"

#include <algorithm>
#include <utility>

#include "simulation/world.h"

namespace duplex::simulation {
namespace {

// Rounded up to whole nanoseconds. The rest of a second's bytes is turned to time in two steps, so
// that no product overflows below 18 GB/s.
std::chrono::nanoseconds serialisation(std::uint64_t bytes, std::uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return {};
  constexpr std::uint64_t second = 1'000'000'000;
  const std::uint64_t whole = bytes / bytes_per_second;
  const std::uint64_t rest = bytes % bytes_per_second;
  const std::uint64_t fraction = (rest * second + bytes_per_second - 1) / bytes_per_second;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(whole * second + fraction));
}

}  // namespace

void Path::carry(std::size_t size, Arrival arrival) {
  Random& random = world_.network_random();
  const std::size_t load = size + (size > 0 ? options_.segment_overhead : 0);
  free_at_ = std::max(free_at_, world_.now()) + serialisation(load, options_.bytes_per_second);
  auto time = free_at_ + options_.delay;
  if (options_.jitter.count() > 0) {
    const auto bound = static_cast<std::uint64_t>(options_.jitter.count()) + 1;
    time += std::chrono::nanoseconds(static_cast<std::int64_t>(random.below(bound)));
  }
  if (random.chance(options_.loss_rate)) time += options_.retransmission_delay;
  // A split that arrived at once would be joined again before anybody could look.
  const std::chrono::nanoseconds gap{options_.split_rate > 0 ? 1 : 0};
  last_arrival_ = std::max(time, last_arrival_ + gap);
  schedule(last_arrival_, size, std::move(arrival));
}

void Path::carry_acknowledgement(Arrival arrival) {
  schedule(world_.now() + options_.delay, 0, std::move(arrival));
}

void Path::schedule(net::Clock::time_point time, std::size_t size, Arrival arrival) {
  bytes_in_flight_ += size;
  world_.segment_departed();
  world_.at(time, [self = shared_from_this(), size, arrival = std::move(arrival)]() mutable {
    self->world_.segment_arrived();
    self->arrive(size, arrival);
  });
}

void Path::arrive(std::size_t size, Arrival& arrival) {
  if (blocked_) {
    parked_.push_back({size, std::move(arrival)});
    return;
  }
  bytes_in_flight_ -= size;
  arrival();
}

// At once, not after another delay: what is still under way must not overtake what was held up.
void Path::unblock() {
  blocked_ = false;
  for (Parked& parked : std::exchange(parked_, {})) arrive(parked.size, parked.arrival);
}

Link::Link(World& world, const LinkOptions& toward_server, const LinkOptions& toward_client)
    : toward_server_(std::make_shared<Path>(world, toward_server)),
      toward_client_(std::make_shared<Path>(world, toward_client)) {}

void Link::set_options(const LinkOptions& both) {
  toward_server_->set_options(both);
  toward_client_->set_options(both);
}

void Link::block() {
  toward_server_->block();
  toward_client_->block();
}

void Link::unblock() {
  toward_server_->unblock();
  toward_client_->unblock();
}

void Link::drop_blocked() {
  toward_server_->drop_blocked();
  toward_client_->drop_blocked();
}

std::size_t Link::bytes_in_flight() const noexcept {
  return toward_server_->bytes_in_flight() + toward_client_->bytes_in_flight();
}

}  // namespace duplex::simulation
