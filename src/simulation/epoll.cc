// Epoll: a list of candidates that is turned over at each wait, without those that wanted to hear
// of a change once.
#include "simulation/epoll.h"

#include <cerrno>

namespace duplex::simulation {

Pollable::~Pollable() { leave_epolls(); }

void Pollable::leave_epolls() {
  while (!watchers_.empty()) {
    const auto [epoll, fd] = watchers_.back();
    epoll->remove(fd);
  }
}

void Pollable::changed() {
  for (const auto& [epoll, fd] : watchers_) epoll->touch(fd);
}

Epoll::~Epoll() {
  while (!watches_.empty()) remove(watches_.begin()->first);
}

int Epoll::add(int fd, Pollable& target, net::Ready interest) {
  const auto [at, fresh] =
      watches_.try_emplace(fd, Watch{&target, interest, last_serial_ + 1, false});
  if (!fresh) return -EEXIST;
  ++last_serial_;
  target.watchers_.emplace_back(this, fd);
  list(fd, at->second);
  return 0;
}

int Epoll::modify(int fd, net::Ready interest) {
  const auto at = watches_.find(fd);
  if (at == watches_.end()) return -ENOENT;
  at->second.interest = interest;
  list(fd, at->second);
  return 0;
}

int Epoll::remove(int fd) {
  const auto at = watches_.find(fd);
  if (at == watches_.end()) return -ENOENT;
  std::erase(at->second.target->watchers_, std::pair(this, fd));
  watches_.erase(at);
  return 0;
}

void Epoll::touch(int fd) {
  const auto at = watches_.find(fd);
  if (at != watches_.end()) list(fd, at->second);
}

std::uint32_t Epoll::events_of(const Watch& watch) {
  constexpr std::uint32_t always = net::Ready::error | net::Ready::hang_up;
  return watch.target->readiness() & (watch.interest.events | always);
}

void Epoll::list(int fd, Watch& watch) {
  if (watch.listed || events_of(watch) == 0) return;
  watch.listed = true;
  candidates_.push_back({fd, watch.serial});
}

// What was reported goes to the end of the list, so that with more ready descriptors than room none
// starves.
int Epoll::collect(std::span<net::Ready> ready) {
  std::size_t filled = 0;
  for (std::size_t left = candidates_.size(); left > 0 && filled < ready.size(); --left) {
    const Candidate candidate = candidates_.front();
    candidates_.pop_front();
    const auto at = watches_.find(candidate.fd);
    if (at == watches_.end() || at->second.serial != candidate.serial) continue;
    Watch& watch = at->second;
    const std::uint32_t events = events_of(watch);
    const bool once = (watch.interest.events & net::Ready::edge) != 0;
    watch.listed = events != 0 && !once;
    if (events == 0) continue;
    ready[filled++] = {events, watch.interest.data};
    if (!once) candidates_.push_back(candidate);
  }
  return static_cast<int>(filled);
}

}  // namespace duplex::simulation
