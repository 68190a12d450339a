// Tasks for a loop from other threads. Shared: it may outlive its loop, and then refuses.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "duplex/net/kernel.h"

namespace duplex::net {

class Mailbox {
 public:
  using Task = std::function<void()>;

  Mailbox(Kernel& kernel, int eventfd) noexcept : kernel_(kernel), eventfd_(eventfd) {}

  // From any thread. False, and the task dropped, once closed. Throws std::bad_alloc only.
  bool post(Task task);

  // For the loop: moves what has been posted to `tasks`, which must be empty.
  void take(std::vector<Task>& tasks);
  // For the loop, before its eventfd goes: no post is in progress afterwards, none will succeed.
  void close();

 private:
  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool closed_ = false;
  Kernel& kernel_;
  const int eventfd_;
};

}  // namespace duplex::net
