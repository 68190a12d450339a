// Which case is next: slow ones first, light ones side by side, heavy ones two at a time, floods
// alone and last.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "script.h"

namespace duplex::tools::suite {

// Owner: whoever runs the cases, which must outlive it.
class Schedule {
 public:
  Schedule(const std::vector<const Case*>& cases, std::size_t parallel);

  // The index of a case to begin now, if one may.
  std::optional<std::size_t> begin();
  void end(std::size_t index);       // it is over
  void put_back(std::size_t index);  // it is to begin again

  std::size_t running() const noexcept { return running_; }
  bool done() const noexcept;  // nothing runs and nothing waits

 private:
  std::deque<std::size_t>* choose();
  std::deque<std::size_t>& queue_for(Load load) noexcept;

  const std::vector<const Case*>& cases_;
  std::size_t parallel_;
  std::deque<std::size_t> slow_;
  std::deque<std::size_t> light_;
  std::deque<std::size_t> heavy_;
  std::deque<std::size_t> floods_;
  std::size_t running_ = 0;
  std::size_t heavy_running_ = 0;
  bool flooding_ = false;
};

}  // namespace duplex::tools::suite
