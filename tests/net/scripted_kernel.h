// A kernel that does what a test writes down: which descriptors are ready, what fails, what time it
// is. Everything else succeeds. Descriptors are the lowest free numbers, as on Linux.
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "duplex/net/kernel.h"

namespace duplex::net {

class ScriptedKernel final : public Kernel {
 public:
  struct Event {
    int fd;
    std::uint32_t events;
  };

  // --- The script
  Clock::time_point time = Clock::time_point(std::chrono::hours(1));
  std::deque<std::vector<Event>> batches;  // what each epoll_wait reports
  std::deque<int> accepts;                 // 0: a connection waits; else minus the errno
  std::deque<int> connects;                // results of connect, in order; then success
  std::map<int, int> socket_errors;        // by descriptor
  std::map<int, Address> local_addresses;  // by descriptor
  std::size_t max_descriptors = 1000;
  std::function<int(std::span<Address>)> on_resolve = [](std::span<Address>) { return -ENXIO; };
  BlockingResolve thread_resolve = nullptr;
  std::function<std::ptrdiff_t(MutableBytes)> on_recv = [](MutableBytes) { return 0; };
  std::function<std::ptrdiff_t(std::span<const Bytes>)> on_writev = [](auto) { return 0; };

  // The next `times` calls of that name return -error.
  void fail(Call call, int error, int times = 1) {
    failures_[call].insert(failures_[call].end(), static_cast<std::size_t>(times), -error);
  }
  int open_descriptor() { return take(); }

  // --- What happened
  std::set<int> open;
  std::map<int, Ready> interests;
  std::vector<std::chrono::nanoseconds> waits;
  std::vector<std::string> unlinked;
  std::size_t clock_reads = 0;

  // --- The kernel
  int socket(AddressFamily) override {
    return call(Call::socket, [&] { return take(); });
  }
  int bind(int, const Address&) override { return call(Call::bind); }
  int listen(int, int) override { return call(Call::listen); }
  int accept(int, Address* peer) override {
    return call(Call::accept, [&] { return accept_scripted(peer); });
  }
  int connect(int, const Address&) override {
    return call(Call::connect, [&] {
      if (connects.empty()) return 0;
      const int result = connects.front();
      connects.pop_front();
      return result;
    });
  }
  int set_option(int, SocketOption, int) override { return call(Call::set_option); }
  int socket_error(int fd) override {
    return call(Call::socket_error, [&] { return socket_errors[fd]; });
  }
  int local_address(int fd, Address& address) override {
    return call(Call::local_address, [&] {
      if (local_addresses.contains(fd)) address = local_addresses[fd];
      return 0;
    });
  }
  int peer_address(int, Address&) override { return call(Call::peer_address); }
  std::ptrdiff_t recv(int, MutableBytes bytes) override {
    return call(Call::recv, [&] { return static_cast<int>(on_recv(bytes)); });
  }
  std::ptrdiff_t writev(int, std::span<const Bytes> pieces) override {
    return call(Call::writev, [&] { return static_cast<int>(on_writev(pieces)); });
  }
  int shutdown_write(int) override { return call(Call::shutdown); }
  int close(int fd) override {
    interests.erase(fd);
    open.erase(fd);
    lowest_ = std::min(lowest_, fd);
    return call(Call::close);
  }

  int epoll_create() override {
    return call(Call::epoll_create, [&] { return take(); });
  }
  int epoll_ctl(int, EpollOperation operation, int fd, Ready interest) override {
    return call(Call::epoll_ctl, [&] {
      if (operation == EpollOperation::remove) return interests.erase(fd) == 1 ? 0 : -ENOENT;
      interests[fd] = interest;
      return 0;
    });
  }
  int epoll_wait(int, std::span<Ready> ready, std::chrono::nanoseconds timeout) override {
    waits.push_back(timeout);
    return call(Call::epoll_wait, [&] { return report(ready, timeout); });
  }
  int eventfd() override {
    return call(Call::eventfd, [&] { return eventfd_ = take(); });
  }
  int wake(int) noexcept override {
    ++wakes_;
    return 0;
  }
  int clear_wake(int) override {
    wakes_ = 0;
    return call(Call::eventfd_read);
  }
  int signalfd(std::span<const int>) override {
    return call(Call::signalfd, [&] { return take(); });
  }
  int next_signal(int) override {
    return call(Call::signalfd_read, [] { return -EAGAIN; });
  }

  int open_directory(const std::string&) override {
    return call(Call::open, [&] { return take(); });
  }
  int open_beneath(int, const std::string&) override {
    return call(Call::open, [&] { return take(); });
  }
  int fstat(int, FileStatus&) override { return call(Call::fstat); }
  std::ptrdiff_t pread(int, MutableBytes, std::uint64_t) override { return call(Call::pread); }
  int unlink(const std::string& path) override {
    unlinked.push_back(path);
    return call(Call::unlink);
  }

  Clock::time_point now() override {
    ++clock_reads;
    return time;
  }
  std::chrono::system_clock::time_point wall_clock() override { return {}; }
  int random(MutableBytes) override { return call(Call::random); }
  int reserve_descriptor() override {
    return call(Call::reserve_descriptor, [&] { return take(); });
  }
  int resolve(const std::string&, std::uint16_t, std::span<Address> addresses) override {
    return call(Call::resolve, [&] { return on_resolve(addresses); });
  }
  BlockingResolve blocking_resolve() override { return thread_resolve; }

 private:
  template <class F>
  int call(Call name, F succeed) {
    counts_.add(name);
    auto& failures = failures_[name];
    if (failures.empty()) return succeed();
    const int result = failures.front();
    failures.pop_front();
    return result;
  }
  int call(Call name) {
    return call(name, [] { return 0; });
  }

  int take() {
    if (open.size() >= max_descriptors) return -EMFILE;
    while (open.contains(lowest_)) ++lowest_;
    open.insert(lowest_);
    return lowest_;
  }

  int accept_scripted(Address* peer) {
    if (accepts.empty()) return -EAGAIN;
    const int result = accepts.front() == 0 ? take() : accepts.front();
    if (result == -EMFILE) return result;  // the connection stays in the queue
    accepts.pop_front();
    if (peer != nullptr) *peer = Address::parse("192.0.2.1", 1234).value();
    return result;
  }

  // Without anything to report, the time-out passes; an endless one is broken off by a signal.
  int report(std::span<Ready> ready, std::chrono::nanoseconds timeout) {
    std::vector<Event> events;
    if (!batches.empty()) {
      events = batches.front();
      batches.pop_front();
    } else if (wakes_ > 0) {
      events.push_back({eventfd_, Ready::in});
    }
    if (events.empty() && timeout < std::chrono::nanoseconds(0)) return -EINTR;
    if (events.empty()) time += timeout;
    std::size_t count = 0;
    for (const Event& event : events) {
      ready[count++] = {.events = event.events, .data = interests.at(event.fd).data};
    }
    return static_cast<int>(count);
  }

  std::map<Call, std::deque<int>> failures_;
  int lowest_ = 3;  // all descriptors below it are taken
  int eventfd_ = -1;
  std::atomic<int> wakes_ = 0;
};

}  // namespace duplex::net
