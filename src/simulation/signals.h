// The small things behind descriptors: wake-up counters, pending signals, a reserved number.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "simulation/epoll.h"

namespace duplex::simulation {

class EventCounter final : public Pollable {
 public:
  std::string_view kind() const noexcept override { return "eventfd"; }
  std::uint32_t readiness() const override {
    return (count_ > 0 ? net::Ready::in : 0) | net::Ready::out;
  }
  void add() {
    ++count_;
    changed();
  }
  int clear() { return std::exchange(count_, 0) > 0 ? 0 : -EAGAIN; }

 private:
  std::uint64_t count_ = 0;
};

class SignalQueue final : public Pollable {
 public:
  explicit SignalQueue(std::span<const int> signals) : signals_(signals.begin(), signals.end()) {}

  std::string_view kind() const noexcept override { return "signalfd"; }
  std::uint32_t readiness() const override { return pending_.empty() ? 0 : net::Ready::in; }

  // A signal that is pending already is not queued twice (signal(7)). False when it is not ours.
  bool raise(int signal) {
    if (std::find(signals_.begin(), signals_.end(), signal) == signals_.end()) return false;
    if (std::find(pending_.begin(), pending_.end(), signal) == pending_.end()) {
      pending_.push_back(signal);
      changed();
    }
    return true;
  }
  int next() {
    if (pending_.empty()) return -EAGAIN;
    const int signal = pending_.front();
    pending_.pop_front();
    return signal;
  }

 private:
  std::vector<int> signals_;
  std::deque<int> pending_;
};

class ReservedDescriptor final : public Pollable {
 public:
  std::string_view kind() const noexcept override { return "reserve"; }
};

}  // namespace duplex::simulation
