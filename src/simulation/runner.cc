// Turning event loops in virtual time.
#include "simulation/runner.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace duplex::simulation {
namespace {

// Further than any timer; epoll_wait takes it for "for ever".
constexpr std::chrono::nanoseconds no_limit{-1};

}  // namespace

void Runner::add(net::EventLoop& loop) {
  add(dynamic_cast<Kernel&>(loop.kernel()),
      [&loop](std::chrono::nanoseconds max_wait) { return loop.turn(max_wait); });
}

void Runner::add(Kernel& kernel, Turn turn) { entries_.push_back({&kernel, std::move(turn)}); }

void Runner::remove(const Kernel& kernel) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.kernel == &kernel; });
}

bool Runner::turn_all() {
  bool all_idle = true;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto [kernel, turn] = entries_[i];  // a copy: handlers may add loops
    kernel->begin_turn();
    const bool goes_on = turn(no_limit);
    all_idle = all_idle && kernel->idle();
    if (goes_on) continue;
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i--));
    all_idle = false;
  }
  if (check_) check_();
  return all_idle;
}

// A loop that went idle may be woken by one that turned after it; the next round shows that.
void Runner::settle() {
  for (int round = 0; round < max_rounds; ++round) {
    if (turn_all()) return;
  }
  throw std::runtime_error("simulation: the loops turn without end, and no time passes");
}

std::optional<net::Clock::time_point> Runner::next_happening() const {
  std::optional<net::Clock::time_point> next = world_.next_event();
  for (const Entry& entry : entries_) {
    const auto wake_up = entry.kernel->wake_up_time();
    if (wake_up && (!next || *wake_up < *next)) next = wake_up;
  }
  return next;
}

bool Runner::step(net::Clock::time_point limit) {
  settle();
  const auto next = next_happening();
  if (!next || *next > limit) return false;
  world_.advance_to(*next);
  settle();
  return true;
}

void Runner::run_until(net::Clock::time_point time) {
  while (step(time)) {
  }
  world_.advance_to(time);
  settle();
}

bool Runner::run_until(const std::function<bool()>& done, net::Clock::duration limit) {
  const auto end = world_.now() + limit;
  settle();
  while (!done()) {
    if (!step(end)) return done();
  }
  return true;
}

bool Runner::run_until_quiet(net::Clock::duration limit) {
  return run_until([this] { return world_.is_quiet(); }, limit);
}

}  // namespace duplex::simulation
