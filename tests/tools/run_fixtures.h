// Made-up runs of the bench, for what reports on them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "../../tools/duplex/bench/run.h"

namespace duplex::tools {

inline std::vector<ArmSpec> arms_of(const std::vector<std::string>& names) {
  std::string unknown;
  return *make_arms(names, unknown);
}

// Every delivery took that long.
inline void set_all(Block& block, std::chrono::nanoseconds latency) {
  block.set_latencies(std::vector(block.event_count, latency));
}

// A block whose deliveries took about `mean` each, a little more in later rounds.
inline Block block_of(std::size_t arm, std::size_t round, std::chrono::nanoseconds mean,
                      std::size_t count = 100) {
  using namespace std::chrono_literals;
  Block block = {.arm = arm, .round = round, .length = 1s, .event_count = count};
  set_all(block, mean + round * 10us);
  block.set_lateness(std::vector<std::chrono::nanoseconds>(count, 40us));
  block.costs = {.bytes = 200.0 * static_cast<double>(count),
                 .requests = 1.0 * static_cast<double>(count),
                 .system_calls = 3.0 * static_cast<double>(count),
                 .cpu_seconds = 20e-6 * static_cast<double>(count)};
  block.wire = WireBytes{.content = 70,
                         .heads = arm == 2 || arm == 3 ? 400.0 : 0.0,
                         .packet_headers = 66,
                         .acknowledgements = 66,
                         .empty_polls = arm == 3 ? 900.0 : 0.0,
                         .packets = 2} *
               static_cast<double>(count);
  block.wire_payload = 64.0 * static_cast<double>(count);
  block.wire_deliveries = count;
  return block;
}

// Of ws, sse, lp, sp and the control, over 20 ms each way.
inline BenchRun run_of(std::vector<Block> blocks) {
  BenchRun run = {.arms = arms_of({"ws", "sse", "lp", "sp"}), .blocks = std::move(blocks)};
  run.options.delay = std::chrono::milliseconds(20);
  run.options.rounds = 4;
  run.wire_source = "AF_PACKET on lo";
  return run;
}

// Rounds as theory has them.
inline std::vector<Block> good_blocks(std::size_t rounds = 4) {
  using namespace std::chrono_literals;
  std::vector<Block> blocks;
  for (std::size_t round = 0; round < rounds; ++round) {
    blocks.push_back(block_of(0, round, 20400us));
    blocks.push_back(block_of(1, round, 20450us));
    blocks.push_back(block_of(2, round, 28ms));
    blocks.push_back(block_of(3, round, 166ms));
    blocks.push_back(block_of(4, round, round % 2 == 0 ? 20500us : 20300us));
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].order = i;
  return blocks;
}

inline BenchRun good_run(std::size_t rounds = 4) { return run_of(good_blocks(rounds)); }

}  // namespace duplex::tools
