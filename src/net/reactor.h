// The event loop as the layers inside the library see it: descriptors, intrusive timers, what runs
// at the end of a turn, and the one receive buffer. Owner: EventLoop. Thread: the loop's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "duplex/base/result.h"
#include "duplex/net/event_loop.h"
#include "duplex/net/kernel.h"
#include "net/descriptor.h"
#include "net/mailbox.h"
#include "net/timer.h"

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

// Something that dies at the end of the turn, never under a handler.
class Mortal {
 public:
  virtual void destroy() = 0;

 protected:
  virtual ~Mortal() = default;

 private:
  friend class Reactor;
  Mortal* next_buried_ = nullptr;
};

class Reactor final : private ReadyHandler {
 public:
  Reactor(Kernel& kernel, EventLoopOptions options);  // throws std::system_error
  ~Reactor();  // destroys what is buried, drops posted tasks, leaves timers unarmed
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // --- Descriptors -----------------------------------------------------------------------------
  // Watches `fd` for `interest` (bits of Ready; errors and hang-ups are always reported).
  Result<WatchId, std::error_code> watch(int fd, std::uint32_t interest, ReadyHandler& handler);
  // Changes what is waited for; no system call when nothing changes.
  std::error_code change_interest(WatchId id, std::uint32_t interest);
  // Forgets the descriptor; call before closing it. An unknown or stale id is ignored.
  void unwatch(WatchId id) noexcept;
  // As unwatch(), without the system call: for a descriptor that is closed right afterwards and
  // was never duplicated, because closing takes it out of epoll too.
  void forget(WatchId id) noexcept;
  std::size_t watched_count() const noexcept { return watched_count_; }

  // --- Timers ----------------------------------------------------------------------------------
  // Arms or re-arms. on_timer() runs once, in the first later turn whose now() is not before
  // `deadline`, never in the turn that armed it.
  void arm(Timer& timer, Clock::time_point deadline);
  void disarm(Timer& timer) noexcept { timers_.disarm(timer); }

  // What peers have time for. A loop that wakes long after the first of these deadlines did not
  // listen meanwhile: its process was stopped, or a handler blocked. The time since its last turn
  // is not the peers', and everything that came meanwhile is read before a deadline is judged. It
  // has to have listened for a second before it is excused again. This clock never goes back.
  Clock::time_point fair_now() noexcept;
  // As arm(), by that clock. A timer is armed by one of the two.
  void arm_fairly(Timer& timer, Clock::time_point deadline);
  void disarm_fairly(Timer& timer) noexcept { fair_timers_.disarm(timer); }

  // --- The end of the turn -----------------------------------------------------------------------
  // Each request is answered once if `id` is still watched then; the caller avoids asking twice.
  // What is requested by on_flush() itself is answered in the next turn, which does not wait.
  // Without memory to note down who asked, everybody is answered.
  void request_flush(WatchId id) noexcept { request(flushes_, id); }
  void request_resume(WatchId id) noexcept { request(resumes_, id); }
  // Calls destroy() at the end of the turn (of the next one, when called between turns).
  void bury(Mortal& mortal) noexcept;

  // The loop's receive buffer. Its contents live until the handler that filled it returns.
  // `receive_margin` bytes before and behind it may be overwritten too.
  MutableBytes receive_buffer() noexcept { return receive_buffer_; }
  static constexpr std::size_t receive_margin = 64;

  Kernel& kernel() noexcept { return kernel_; }
  // Read once per turn; between turns, when asked.
  Clock::time_point now() const noexcept { return turning_ ? now_ : kernel_.now(); }

  // The time itself, for deadlines asked for late in a long turn.
  Clock::time_point look_at_clock() { return looked_ = kernel_.now(); }

  // Runs `call()`; an exception goes to the handler of EventLoop::on_exception.
  template <class F>
  void guard(F&& call) noexcept {
    try {
      std::forward<F>(call)();
    } catch (...) {
      report(std::current_exception());
    }
  }

