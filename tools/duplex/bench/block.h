// One block of a bench: one arm for half a second or more, and what came of it. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/age.h"
#include "measure/histogram.h"
#include "wire_bytes.h"

namespace duplex::tools {

// Of every histogram of a bench: nanoseconds, an hour at most.
inline constexpr measure::HistogramLimits latency_limits = {.highest = 3'600'000'000'000};

// What the server spent. Differences of its /metrics; NaN-free: 0 where it does not say.
struct Costs {
  double bytes = 0;  // read, and written or waiting for it, heads and framing and all
  double requests = 0;
  double system_calls = 0;
  double cpu_seconds = 0;
  std::map<std::string, double> calls = {};  // the system calls, by name

  Costs& operator+=(const Costs& other);
  Costs& operator-=(const Costs& other);
};

// From the samples of /metrics.
Costs costs_of(const std::map<std::string, double>& samples);

// What the machine did to the measurement while a block ran. 0 where nothing was watched.
struct Noise {
  double hiccup = 0;                // seconds: how late a thread woke at worst that sleeps 1 ms
  double steal_seconds = 0;         // that other virtual machines took, over all processors
  double involuntary_switches = 0;  // of the bench's own process
};

// How fresh the clients' views were: means over them. Seconds, and a share of the time.
struct Freshness {
  double mean_age = 0;  // of information
  double peak_age = 0;  // just before each refresh
  double fresh_share = 0;
};

// Seconds are what a report calculates with; a histogram is kept as HdrHistogram's log has it.
struct Block {
  std::size_t arm = 0;
  std::size_t round = 0;
  std::size_t order = 0;               // of all blocks of the run, from 0
  double start = 0;                    // seconds since the start of the run
  std::chrono::nanoseconds length{0};  // in which the events came and the costs arose
  std::uint64_t event_count = 0;       // that were generated
  std::uint64_t delivery_count = 0;    // of each event to each client
  std::uint64_t missing = 0;           // deliveries that never came
  std::uint64_t duplicates = 0;
  std::uint64_t empty_answers = 0;  // polls that brought nothing
  // Of the latencies; 0 without deliveries.
  double mean = 0;
  double p50 = 0;
  double p95 = 0;
  double max = 0;
  // Of one client's latencies, standard: the median over clients that got two events at least.
  std::optional<double> client_deviation = {};
  std::string latency = {};                     // histogram
  std::string lateness = {};                    // histogram: how late the feed was, for each event
  std::optional<Freshness> freshness = {};      // absent when no client held anything
  std::vector<measure::Refresh> sawtooth = {};  // age at one client; of first rounds only
  std::optional<double> first_event = {};       // from connecting to the first message, mean
  Costs costs = {};                             // of the server
  double client_cpu_seconds = 0;                // of the clients' process, without the relay
  std::optional<WireBytes> wire = {};  // of the clients' packets; absent when nobody watched
  // What came to clients meanwhile, which is not quite what was generated: of events, in bytes, and
  // how many.
  double wire_payload = 0;
  std::uint64_t wire_deliveries = 0;
  Noise noise = {};
  bool flagged = false;  // a hiccup outweighs what was measured: see is_noisy()

  void set_latencies(std::vector<std::chrono::nanoseconds> latencies);
  void set_lateness(const std::vector<std::chrono::nanoseconds>& each);
};

// A hiccup of more than five times the block's median, and longer than the meter's own step.
bool is_noisy(const Block& block) noexcept;

// Takes what every client gets while a block runs. Owner: the block's runner.
class BlockRecorder {
 public:
  // `at_random`: events do not come at regular intervals. `ahead`: the server's clock, of ours.
  explicit BlockRecorder(std::size_t client_count, bool at_random = false,
                         std::chrono::nanoseconds ahead = std::chrono::nanoseconds(0))
      : clients_(client_count), at_random_(at_random), ahead_(ahead) {}

  // Lines of events, received completely at `received` (steady clock, since its epoch).
  void deliver(std::size_t client, std::string_view lines, std::chrono::nanoseconds received);
  // Every client has seen that event, or a later one.
  bool all_have(std::uint64_t id) const noexcept;
  // An event was received before it was emitted, or one after `first` was emitted before `asked`,
  // when that was still the newest, by more than `slack`: the instants are of two clocks.
  bool has_foreign_clock(
      std::uint64_t first, std::chrono::nanoseconds asked,
      std::chrono::nanoseconds slack = std::chrono::nanoseconds(0)) const noexcept;
  // Fills in the events after `first` up to `last`, others were before or after the block; and how
  // fresh the clients were within the window.
  void finish(std::uint64_t first, std::uint64_t last, const measure::Window& window,
              Block& block) const;
  // Events that clients received within the window.
  struct Received {
    std::uint64_t count = 0;
    std::size_t bytes = 0;
  };
  Received received_within(const measure::Window& window) const noexcept;
  // When the client received its first event.
  std::optional<std::chrono::nanoseconds> first_received(std::size_t client) const noexcept;
  // Latencies of what was received since the last call. The next call goes on from here.
  std::vector<std::chrono::nanoseconds> take_latencies();

 private:
  struct Delivery {
    std::uint64_t id = 0;
    std::chrono::nanoseconds generated{0};
    std::chrono::nanoseconds emitted{0};
    std::chrono::nanoseconds received{0};
    std::size_t size = 0;  // bytes of its line
  };
  struct Client {
    std::vector<Delivery> deliveries;
    std::uint64_t newest = 0;
    std::size_t taken = 0;  // deliveries that take_latencies() has given
  };

  static std::vector<measure::Delivery> received_by(const Client& client);
  std::vector<std::chrono::nanoseconds> generated() const;  // all instants known, ascending
  std::optional<Freshness> freshness(const measure::Window& window) const;
  std::vector<measure::Refresh> sawtooth(const measure::Window& window) const;

  std::vector<Client> clients_;
  bool at_random_;
  std::chrono::nanoseconds ahead_;
};

}  // namespace duplex::tools
