// Runs several event loops of one World in one thread: every loop turns until nobody has anything
// left to do at this instant, then time moves to whatever happens next.
//
//   Runner runner(world);
//   runner.add(server_loop);
//   runner.add(client_loop);
//   runner.run_until([&] { return answered; });
//
// Owner: the test; must go before the World. The loops and their kernels must outlive it, or be
// removed. Thread: one.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "duplex/net/event_loop.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::simulation {

class Runner {
 public:
  // One turn that waits at most so long; false once the loop has been stopped.
  using Turn = std::function<bool(std::chrono::nanoseconds max_wait)>;

  explicit Runner(World& world) : world_(world) { world_.set_driven(true); }
  ~Runner() { world_.set_driven(false); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // The loop must stand on a simulation::Kernel of this World, and every loop on one of its own.
  // It is turned until it has been stopped.
  void add(net::EventLoop& loop);
  void add(Kernel& kernel, Turn turn);
  void remove(const Kernel& kernel);
  // Called after every round of turns: the place for invariants.
  void on_round(std::function<void()> check) { check_ = std::move(check); }

  // Turns the loops until none has anything to do at this instant. Throws std::runtime_error when
  // they never come to rest.
  void settle();
  // settle(), then moves to the next happening, if that is not after `limit`, and settles again.
  // Returns false, with the clock where it was, when nothing happens until then.
  bool step(net::Clock::time_point limit = net::Clock::time_point::max());

  void run_until(net::Clock::time_point time);
  void run_for(net::Clock::duration duration) { run_until(world_.now() + duration); }
  // Steps until `done()`, looked at after each; false when `limit` of virtual time has passed
  // before, or nothing can happen any more.
  bool run_until(const std::function<bool()>& done,
                 net::Clock::duration limit = std::chrono::hours(1));
  // Steps until no segment is under way and no loop has anything to do; timers are left alone.
  bool run_until_quiet(net::Clock::duration limit = std::chrono::hours(1));

  // Rounds that settle() grants one instant.
  static constexpr int max_rounds = 1'000'000;

 private:
  struct Entry {
    Kernel* kernel = nullptr;
    Turn turn;
  };

  bool turn_all();  // true when every loop would have waited
  std::optional<net::Clock::time_point> next_happening() const;

  World& world_;
  std::vector<Entry> entries_;
  std::function<void()> check_;
};

}  // namespace duplex::simulation
