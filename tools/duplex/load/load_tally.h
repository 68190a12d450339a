// What a process of `duplex load` counted, and how the counts of several become one. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "measure/histogram.h"

namespace duplex::tools {

// Connections that ended, though we had not asked for it, with the same close code.
struct Drops {
  std::uint64_t count = 0;
  std::string reason = {};  // of the first one: a line, may be empty
};

struct LoadTally {
  std::uint64_t opened = 0;              // opening handshakes that succeeded
  std::uint64_t failed = 0;              // opening handshakes that did not
  std::string failure = {};              // of the first one: a line that says why
  std::uint64_t dropped = 0;             // connections that ended though we had not asked for it
  std::map<unsigned, Drops> drops = {};  // those, by close code; 1006: no Close frame
  std::uint64_t open_at_end = 0;
  std::uint64_t most_open = 0;       // at once, in each process
  std::uint64_t deflated = 0;        // of those opened: the server agreed to compression
  std::uint64_t opening_at_end = 0;  // connections still (or again) to be opened
  std::uint64_t missing = 0;         // connections of processes that did not tell what they counted
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t silent = 0;         // open connections that nobody answered a last ping on
  std::uint64_t lost = 0;           // passed over: what was sent (or came) after it has come
  std::uint64_t overdue = 0;        // sent, and not back when the patience was over
  std::uint64_t corrupt = 0;        // echoed with other bytes
  std::uint64_t misplaced = 0;      // echoed out of order, or twice
  std::uint64_t refused = 0;        // not sent: the connection's queue was full
  std::uint64_t skipped = 0;        // not sent when due (open loop): the connection was not open
  std::uint64_t abandoned = 0;      // sent, and not waited for: it ended before, or never reads
  std::uint64_t ramp_time = 0;      // ns, until the last of the first connections was open
  std::uint64_t measured_time = 0;  // ns
  std::uint64_t recovery_time = 0;  // ns, the longest until all were back after a storm
  std::uint64_t unrecovered = 0;    // storms after which not all came back
  measure::Histogram latency;       // ns, from the instant a message was due to its echo
  measure::Histogram late;          // ns, of it until we sent the message (open loop)
  measure::Histogram opening;       // ns, from connect() to the open connection

  void count_drop(unsigned code, const std::string& reason, std::uint64_t count = 1);
  // Counts add up, times are those of the slowest.
  void add(const LoadTally& other);
  bool is_faultless() const noexcept {
    return failed + dropped + missing + silent + lost + overdue + corrupt + misplaced +
                   unrecovered ==
               0 &&
           opened != 0;
  }
};

// One "name value", "name words", "name value count" or "drop code count words" a line;
// read_tally() leaves out what it does not know.
std::string tally_text(const LoadTally& tally);
LoadTally read_tally(std::string_view text);

}  // namespace duplex::tools
