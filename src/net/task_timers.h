// The timers behind EventLoop::run_after(): a task each, cancelled by id.
#pragma once

#include <cstdint>
#include <deque>

#include "net/reactor.h"

namespace duplex::net {

// Owner: EventLoop. An id is generation << 32 | slot and never means two timers.
class TaskTimers {
 public:
  explicit TaskTimers(Reactor& reactor) noexcept : reactor_(reactor) {}
  ~TaskTimers();
  TaskTimers(const TaskTimers&) = delete;
  TaskTimers& operator=(const TaskTimers&) = delete;

  TimerId run_after(Clock::duration delay, EventLoop::Task task);
  void cancel(TimerId id) noexcept;

 private:
  struct Entry final : Timer {
    void on_timer() override { owner->fire(*this); }

    TaskTimers* owner = nullptr;
    EventLoop::Task task;
    std::uint32_t generation = 1;
    std::uint32_t slot = 0;
    Entry* next_free = nullptr;
  };

  Entry& take_entry();
  void free_entry(Entry& entry) noexcept;
  void fire(Entry& entry);

  Reactor& reactor_;
  std::deque<Entry> entries_;  // their addresses must stay
  Entry* first_free_ = nullptr;
};

}  // namespace duplex::net
