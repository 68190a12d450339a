// Runs cases against a server.
#include "server_check.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace duplex::tools::suite {
namespace {

constexpr std::uint64_t signal_data = PollSet::wake_data - 1;

}  // namespace

// Connects when the run has written its script: a long one takes a while, and a server waits for a
// request only so long.
ServerCheck::Active::Active(ServerCheck& check, std::size_t place, const Case& item)
    : index(place),
      run(item, check.setting_, check.kernel_.now()),
      link(check.kernel_, check.polls_, check.connect(), place, Link::Begin::connecting) {
  link.run(run);
}

ServerCheck::ServerCheck(const net::Address& address, Setting setting, std::size_t parallel)
    : address_(address), setting_(std::move(setting)), parallel_(parallel), polls_(kernel_) {
  constexpr std::array<int, 2> ending = {SIGINT, SIGTERM};
  signals_ = check(kernel_.signalfd(ending), "signalfd");
  polls_.add(signals_, net::Ready::in, signal_data);
}

ServerCheck::~ServerCheck() { kernel_.close(signals_); }

std::vector<CaseResult> ServerCheck::run(const std::vector<const Case*>& cases,
                                         const OnResult& on_result) {
  on_result_ = on_result;
  results_.assign(cases.size(), {});
  Schedule schedule(cases, parallel_);
  knock();
  while (!schedule.done() && signal_count_ < 2) {
    while (signal_count_ == 0) {
      const auto index = schedule.begin();
      if (!index) break;
      start(*cases[*index], *index);
    }
    if (active_.empty()) break;
    turn(schedule);
  }
  active_.clear();
  std::erase_if(results_, [](const CaseResult& result) { return result.id.empty(); });
  return std::move(results_);
}

std::string ServerCheck::try_opening() {
  const Case opening = {.id = "opening", .write = [](Script&) {}};
  const std::vector<CaseResult> results = run({&opening}, {});
  return results.empty() || results.front().opened ? "" : results.front().problem;
}

void ServerCheck::start(const Case& item, std::size_t index) {
  active_.emplace_back(*this, index, item);
}

// A connection that is closed again: is there anybody?
void ServerCheck::knock() {
  const int fd = check(kernel_.socket(address_.family()), "socket");
  int error = kernel_.connect(fd, address_);
  if (error == -EINPROGRESS) {
    polls_.add(fd, net::Ready::out, 0);
    polls_.wait(setting_.timeout);
    error = -kernel_.socket_error(fd);
    polls_.remove(fd);
  }
  kernel_.close(fd);
  check(error, ("cannot connect to " + address_.text()).c_str());
}

int ServerCheck::connect() {
  const int fd = check(kernel_.socket(address_.family()), "socket");
  kernel_.connect(fd, address_);  // what goes wrong shows when it is ready
  return fd;
}

void ServerCheck::turn(Schedule& schedule) {
  take_ready(patience());
  const Clock::time_point now = kernel_.now();
  for (auto it = active_.begin(); it != active_.end();) {
    const auto active = it++;
    if (!active->link.work(now)) continue;
    schedule.end(active->index);
    finish(active);
  }
}

void ServerCheck::take_ready(std::chrono::nanoseconds timeout) {
  const auto ready = polls_.wait(timeout);
  const Clock::time_point now = kernel_.now();
  for (const net::Ready& event : ready) {
    if (event.data == signal_data) {
      while (kernel_.next_signal(signals_) > 0) ++signal_count_;
      continue;
    }
    for (Active& active : active_) {
      if (active.index == event.data) active.link.ready(event.events, now);
    }
  }
}

std::chrono::nanoseconds ServerCheck::patience() const {
  const Clock::time_point now = kernel_.now();
  Clock::time_point earliest = Clock::time_point::max();
  for (const Active& active : active_) {
    if (active.link.impatient()) return std::chrono::nanoseconds(0);
    earliest = std::min(earliest, active.run.deadline(now));
  }
  return std::max(earliest - now, Clock::duration(0));
}

void ServerCheck::finish(std::list<Active>::iterator active) {
  CaseResult& result = results_[active->index];
  result = active->run.result(kernel_.now());
  active_.erase(active);
  if (on_result_) on_result_(result);
}

}  // namespace duplex::tools::suite
