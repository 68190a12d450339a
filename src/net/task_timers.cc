// The timers behind EventLoop::run_after().
#include "net/task_timers.h"

#include <algorithm>

namespace duplex::net {

TaskTimers::~TaskTimers() {
  for (Entry& entry : entries_) reactor_.disarm(entry);
}

TaskTimers::Entry& TaskTimers::take_entry() {
  if (first_free_ != nullptr) {
    Entry& entry = *first_free_;
    first_free_ = entry.next_free;
    return entry;
  }
  Entry& entry = entries_.emplace_back();
  entry.owner = this;
  entry.slot = static_cast<std::uint32_t>(entries_.size() - 1);
  return entry;
}

void TaskTimers::free_entry(Entry& entry) noexcept {
  // When its generations are used up the entry is retired.
  if (++entry.generation == 0) return;
  entry.next_free = first_free_;
  first_free_ = &entry;
}

TimerId TaskTimers::run_after(Clock::duration delay, EventLoop::Task task) {
  // Not now(): a delay asked for late in a long turn must not end early.
  const auto now = reactor_.look_at_clock();
  const auto longest = Clock::time_point::max() - now;
  Entry& entry = take_entry();
  try {
    reactor_.arm(entry, now + std::min(delay, longest));
  } catch (...) {
    free_entry(entry);
    throw;
  }
  entry.task = std::move(task);
  return static_cast<TimerId>(std::uint64_t{entry.generation} << 32 | entry.slot);
}

void TaskTimers::cancel(TimerId id) noexcept {
  const auto slot = static_cast<std::uint32_t>(id);
  const auto generation = static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 32);
  if (slot >= entries_.size() || entries_[slot].generation != generation) return;
  Entry& entry = entries_[slot];
  reactor_.disarm(entry);
  // Dropped last: what the task holds may call run_after() or cancel() as it goes.
  const EventLoop::Task dropped = std::move(entry.task);
  free_entry(entry);
}

void TaskTimers::fire(Entry& entry) {
  const EventLoop::Task task = std::move(entry.task);
  free_entry(entry);
  task();
}

}  // namespace duplex::net
