// The whole bench in virtual time: server, clients and a link with a delay in one simulated world.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../../tools/duplex/bench/run.h"
#include "../../tools/duplex/bench/runner.h"
#include "../../tools/duplex/forwarding_kernel.h"
#include "../../tools/duplex/serve/serve_loop.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {

// One loop for both sides: its waiting is what moves the time.
class SimulatedBench {
 public:
  // What the server agrees to beside the usual.
  struct Abilities {
    bool deflate = true;
    bool socketio = true;
  };
  explicit SimulatedBench(BenchOptions options, const Abilities& abilities = {true, true})
      : options_(std::move(options)),
        world_({.seed = options_.seed, .link = {.delay = options_.delay}}) {
    ServeOptions serve = {.port = 80, .tcp_port = 81};
    if (abilities.socketio) serve.socketio = std::make_shared<SocketCluster>();
    serve.feed = {.rate = options_.rate,
                  .poisson = options_.poisson,
                  .event_size = options_.event_size,
                  .content = content_of(options_.content).value_or(ContentKind::letter),
                  .deflate = abilities.deflate,
                  .coalesce = options_.coalesce,
                  .seed = options_.seed,
                  .start = world_.now()};
    serve_.push_back(std::make_unique<ServeLoop>(loop_, serve, serve_));
  }

  // Whatever connects while a block of the arm of that name runs has a link with another delay.
  SimulatedBench& slow(std::string arm, std::chrono::nanoseconds delay) {
    slow_arm_ = std::move(arm);
    slow_delay_ = delay;
    return *this;
  }

  // Who is told around each block; outlives this.
  SimulatedBench& watch(WireWatch& wire) {
    wire_ = &wire;
    return *this;
  }
  net::Clock::time_point now() const { return world_.now(); }

  BenchRun run() {
    std::string unknown;
    BenchRun run = {.options = options_, .arms = *make_arms(options_.arms, unknown)};
    measure::Random random(options_.seed);
    BenchRunner runner(loop_, options_, run.arms,
                       {.direct = "127.0.0.1", .http = "127.0.0.1", .tcp = "127.0.0.1:81"},
                       {.wire = wire_, .farewell = &kernel_});
    const auto keep = [&run](std::optional<Block> block) {
      if (block) run.blocks.push_back(*std::move(block));
    };
    for (const PlannedBlock& planned : plan_blocks(options_, run.arms, random)) {
      const bool is_slow = run.arms[planned.arm].name == slow_arm_;
      world_.set_link({.delay = is_slow ? slow_delay_ : options_.delay});
      keep(runner.run(planned));
    }
    keep(runner.finish());
    return run;
  }

 private:
  BenchOptions options_;
  std::string slow_arm_ = {};
  std::chrono::nanoseconds slow_delay_{0};
  WireWatch* wire_ = nullptr;
  simulation::World world_;
  simulation::Kernel system_{world_};
  ResettingKernel<ForwardingKernel> kernel_{system_};
  EventLoop loop_{kernel_};
  ServeLoops serve_;
};

inline BenchOptions options_of(std::vector<std::string> arms) {
  BenchOptions options;
  options.arms = std::move(arms);
  options.delay = std::chrono::milliseconds(20);
  options.rate = 10;
  options.poll_interval = std::chrono::milliseconds(250);
  options.clients = 4;
  options.duration = std::chrono::seconds(400);
  options.rounds = 4;
  return options;
}

}  // namespace duplex::tools
