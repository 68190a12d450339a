// What becomes of a server that was away when all of its clients want to come back. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "duplex/socketio/backoff.h"
#include "measure/random.h"
#include "measure/table.h"

namespace duplex::tools {

struct StormOptions {
  std::uint64_t clients = 0;                                  // of Socket.IO; 0: no storm
  std::chrono::nanoseconds outage = std::chrono::seconds(3);  // that the server is away
  std::string jitter = "half";  // of each delay, both ways: "none", "half", "full"
};

// Of a client of Socket.IO with that jitter: 1 s, 2 s, 4 s, 5 s...
socketio::BackoffOptions backoff_of(const StormOptions& options);

// When clients tried to connect, and when they were back: since the server was lost.
struct StormRecord {
  std::vector<std::chrono::nanoseconds> attempts = {};
  std::vector<std::chrono::nanoseconds> returns = {};
};

struct StormFigures {
  double attempts = 0;   // for each client
  double peak_rate = 0;  // attempts a second, in the worst tenth of one: each of them is a SYN
  double back = 0;       // seconds from the server's return until 99 % of the clients were there
};

// `returned`: when the server did, since it was lost. There are returns of 99 % of the clients.
StormFigures figures_of(StormRecord record, std::uint64_t clients,
                        std::chrono::nanoseconds returned);

// Each client waits as its back-off says, drawn for each; the server refuses at once, or takes
// whoever comes.
StormRecord draw_storm(const StormOptions& options, std::chrono::nanoseconds returned,
                       measure::Random random);

struct Storm {
  std::uint64_t clients = 0;
  double outage = 0;  // seconds, as it was
  std::string jitter = {};
  StormFigures measured = {};
  StormFigures predicted = {};  // by draw_storm()
};

measure::Table storm_table(const std::vector<Storm>& storms);
std::string storm_note(const std::vector<Storm>& storms);  // a line: how it was measured; or none

}  // namespace duplex::tools
