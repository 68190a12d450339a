// Where the microseconds of a frame go: from the call that sends it, step by step, to the
// acknowledgement. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/table.h"

namespace duplex::tools {

// In the order in which they come on one machine; the acknowledgement may overtake the delivery.
enum class LadderStep : std::uint8_t {
  scheduled,     // the packet has reached the interface's queue
  sent,          // ... and left it
  received,      // the other side's stack has it
  delivered,     // recv() has returned with it
  acknowledged,  // the acknowledgement is back
};
inline constexpr std::size_t ladder_step_count = 5;
inline constexpr std::array<std::string_view, ladder_step_count> ladder_step_names = {
    "scheduled", "sent", "received", "delivered", "acknowledged"};

// One send of one connection. Instants are of CLOCK_REALTIME, since 1970.
struct SentPiece {
  std::uint64_t end = 0;  // bytes that the connection has sent with it
  std::chrono::nanoseconds called{0};
  std::array<std::optional<std::chrono::nanoseconds>, ladder_step_count> steps = {};

  // The first one counts: what is sent again is stamped again.
  void stamp(LadderStep step, std::chrono::nanoseconds at) {
    auto& place = steps[static_cast<std::size_t>(step)];
    if (!place) place = at;
  }
};

// One read of one connection.
struct ReadPiece {
  std::uint64_t end = 0;  // bytes that the connection has brought with it
  std::chrono::nanoseconds received{0};
  std::chrono::nanoseconds delivered{0};
};

// What the two ends of connections have seen, by the client's port.
using SentPieces = std::map<std::uint16_t, std::vector<SentPiece>>;
using ReadPieces = std::map<std::uint16_t, std::vector<ReadPiece>>;

struct LadderRow {
  // Seconds: since the call, and since the step before; of the acknowledgement since it was sent.
  double at_p50 = 0;
  double at_p99 = 0;
  double took_p50 = 0;
};

struct Ladder {
  std::uint64_t frames = 0;   // that could be followed all the way
  std::uint64_t dropped = 0;  // that could not: read together with others, or not stamped
  std::array<LadderRow, ladder_step_count> rows = {};
};

// The first piece of each connection, the answer to the opening handshake, is left out.
Ladder make_ladder(const SentPieces& sent, const ReadPieces& read);

measure::Table ladder_table(const Ladder& ladder);
// A line: how it was measured; or none.
std::string ladder_note(const std::optional<Ladder>& ladder);

}  // namespace duplex::tools
