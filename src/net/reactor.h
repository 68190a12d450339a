// The event loop as the layers inside the library see it: descriptors, intrusive timers, what runs
// at the end of a turn, and the one receive buffer. Owner: EventLoop. Thread: the loop's.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <system_error>
#include <vector>

#include "duplex/base/result.h"
#include "duplex/net/event_loop.h"
#include "duplex/net/kernel.h"

namespace duplex::net {

// Names a watched descriptor: generation << 32 | slot, which is also what epoll carries. Whatever
// arrives for an id that has been unwatched since fails one compare and is dropped.
enum class WatchId : std::uint64_t { none = 0 };

// Something with a descriptor in the loop. May do anything inside these calls, even unwatch itself.
class ReadyHandler {
 public:
  virtual void on_ready(std::uint32_t events) = 0;  // the bits of Ready
  virtual void on_flush() {}                        // request_flush(), at the end of that turn
  virtual void on_resume() {}                       // request_resume(), in the next turn

 protected:
  ~ReadyHandler() = default;
};

// A deadline that lives inside its owner; 16 bytes. Disarm before destroying (asserted).
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool armed() const noexcept { return index_ != unarmed; }

 protected:
  ~Timer();
  virtual void on_timer() = 0;

 private:
  friend class TimerHeap;
  static constexpr std::uint32_t unarmed = 0xffffffff;
  std::uint32_t index_ = unarmed;  // place in the heap
};

// Something that dies at the end of the turn, never under a handler.
class Mortal {
 public:
  virtual void destroy() = 0;

 protected:
  ~Mortal() = default;
};

class Reactor {
 public:
  Reactor(Kernel& kernel, EventLoopOptions options);  // throws std::system_error
  ~Reactor();

  // Watches `fd` for `interest` (bits of Ready; errors and hang-ups are always reported).
  Result<WatchId, std::error_code> watch(int fd, std::uint32_t interest, ReadyHandler& handler);
  // Changes what is waited for; no system call when nothing changes.
  std::error_code change_interest(WatchId id, std::uint32_t interest);
  // Forgets the descriptor; call before closing it. An unknown or stale id is ignored.
  void unwatch(WatchId id) noexcept;

  // Arms or re-arms. on_timer() runs once, in the first turn whose now() is not before `deadline`.
  void arm(Timer& timer, Clock::time_point deadline);
  void disarm(Timer& timer) noexcept;

  // Each request is answered once if `id` is still watched then; the caller avoids asking twice.
  void request_flush(WatchId id);
  void request_resume(WatchId id);
  void bury(Mortal& mortal);

  // The loop's receive buffer. Its contents live until the handler that filled it returns.
  MutableBytes receive_buffer() noexcept;

  Kernel& kernel() noexcept;
  Clock::time_point now() const noexcept;

  // Runs `call()`; an exception goes to the handler of EventLoop::on_exception.
  template <class F>
  void guard(F&& call) noexcept;

  // (EventLoop's own interface follows in the implementation.)
};

}  // namespace duplex::net
