// A slow link played by the server: what passes is held back for a fixed time, and stays in order.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <utility>

#include "duplex/duplex.h"

namespace duplex::tools {

// Owner: a feed. Thread: that of `loop`, which outlives it. What is still held when it goes is
// dropped.
class HoldBack {
 public:
  using Task = std::function<void()>;

  HoldBack(EventLoop& loop, net::Clock::duration delay) noexcept : loop_(loop), delay_(delay) {}
  ~HoldBack() { loop_.cancel(timer_); }
  HoldBack(const HoldBack&) = delete;
  HoldBack& operator=(const HoldBack&) = delete;

  // Runs `task` when the time has passed; at once, and without a copy, when there is none. Tasks
  // may pass more, but not destroy this.
  template <class F>
  void pass(F&& task) {
    if (!holds_back()) return task();
    hold(std::forward<F>(task));
  }
  bool holds_back() const noexcept { return delay_.count() != 0; }

 private:
  struct Held {
    net::Clock::time_point due;
    Task task;
  };

  void hold(Task task);
  void arm();
  void release_due();

  EventLoop& loop_;
  net::Clock::duration delay_;
  std::deque<Held> held_;
  TimerId timer_ = TimerId::none;
};

}  // namespace duplex::tools
