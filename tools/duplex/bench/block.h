// One block of a bench: one arm for a second or so, and what came of it. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

// What the server spent. Differences of its /metrics; NaN-free: 0 where it does not say.
struct Costs {
  double bytes = 0;  // read and written, heads and framing and all
  double requests = 0;
  double system_calls = 0;
  double cpu_seconds = 0;

  Costs& operator+=(const Costs& other) noexcept;
  Costs& operator-=(const Costs& other) noexcept;
};

// From the samples of /metrics.
Costs costs_of(const std::map<std::string, double>& samples);

struct Block {
  std::size_t arm = 0;
  std::size_t round = 0;
  std::chrono::nanoseconds length{0};
  std::uint64_t event_count = 0;                        // that were generated
  std::vector<std::chrono::nanoseconds> latency = {};   // of each delivery to each client
  std::vector<std::chrono::nanoseconds> lateness = {};  // of each event: how late the feed was
  std::uint64_t missing = 0;                            // deliveries that never came
  std::uint64_t duplicates = 0;
  Costs costs = {};

  double mean_latency() const;  // seconds; 0 without deliveries
};

// Takes what every client gets while a block runs. Owner: the block's runner.
class BlockRecorder {
 public:
  explicit BlockRecorder(std::size_t client_count) : clients_(client_count) {}

  // Lines of events, received completely at `received` (steady clock, since its epoch).
  void deliver(std::size_t client, std::string_view lines, std::chrono::nanoseconds received);
  // Every client has seen that event, or a later one.
  bool all_have(std::uint64_t id) const noexcept;
  // Fills in the events after `first` up to `last`; others were before or after the block.
  void finish(std::uint64_t first, std::uint64_t last, Block& block) const;

 private:
  struct Delivery {
    std::uint64_t id = 0;
    std::chrono::nanoseconds latency{0};
    std::chrono::nanoseconds lateness{0};
  };
  struct Client {
    std::vector<Delivery> deliveries;
    std::uint64_t newest = 0;
  };
  std::vector<Client> clients_;
};

}  // namespace duplex::tools
