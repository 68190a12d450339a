// A single-threaded reactor over epoll.
//
// One turn: wait -> now() once -> ready descriptors -> due timers -> posted tasks -> flush list ->
// dying list. Level-triggered. Everything but post() and stop() belongs to the thread that runs it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "duplex/base/bytes.h"
#include "duplex/net/kernel.h"

namespace duplex::net {

enum class TimerId : std::uint64_t { none = 0 };

struct EventLoopOptions {
  // Bytes of the one receive buffer that all connections of the loop share: the most that one
  // connection can hand over in one turn.
  std::size_t receive_buffer_size = std::size_t{256} << 10;
  // Descriptors reported by one epoll_wait; the rest waits for the next turn.
  int max_events = 1024;
  // A turn whose handlers took longer than this is counted in stats(); 0: none is. Meanwhile nobody
  // else is served: no message, no timer, no new connection, not even those that SO_REUSEPORT could
  // have given to another loop.
  Clock::duration slow_turn = std::chrono::milliseconds(100);
};

// Turns of run() that took longer than EventLoopOptions::slow_turn. They are found without a look
// at the clock that a busy loop does not take anyway: one of more than twice the limit is always
// counted, one within it never. A thread that gets no processor is as slow as a handler that
// blocks.
struct EventLoopStats {
  std::uint64_t slow_turns = 0;
  Clock::duration slow_time{0};  // all of them together, less at most the limit for each
};

class EventLoop {
 public:
  using Task = std::function<void()>;
  using Options = EventLoopOptions;

  EventLoop();                                               // on a LinuxKernel of its own
  explicit EventLoop(Kernel& kernel, Options options = {});  // `kernel` must outlive the loop
  ~EventLoop();  // throws nothing; posted tasks that have not run are dropped
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Turns until stop(). A stop() before run() makes it return at once. Throws std::system_error
  // only when epoll itself fails. What a task, timer or handler throws is passed to on_exception.
  void run();
  // From any thread, and from a signal handler. Ends the run() or turn() that goes on, else the
  // next one.
  void stop() noexcept;
  // One turn that waits at most `max_wait` (negative: for ever); returns false, once, after stop().
  // For tests and for embedding, which is not counted in stats().
  bool turn(std::chrono::nanoseconds max_wait);

  // From any thread: runs `task` on the loop's thread in the turn after. Returns false (and drops
  // the task) once the loop has stopped for good, i.e. while it is being destroyed.
  bool post(Task task);
  // post() for threads that may outlive the loop: false for ever once it has gone.
  std::function<bool(Task)> poster();

  Clock::time_point now() const noexcept;  // read once per turn; between turns, when asked
  // Never early, at most 2 ms late on an idle machine (from a second upwards, after a turn that
  // took as long: half a second). A delay of 0 runs in the next turn.
  TimerId run_after(Clock::duration delay, Task task);
  // The same for a delay in other units, which may be longer than the clock can count.
  template <class Rep, class Period>
  TimerId run_after(std::chrono::duration<Rep, Period> delay, Task task) {
    using Delay = std::chrono::duration<Rep, Period>;
    constexpr Delay longest = std::chrono::duration_cast<Delay>(Clock::duration::max());
    return run_after(Clock::duration(std::clamp(delay, -longest, longest)), std::move(task));
  }
  void cancel(TimerId id) noexcept;  // an id that has fired, or none, is ignored

  // Runs `handler` with the signal's number when one of `signals` arrives (they are blocked for the
  // calling thread, so install before starting others). Arrives even where the signal was ignored,
  // as SIGHUP is under nohup(1): ask sigaction(2) first. Throws std::system_error.
  void on_signal(std::span<const int> signals, std::function<void(int signal)> handler);

  // Called with what a task, timer or handler threw; the loop goes on. Default: drops it.
  void on_exception(std::function<void(std::exception_ptr)> handler);

  EventLoopStats stats() const noexcept;
  Kernel& kernel() noexcept;
  // For the layers of this library: net/reactor.h.
  class Reactor& reactor() noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace duplex::net
