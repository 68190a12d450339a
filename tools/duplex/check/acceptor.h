// Takes clients in, as long as there is room for them.
#pragma once

#include <cstdint>
#include <optional>

#include "../poll_set.h"
#include "case_run.h"
#include "duplex/net/kernel.h"

namespace duplex::tools::suite {

// Owner and thread: the engine's. `kernel` and `polls` must outlive it.
class Acceptor {
 public:
  // Listens on `address` and writes back the one that it got; throws std::system_error.
  Acceptor(net::Kernel& kernel, PollSet& polls, net::Address& address, std::uint64_t data);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // The next client, or nothing when none waits or the system has no descriptor for one: then it
  // pauses, because who waits in the queue keeps the socket ready.
  std::optional<int> take(Clock::time_point now);
  void pause(Clock::time_point now);
  // Listens again once the pause is over.
  void resume(Clock::time_point now);
  // The end of a pause.
  std::optional<Clock::time_point> resume_at() const noexcept { return resume_at_; }

 private:
  net::Kernel& kernel_;
  PollSet& polls_;
  std::uint64_t data_;
  int fd_;
  std::optional<Clock::time_point> resume_at_;
};

}  // namespace duplex::tools::suite