  // --- For EventLoop ---------------------------------------------------------------------------
  void run();
  bool turn(std::chrono::nanoseconds max_wait);
  // Of what has passed since the last turn, some was not the loop's: it is not judged.
  void disregard_time() noexcept { judged_ = true; }
  EventLoopStats stats() const noexcept { return stats_; }
  void stop() noexcept;  // from any thread, and from a signal handler
  // What other threads may keep and post to, even when the loop has gone.
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }
  void on_exception(std::function<void(std::exception_ptr)> handler);

 private:
  struct Watch {
    ReadyHandler* handler = nullptr;  // null while the slot is free
    std::uint32_t generation = 1;
    std::uint32_t interest = 0;
    int fd = -1;
    std::uint32_t next_free = 0;
  };
  static_assert(sizeof(Watch) <= 24, "10,000 idle connections must stay small");

  void on_ready(std::uint32_t events) override;  // the eventfd: tasks have been posted, or stop()

  std::uint32_t take_slot();
  void free_slot(std::uint32_t slot) noexcept;
  Watch* find(WatchId id) noexcept;

  void request(std::vector<WatchId>& requests, WatchId id) noexcept;
  // Each stop() ends one run: what comes after it goes on.
  bool take_stop() noexcept {
    if (!stopped_.load(std::memory_order_acquire)) return false;
    stopped_.store(false, std::memory_order_relaxed);
    return true;
  }
  std::chrono::nanoseconds time_to_wait(std::chrono::nanoseconds max_wait);
  void begin_turn(int count, std::chrono::nanoseconds waited);
  Clock::time_point next_deadline() const noexcept;
  bool is_late(Clock::time_point time) const noexcept;
  void listen_fairly(int count) noexcept;
  void judge_turn(std::chrono::nanoseconds length) noexcept;
  void dispatch(const Ready& ready) noexcept;
  void finish_turn() noexcept;
  template <void (ReadyHandler::*call)()>
  void answer() noexcept;
  template <void (ReadyHandler::*call)()>
  void answer_everybody() noexcept;
  void run_timers() noexcept;
  void run_tasks() noexcept;
  void destroy_buried() noexcept;
  void report(std::exception_ptr exception) noexcept;

  Kernel& kernel_;
  Descriptor epoll_;
  Descriptor eventfd_;
  std::shared_ptr<Mailbox> mailbox_;
  Clock::time_point now_;     // of this turn
  Clock::time_point looked_;  // what the clock said last
  bool busy_ = false;         // the last wait reported something, soon after the one before
  bool judged_ = true;        // whether the last turn was slow is known, or nobody's business
  bool turning_ = false;
  bool requested_ = false;  // anything of the end of this turn or the start of the next
  bool tasks_due_ = false;
  std::atomic<bool> stopped_ = false;

  std::vector<Watch> watches_;
  std::uint32_t first_free_;
  std::size_t watched_count_ = 0;
  std::vector<Ready> ready_;
  TimerHeap timers_;
  TimerHeap fair_timers_;               // by fair_now()
  std::chrono::nanoseconds missed_{0};  // in all, while nobody listened
  Clock::time_point listened_;          // until then fair_now() has gone, by now()
  Clock::time_point excused_;           // the last time, by fair_now()
  std::size_t full_turns_ = 0;          // in a row: there may be more to read
  std::vector<WatchId> flushes_;
  std::vector<WatchId> resumes_;
  std::vector<WatchId> running_;  // the requests being answered
  std::vector<Mailbox::Task> tasks_;
  Mortal* first_buried_ = nullptr;
  Mortal* last_buried_ = nullptr;

  std::chrono::nanoseconds slow_turn_;
  std::chrono::nanoseconds glance_;   // how long a busy loop waits without a look at the clock
  std::chrono::nanoseconds closely_;  // its turns follow each other
  EventLoopStats stats_;

  std::unique_ptr<std::byte[]> receive_memory_;
  MutableBytes receive_buffer_;
  std::function<void(std::exception_ptr)> on_exception_;
};

}  // namespace duplex::net
