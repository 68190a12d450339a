// What a bench measures, and in which order. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/model.h"
#include "measure/random.h"
#include "storm.h"

namespace duplex::tools {

struct BenchOptions {
  std::string server = {};  // "127.0.0.1:9001"; empty: one of our own
  std::vector<std::string> arms = {"ws", "sse", "lp", "sp"};
  std::chrono::nanoseconds delay{0};  // each way
  // In words, where every packet has that delay on average: "home: 20ms ± 2ms each way, by TUN".
  // Empty: a relay holds back bytes, if anything does.
  std::string link = {};
  double rate = 10;  // events per second
  bool poisson = true;
  std::chrono::nanoseconds poll_interval = std::chrono::milliseconds(250);
  std::string poll_clock = "delay";  // of short polls: that long after the last answer; or "rate"
  std::uint64_t event_size = 64;     // bytes
  std::string content = "letter";    // what fills an event: "json", "random"
  std::uint64_t heads = 0;  // bytes of a short or long poll's head and its answer's; 0: as they are
  std::chrono::nanoseconds coalesce{0};
  std::string wait = "sleep";         // of clients and server for what comes; or "spin"
  std::string order = "interleaved";  // or "sequential": each arm all of its rounds at once
  std::string place = "free";         // of these on processors: "same", "split"
  std::string chaos = {};             // "nagle,split-writes", of the bench's own server
  std::chrono::nanoseconds warm_up = std::chrono::seconds(3);  // at most; 0: none
  std::chrono::nanoseconds duration{0};  // of all measuring; 0: see duration_for()
  std::uint64_t rounds = 0;              // 0: as many as the duration allows, see rounds_for()
  std::uint64_t clients = 8;             // in parallel, in each arm
  std::uint64_t seed = 1;
  std::uint64_t idle_connections = 0;  // of each arm, held without an event; 0: none
  std::chrono::nanoseconds idle_time = std::chrono::seconds(10);  // for each arm
  StormOptions storm = {};          // of clients whose server is killed
  bool decompose = false;           // also follow frames by the kernel's stamps
  std::string wire_bytes = "auto";  // who counts them: "capture", "tcp-info"

  bool spins() const noexcept { return wait == "spin"; }
  bool polls_at_rate() const noexcept { return poll_clock == "rate"; }
  std::chrono::nanoseconds round_trip() const noexcept { return 2 * delay; }
};

// One column of the experiment.
struct ArmSpec {
  std::string name;  // on the command line: "ws"
  measure::Transport transport = measure::Transport::websocket;
  bool control = false;  // WebSocket against itself
  // Its share of the time. A long poll's clients all wait for the same answers: only more events
  // make its mean surer, not more clients.
  double weight = 1;
};

std::string label_of(const ArmSpec& arm);  // "long-poll", "websocket (A/A)"
bool has_socketio(const std::vector<ArmSpec>& arms) noexcept;
std::optional<measure::Transport> transport_of(std::string_view label);  // of "long-poll"

// The arms of these names and the A/A control; without a reference to compare with, WebSocket is
// added. Nothing when a name is unknown, which `unknown` then holds.
std::optional<std::vector<ArmSpec>> make_arms(const std::vector<std::string>& names,
                                              std::string& unknown);
inline constexpr std::string_view arm_names =
    "ws, ws-deflate, sse, lp, sp, sp-new, latest, latest-304, tcp, echo, echo-closed, sio-ws, "
    "sio-lp, sio-up";

// In which the rounds that are asked for, otherwise 20, leave every block half a second, ten events
// (twelve random ones) and the interval of a poll; ten minutes at most. 20 of them have the events
// for p95.
std::chrono::nanoseconds duration_for(const BenchOptions& options,
                                      const std::vector<ArmSpec>& arms);
// As asked for; otherwise 20, or as many as leave every block half a second, five events and the
// interval of a poll, but at least 3.
std::uint64_t rounds_for(const BenchOptions& options, const std::vector<ArmSpec>& arms);

// Says that the shortest block sees fewer than five events on average, when it does. Of a server
// elsewhere nobody knows.
std::string warning_of_few_events(const BenchOptions& options, const std::vector<ArmSpec>& arms);

// Sockets of the bench's process at most: the clients of an arm and, before they have left, those
// of the next one; of Socket.IO with a GET, a POST and a WebSocket each; a relay has two for each.
std::uint64_t sockets_for(const BenchOptions& options) noexcept;

struct PlannedBlock {
  std::size_t arm = 0;  // index
  std::size_t round = 0;
  std::chrono::nanoseconds length{0};
};

// `options.rounds` is above 0. Every arm once per round, in random order within the round; or, in
// sequential order, one arm after the other.
std::vector<PlannedBlock> plan_blocks(const BenchOptions& options, const std::vector<ArmSpec>& arms,
                                      measure::Random& random);

// The model's view of the options.
measure::Scenario scenario_of(const BenchOptions& options);

}  // namespace duplex::tools
