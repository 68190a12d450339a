// A slow link played by the server.
#include "hold_back.h"

#include <algorithm>

namespace duplex::tools {

void HoldBack::hold(Task task) {
  held_.push_back({.due = loop_.now() + delay_, .task = std::move(task)});
  if (timer_ == TimerId::none) arm();
}

void HoldBack::arm() {
  const auto wait = std::max(held_.front().due - loop_.now(), net::Clock::duration::zero());
  timer_ = loop_.run_after(wait, [this] { release_due(); });
}

void HoldBack::release_due() {
  timer_ = TimerId::none;
  const auto now = loop_.now();
  while (!held_.empty() && held_.front().due <= now) {
    const Task task = std::move(held_.front().task);
    held_.pop_front();
    task();
  }
  if (!held_.empty() && timer_ == TimerId::none) arm();
}

}  // namespace duplex::tools
