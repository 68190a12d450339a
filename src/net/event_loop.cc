// The event loop as the user sees it: the reactor with tasks by id, signals and a kernel.
#include "duplex/net/event_loop.h"

#include <cassert>

#include "duplex/net/linux_kernel.h"
#include "net/error.h"
#include "net/reactor.h"
#include "net/task_timers.h"

namespace duplex::net {

namespace {

class SignalWatch final : private ReadyHandler {
 public:
  SignalWatch(Reactor& reactor, std::span<const int> signals, std::function<void(int)> handler)
      : reactor_(reactor),
        descriptor_(reactor.kernel(),
                    value_or_throw(reactor.kernel().signalfd(signals), "signalfd")),
        handler_(std::move(handler)) {
    const auto watched = reactor_.watch(descriptor_.fd(), Ready::in, *this);
    if (!watched) throw std::system_error(watched.error(), "epoll_ctl");
    id_ = *watched;
  }
  ~SignalWatch() { reactor_.unwatch(id_); }

 private:
  void on_ready(std::uint32_t) override {
    for (;;) {
      const int signal = reactor_.kernel().next_signal(descriptor_.fd());
      if (signal <= 0) return;
      reactor_.guard([&] { handler_(signal); });
    }
  }

  Reactor& reactor_;
  Descriptor descriptor_;
  std::function<void(int)> handler_;
  WatchId id_ = WatchId::none;
};

}  // namespace

// Destroyed from the bottom up: whatever uses the reactor goes before it, the kernel last.
struct EventLoop::Parts {
  Parts(std::unique_ptr<Kernel> own, Kernel& kernel, const Options& options)
      : own_kernel(std::move(own)), reactor(kernel, options), timers(reactor) {}
  // First of all: what the tasks hold may try to post as it goes.
  ~Parts() { reactor.mailbox()->close(); }

  std::unique_ptr<Kernel> own_kernel;
  Reactor reactor;
  TaskTimers timers;
  std::vector<std::unique_ptr<SignalWatch>> signals;
};

EventLoop::EventLoop() {
  auto kernel = std::make_unique<LinuxKernel>();
  Kernel& seam = *kernel;
  parts_ = std::make_unique<Parts>(std::move(kernel), seam, Options{});
}

EventLoop::EventLoop(Kernel& kernel, Options options)
    : parts_(std::make_unique<Parts>(nullptr, kernel, options)) {}

EventLoop::~EventLoop() = default;

void EventLoop::run() { parts_->reactor.run(); }
void EventLoop::stop() noexcept { parts_->reactor.stop(); }
bool EventLoop::turn(std::chrono::nanoseconds max_wait) {
  parts_->reactor.disregard_time();
  return parts_->reactor.turn(max_wait);
}
bool EventLoop::post(Task task) { return parts_->reactor.mailbox()->post(std::move(task)); }
std::function<bool(EventLoop::Task)> EventLoop::poster() {
  return
      [mailbox = parts_->reactor.mailbox()](Task task) { return mailbox->post(std::move(task)); };
}

Clock::time_point EventLoop::now() const noexcept { return parts_->reactor.now(); }

TimerId EventLoop::run_after(Clock::duration delay, Task task) {
  return parts_->timers.run_after(delay, std::move(task));
}
void EventLoop::cancel(TimerId id) noexcept { parts_->timers.cancel(id); }

void EventLoop::on_signal(std::span<const int> signals, std::function<void(int signal)> handler) {
  parts_->signals.push_back(
      std::make_unique<SignalWatch>(parts_->reactor, signals, std::move(handler)));
}

void EventLoop::on_exception(std::function<void(std::exception_ptr)> handler) {
  parts_->reactor.on_exception(std::move(handler));
}

EventLoopStats EventLoop::stats() const noexcept { return parts_->reactor.stats(); }
Kernel& EventLoop::kernel() noexcept { return parts_->reactor.kernel(); }
Reactor& EventLoop::reactor() noexcept { return parts_->reactor; }

}  // namespace duplex::net
