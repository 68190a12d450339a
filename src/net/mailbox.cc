// Tasks for a loop from other threads: one wake-up per batch.
#include "net/mailbox.h"

#include <cassert>

namespace duplex::net {

bool Mailbox::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  tasks_.push_back(std::move(task));
  // Under the lock, so that the eventfd cannot be closed meanwhile. -EAGAIN means that it is full,
  // hence readable: the loop wakes anyway.
  if (tasks_.size() == 1) static_cast<void>(kernel_.wake(eventfd_));
  return true;
}

void Mailbox::take(std::vector<Task>& tasks) {
  assert(tasks.empty());
  const std::lock_guard lock(mutex_);
  tasks_.swap(tasks);
}

void Mailbox::close() {
  std::vector<Task> dropped;  // destroyed outside the lock: a task's captures may post again
  const std::lock_guard lock(mutex_);
  closed_ = true;
  tasks_.swap(dropped);
}

}  // namespace duplex::net
