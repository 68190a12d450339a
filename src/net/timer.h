// Deadlines that live inside their owners, and the 4-ary heap that orders them.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "duplex/net/kernel.h"

namespace duplex::net {

// A deadline that lives inside its owner; 16 bytes. Disarm before destroying (asserted).
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool armed() const noexcept { return index_ != unarmed; }

 protected:
  virtual ~Timer() { assert(!armed()); }
  virtual void on_timer() = 0;

 private:
  friend class TimerHeap;
  static constexpr std::uint32_t unarmed = 0xffffffff;
  std::uint32_t index_ = unarmed;  // place in the heap
  std::uint32_t sequence_ = 0;     // equal deadlines fire in the order of arming
};
static_assert(sizeof(Timer) == 16);

// Owner: a reactor. A timer costs 16 bytes here while it is armed. Four children share a cache
// line.
class TimerHeap {
 public:
  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap();  // leaves every timer unarmed

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  // The earliest deadline; not for an empty heap.
  Clock::time_point next() const noexcept { return entries_.front().deadline; }

  // Arms or re-arms; only arming can throw (std::bad_alloc), and then nothing has changed.
  void arm(Timer& timer, Clock::time_point deadline);
  void disarm(Timer& timer) noexcept;
  // Disarms the earliest timer and calls it, which may arm, disarm and destroy any timer.
  void fire_next();

 private:
  struct Entry {
    Clock::time_point deadline;
    Timer* timer;
  };
  static bool before(const Entry& a, const Entry& b) noexcept;
  void place(std::size_t at, const Entry& entry) noexcept;
  void sift_up(std::size_t at, const Entry& entry) noexcept;
  void sift_down(std::size_t at, const Entry& entry) noexcept;
  std::size_t earliest_child(std::size_t first) const noexcept;

  std::vector<Entry> entries_;
  std::uint32_t sequence_ = 0;
};

}  // namespace duplex::net
