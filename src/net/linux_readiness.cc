// Readiness, wake-ups, signals and clocks of the seam, by Linux system calls.
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <limits>

#include "duplex/net/linux_kernel.h"
#include "net/linux_call.h"

namespace duplex::net {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

static_assert(Ready::in == EPOLLIN && Ready::out == EPOLLOUT && Ready::error == EPOLLERR);
static_assert(Ready::hang_up == EPOLLHUP && Ready::read_hang_up == EPOLLRDHUP);
static_assert(Ready::edge == EPOLLET);

namespace {

int operation_number(EpollOperation operation) noexcept {
  switch (operation) {
    case EpollOperation::add:
      return EPOLL_CTL_ADD;
    case EpollOperation::modify:
      return EPOLL_CTL_MOD;
    case EpollOperation::remove:
      break;
  }
  return EPOLL_CTL_DEL;
}

// Rounded up, so that a wait never ends before its deadline.
int whole_milliseconds(nanoseconds timeout) noexcept {
  constexpr std::int64_t longest = std::numeric_limits<int>::max();
  return static_cast<int>(std::min((timeout.count() + 999'999) / 1'000'000, longest));
}

timespec as_timespec(nanoseconds timeout) noexcept {
  const auto whole = std::chrono::floor<seconds>(timeout);
  return {.tv_sec = whole.count(), .tv_nsec = (timeout - whole).count()};
}

}  // namespace

static_assert(sizeof(Ready) == sizeof(epoll_event) &&
              offsetof(Ready, data) == offsetof(epoll_event, data));

LinuxKernel::LinuxKernel() = default;
LinuxKernel::~LinuxKernel() = default;

int LinuxKernel::epoll_create() {
  counts_.add(Call::epoll_create);
  return value_or_errno(::epoll_create1(EPOLL_CLOEXEC));
}

int LinuxKernel::epoll_ctl(int epoll, EpollOperation operation, int fd, Ready interest) {
  counts_.add(Call::epoll_ctl);
  epoll_event event = {};
  event.events = interest.events;
  event.data.u64 = interest.data;
  return value_or_errno(::epoll_ctl(epoll, operation_number(operation), fd, &event));
}

int LinuxKernel::epoll_wait(int epoll, std::span<Ready> ready, nanoseconds timeout) {
  counts_.add(Call::epoll_wait);
  auto* events = reinterpret_cast<epoll_event*>(ready.data());
  const int max_events = static_cast<int>(ready.size());
  if (timeout > nanoseconds::zero() && has_epoll_pwait2_) {
    const timespec limit = as_timespec(timeout);
    const int count = value_or_errno(::epoll_pwait2(epoll, events, max_events, &limit, nullptr));
    // Linux before 5.11 does not know the call, old sandboxes forbid it.
    if (count != -ENOSYS && count != -EPERM) return count;
    has_epoll_pwait2_ = false;
  }
  const int limit = timeout > nanoseconds::zero()   ? whole_milliseconds(timeout)
                    : timeout < nanoseconds::zero() ? -1
                                                    : 0;
  return value_or_errno(::epoll_wait(epoll, events, max_events, limit));
}

int LinuxKernel::eventfd() {
  counts_.add(Call::eventfd);
  return value_or_errno(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

int LinuxKernel::wake(int eventfd) noexcept {
  const int saved_errno = errno;  // a signal handler may not disturb the code it interrupts
  counts_.add_from_any_thread(Call::eventfd_write);
  const std::uint64_t one = 1;
  const auto result = retry_interrupted([&] { return ::write(eventfd, &one, sizeof one); });
  errno = saved_errno;
  return result < 0 ? static_cast<int>(result) : 0;
}

int LinuxKernel::clear_wake(int eventfd) {
  counts_.add(Call::eventfd_read);
  std::uint64_t count = 0;
  const auto result = retry_interrupted([&] { return ::read(eventfd, &count, sizeof count); });
  return result < 0 ? static_cast<int>(result) : 0;
}

int LinuxKernel::signalfd(std::span<const int> signals) {
  counts_.add(Call::signalfd);
  sigset_t wanted;
  sigset_t before;
  sigemptyset(&wanted);
  for (const int signal : signals) {
    if (sigaddset(&wanted, signal) != 0) return -EINVAL;
  }
  if (const int error = pthread_sigmask(SIG_BLOCK, &wanted, &before); error != 0) return -error;
  const int result = value_or_errno(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (result < 0) pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

int LinuxKernel::next_signal(int signalfd) {
  counts_.add(Call::signalfd_read);
  signalfd_siginfo info = {};
  const auto result = retry_interrupted([&] { return ::read(signalfd, &info, sizeof info); });
  return result < 0 ? static_cast<int>(result) : static_cast<int>(info.ssi_signo);
}

// An eventfd needs no file system, so it works in any sandbox.
int LinuxKernel::reserve_descriptor() {
  counts_.add(Call::reserve_descriptor);
  return value_or_errno(::eventfd(0, EFD_CLOEXEC));
}

// What std::chrono::steady_clock::now() does, without the way through another library.
Clock::time_point LinuxKernel::now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return Clock::time_point(seconds(time.tv_sec) + nanoseconds(time.tv_nsec));
}

std::chrono::system_clock::time_point LinuxKernel::wall_clock() {
  return std::chrono::system_clock::now();
}

}  // namespace duplex::net
