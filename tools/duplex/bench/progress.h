// One line on the terminal while a bench runs: what is running, how far, how long still.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "plan.h"

namespace duplex::tools {

// "round 2/4 · long-poll  [########--------]  14 s left", in at most `columns`: the bar gives way
// first, then the end of the line. Pure.
std::string progress_line(const std::string& what, double share, std::chrono::seconds left,
                          std::size_t columns);

// Writes to stderr, and only when that is a terminal. Owner: `bench`.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  // `overhead`: what a block takes beside its length.
  Progress(const std::vector<PlannedBlock>& blocks, std::chrono::nanoseconds overhead, bool wanted);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void start_block(std::size_t index, std::string what);
  void tick();
  // Says that the block under way is the last one.
  void finish_with_this();

 private:
  std::chrono::nanoseconds time_of(std::size_t index) const;

  const std::vector<PlannedBlock>& blocks_;
  std::chrono::nanoseconds overhead_;
  bool visible_;
  std::chrono::nanoseconds total_{0};
  std::chrono::nanoseconds before_{0};  // planned for the blocks that are over
  std::size_t block_ = 0;
  std::string what_;
  bool finishing_ = false;
  Clock::time_point block_start_ = {};
  Clock::time_point next_draw_ = {};
};

}  // namespace duplex::tools
