// Descriptors, readiness, time and the test's handles of a simulated process.
#include "simulation/kernel.h"

#include <algorithm>
#include <limits>

#include "simulation/perform.h"
#include "simulation/signals.h"

namespace duplex::simulation {

using net::Call;

Kernel::Kernel(World& world, KernelOptions options)
    : world_(world),
      options_(std::move(options)),
      faults_(world.fork_random()),
      shuffle_random_(world.fork_random()),
      descriptors_(options_.descriptor_limit) {}

Kernel::~Kernel() {
  for (const int fd : descriptors_.numbers()) {
    const auto object = descriptors_.remove(fd);
    object->leave_epolls();
    object->on_descriptor_closed();
  }
}

int Kernel::insert(std::shared_ptr<Pollable> object) {
  return descriptors_.full() ? -EMFILE : descriptors_.insert(std::move(object));
}

// Whatever it says, the descriptor is gone (close(2)).
int Kernel::close(int fd) {
  return with_fault(Call::close, fd, [&](int fault) {
    const auto object = descriptors_.remove(fd);
    if (object == nullptr) return -EBADF;
    object->leave_epolls();
    object->on_descriptor_closed();
    return -fault;
  });
}

int Kernel::reserve_descriptor() {
  return perform(Call::reserve_descriptor, -1,
                 [&] { return insert(std::make_shared<ReservedDescriptor>()); });
}

// --- Readiness

int Kernel::epoll_create() {
  return perform(Call::epoll_create, -1, [&] { return insert(std::make_shared<Epoll>()); });
}

int Kernel::epoll_ctl(int epoll, net::EpollOperation operation, int fd, net::Ready interest) {
  return with_fault(Call::epoll_ctl, fd, [&](int fault) {
    auto* const object = descriptors_.find_as<Epoll>(epoll);
    if (object == nullptr) return descriptors_.find(epoll) == nullptr ? -EBADF : -EINVAL;
    return control(*object, operation, fd, interest, fault);
  });
}

// Only adding needs memory; changing and removing cannot fail for want of it.
int Kernel::control(Epoll& epoll, net::EpollOperation operation, int fd, net::Ready interest,
                    int fault) {
  Pollable* const target = descriptors_.find(fd);
  if (target == nullptr) return -EBADF;
  if (!target->can_be_watched()) return target == &epoll ? -EINVAL : -EPERM;
  if (operation == net::EpollOperation::remove) return epoll.remove(fd);
  if (operation == net::EpollOperation::modify) return epoll.modify(fd, interest);
  return fault != 0 ? -fault : epoll.add(fd, *target, interest);
}

int Kernel::epoll_wait(int epoll, std::span<net::Ready> ready, std::chrono::nanoseconds timeout) {
  return perform(Call::epoll_wait, epoll, [&] {
    auto* const object = descriptors_.find_as<Epoll>(epoll);
    if (object == nullptr) return descriptors_.find(epoll) == nullptr ? -EBADF : -EINVAL;
    return ready.empty() ? -EINVAL : wait(*object, ready, timeout);
  });
}

int Kernel::wait(Epoll& epoll, std::span<net::Ready> ready, std::chrono::nanoseconds timeout) {
  constexpr auto never = net::Clock::time_point::max();
  const bool bounded = timeout.count() >= 0 && timeout < never - world_.now();
  const auto deadline = bounded ? world_.now() + timeout : never;
  while (true) {
    const int count = collect(epoll, ready);
    if (count > 0 || timeout.count() == 0) return count;
    if (world_.driven()) return note_wait(bounded ? timeout : std::chrono::nanoseconds(-1));
    const auto next = world_.next_event();
    if (!next && !bounded) return -EDEADLK;
    world_.advance_to(std::min(next.value_or(never), deadline));
    if (world_.now() >= deadline) return collect(epoll, ready);
  }
}

int Kernel::collect(Epoll& epoll, std::span<net::Ready> ready) {
  const int count = epoll.collect(ready);
  if (world_.options().shuffle_events) {
    for (auto left = static_cast<std::size_t>(count); left > 1; --left) {
      std::swap(ready[left - 1], ready[shuffle_random_.below(left)]);
    }
  }
  return count;
}

int Kernel::note_wait(std::chrono::nanoseconds timeout) {
  idle_ = true;
  wake_up_time_.reset();
  if (timeout.count() >= 0) wake_up_time_ = world_.now() + timeout;
  return 0;
}

int Kernel::eventfd() {
  return perform(Call::eventfd, -1, [&] { return insert(std::make_shared<EventCounter>()); });
}

int Kernel::wake(int eventfd) noexcept {
  return with_fault(Call::eventfd_write, eventfd, [&](int fault) {
    auto* const counter = descriptors_.find_as<EventCounter>(eventfd);
    if (counter == nullptr) return -EBADF;
    // A counter that is full, which EAGAIN says, is readable all the more (eventfd(2)).
    counter->add();
    return -fault;
  });
}

int Kernel::clear_wake(int eventfd) {
  return perform(Call::eventfd_read, eventfd, [&] {
    auto* const counter = descriptors_.find_as<EventCounter>(eventfd);
    return counter != nullptr ? counter->clear() : -EBADF;
  });
}

int Kernel::signalfd(std::span<const int> signals) {
  return perform(Call::signalfd, -1,
                 [&] { return insert(std::make_shared<SignalQueue>(signals)); });
}

int Kernel::next_signal(int signalfd) {
  return perform(Call::signalfd_read, signalfd, [&] {
    auto* const queue = descriptors_.find_as<SignalQueue>(signalfd);
    return queue != nullptr ? queue->next() : -EBADF;
  });
}

// --- Time

net::Clock::time_point Kernel::now() { return world_.now(); }

std::chrono::system_clock::time_point Kernel::wall_clock() { return world_.wall_clock(); }

// --- The test's handles

void Kernel::set_link(const LinkOptions& toward_server, const LinkOptions& toward_client) {
  toward_server_ = toward_server;
  toward_client_ = toward_client;
}

Link* Kernel::link(int fd) {
  Socket* const socket = find_socket(fd);
  return socket != nullptr ? socket->link().get() : nullptr;
}

void Kernel::reset_connection(int fd) {
  world_.settle();
  if (Socket* const socket = find_socket(fd)) socket->reset();
}

void Kernel::vanish(int fd) {
  world_.settle();
  const auto object = descriptors_.remove(fd);
  if (object == nullptr) return;
  object->leave_epolls();
  if (auto* const socket = dynamic_cast<Socket*>(object.get())) socket->vanish();
}

bool Kernel::raise(int signal) {
  bool taken = false;
  for (const int fd : descriptors_.numbers()) {
    auto* const queue = descriptors_.find_as<SignalQueue>(fd);
    taken = (queue != nullptr && queue->raise(signal)) || taken;
  }
  return taken;
}

std::vector<int> Kernel::descriptors(std::string_view kind) const {
  std::vector<int> open = descriptors_.numbers();
  std::erase_if(open, [&](int fd) { return descriptors_.find(fd)->kind() != kind; });
  return open;
}

}  // namespace duplex::simulation
