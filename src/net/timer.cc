// The heap of deadlines: four children per entry, each timer knows its place.
#include "net/timer.h"

#include <algorithm>

namespace duplex::net {

namespace {
constexpr std::size_t arity = 4;
}  // namespace

TimerHeap::~TimerHeap() {
  for (const Entry& entry : entries_) entry.timer->index_ = Timer::unarmed;
}

void TimerHeap::arm(Timer& timer, Clock::time_point deadline) {
  const Entry entry = {deadline, &timer};
  if (!timer.armed()) {
    assert(entries_.size() < Timer::unarmed);
    entries_.push_back(entry);
    timer.sequence_ = sequence_++;
    sift_up(entries_.size() - 1, entry);
    return;
  }
  timer.sequence_ = sequence_++;
  const std::size_t at = timer.index_;
  const bool earlier = deadline < entries_[at].deadline;
  earlier ? sift_up(at, entry) : sift_down(at, entry);
}

void TimerHeap::disarm(Timer& timer) noexcept {
  if (!timer.armed()) return;
  const std::size_t at = timer.index_;
  timer.index_ = Timer::unarmed;
  const Entry last = entries_.back();
  entries_.pop_back();
  if (at == entries_.size()) return;
  // The last entry takes the gap; it may belong on either side of it.
  if (at > 0 && before(last, entries_[(at - 1) / arity])) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

void TimerHeap::fire_next() {
  Timer& timer = *entries_.front().timer;
  disarm(timer);
  timer.on_timer();
}

// The difference of the sequence numbers, not their order, so that they may wrap.
bool TimerHeap::before(const Entry& a, const Entry& b) noexcept {
  if (a.deadline != b.deadline) return a.deadline < b.deadline;
  return static_cast<std::int32_t>(a.timer->sequence_ - b.timer->sequence_) < 0;
}

void TimerHeap::place(std::size_t at, const Entry& entry) noexcept {
  entries_[at] = entry;
  entry.timer->index_ = static_cast<std::uint32_t>(at);
}

void TimerHeap::sift_up(std::size_t at, const Entry& entry) noexcept {
  while (at > 0) {
    const std::size_t parent = (at - 1) / arity;
    if (!before(entry, entries_[parent])) break;
    place(at, entries_[parent]);
    at = parent;
  }
  place(at, entry);
}

void TimerHeap::sift_down(std::size_t at, const Entry& entry) noexcept {
  for (std::size_t first = at * arity + 1; first < entries_.size(); first = at * arity + 1) {
    const std::size_t child = earliest_child(first);
    if (!before(entries_[child], entry)) break;
    place(at, entries_[child]);
    at = child;
  }
  place(at, entry);
}

std::size_t TimerHeap::earliest_child(std::size_t first) const noexcept {
  const std::size_t end = std::min(first + arity, entries_.size());
  std::size_t earliest = first;
  for (std::size_t child = first + 1; child < end; ++child) {
    if (before(entries_[child], entries_[earliest])) earliest = child;
  }
  return earliest;
}

}  // namespace duplex::net
