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
constexpr std::uint64_t knock_data = PollSet::wake_data - 2;

bool passes(const CaseResult& result) { return result.verdict() <= Verdict::unimplemented; }

}  // namespace

// Connects when the run has written its script: a long one takes a while, and a server waits for a
// request only so long.
ServerCheck::Active::Active(ServerCheck& check, std::size_t place, const Case& item)
    : index(place),
      run(item, check.setting_, check.kernel_.now()),
      begun(check.kernel_.now()),
      link(check.kernel_, check.polls_, check.connect(error), place, Link::Begin::connecting) {
  link.run(run);
  if (error != 0) link.not_connected(error);
}

ServerCheck::ServerCheck(const net::Address& address, Setting setting, std::size_t parallel)
    : address_(address),
      setting_(std::move(setting)),
      parallel_(parallel),
      polls_(kernel_),
      presence_(setting_.absence) {
  constexpr std::array<int, 2> ending = {SIGINT, SIGTERM};
  signals_ = check(kernel_.signalfd(ending), "signalfd");
  polls_.add(signals_, net::Ready::in, signal_data);
}

ServerCheck::~ServerCheck() { kernel_.close(signals_); }

std::vector<CaseResult> ServerCheck::run(const std::vector<const Case*>& cases,
                                         const OnResult& on_result) {
  run_all(cases, on_result);
  if (!presence_.gone()) see_whether_it_is_there();
  return take_results();
}

std::string ServerCheck::try_opening() {
  const Case opening = {.id = "opening", .write = [](Script&) {}};
  run_all({&opening}, {});
  const std::vector<CaseResult> results = take_results();
  return results.empty() || results.front().opened ? "" : results.front().problem;
}

void ServerCheck::run_all(const std::vector<const Case*>& cases, const OnResult& on_result) {
  on_result_ = on_result;
  results_.assign(cases.size(), {});
  presence_ = Presence(setting_.absence);
  absences_.clear();
  if (const int error = knock(); error != 0) {
    throw std::system_error(error, std::system_category(), "cannot connect to " + address_.text());
  }
  Schedule schedule(cases, parallel_);
  while (!schedule.done() && !interrupted_ && !presence_.gone()) {
    begin_some(cases, schedule);
    turn(schedule);
  }
  if (presence_.gone()) settle();
  active_.clear();
}

std::vector<CaseResult> ServerCheck::take_results() {
  // Nobody knows how that would have gone on.
  if (presence_.missing() && !presence_.gone()) absences_.pop_back();
  std::erase_if(results_, [](const CaseResult& result) { return result.id.empty(); });
  return std::move(results_);
}

// While the server is missing, one at a time.
void ServerCheck::begin_some(const std::vector<const Case*>& cases, Schedule& schedule) {
  while (!presence_.missing() || kernel_.now() >= presence_.next_try()) {
    const auto index = schedule.begin();
    if (index) active_.emplace_back(*this, *index, *cases[*index]);
    if (presence_.missing()) presence_.put_off(kernel_.now());
    if (!index) return;
  }
}

// --- Connections -------------------------------------------------------------------------------

// A connection that is closed again: is there anybody? An errno, or 0.
int ServerCheck::knock() {
  const int fd = check(kernel_.socket(address_.family()), "socket");
  int error = -kernel_.connect(fd, address_);
  if (error == EINPROGRESS) {
    polls_.add(fd, net::Ready::out, knock_data);
    error = wait_for_knock() ? kernel_.socket_error(fd) : ETIMEDOUT;
    polls_.remove(fd);
  }
  kernel_.close(fd);
  return interrupted_ ? 0 : error;
}

bool ServerCheck::wait_for_knock() {
  const Clock::time_point end = kernel_.now() + setting_.timeout;
  while (!interrupted_ && kernel_.now() < end) {
    for (const net::Ready& event : polls_.wait(end - kernel_.now())) {
      if (event.data == signal_data) take_signals();
      if (event.data == knock_data) return true;
    }
  }
  return false;
}

int ServerCheck::connect(int& error) {
  const int fd = check(kernel_.socket(address_.family()), "socket");
  error = -kernel_.connect(fd, address_);
  if (error == EINPROGRESS) error = 0;  // what goes wrong shows when it is ready
  return fd;
}

std::string ServerCheck::failure(int error) const {
  return "cannot connect to " + address_.text() + ": " +
         std::error_code(error, std::system_category()).message();
}

void ServerCheck::turn(Schedule& schedule) {
  take_ready(patience());
  const bool is_back = std::any_of(active_.begin(), active_.end(), [this](const Active& active) {
    return active.begun >= presence_.since() && active.link.connected();
  });
  if (is_back) welcome();
  const Clock::time_point now = kernel_.now();
  for (auto it = active_.begin(); it != active_.end();) {
    const auto active = it++;
    const bool over = active->link.work(now);
    if (active->run.answered()) presence_.answered(active->begun);
    if (!over) continue;
    if (active->link.connect_error() != 0) {
      schedule.put_back(active->index);
      refuse(active, now);
    } else {
      schedule.end(active->index);
      finish(active, now);
    }
  }
}

void ServerCheck::take_signals() {
  while (kernel_.next_signal(signals_) > 0) interrupted_ = true;
}

void ServerCheck::take_ready(std::chrono::nanoseconds timeout) {
  const auto ready = polls_.wait(timeout);
  const Clock::time_point now = kernel_.now();
  for (const net::Ready& event : ready) {
    if (event.data == signal_data) take_signals();
    for (Active& active : active_) {
      if (active.index == event.data) active.link.ready(event.events, now);
    }
  }
}

std::chrono::nanoseconds ServerCheck::patience() const {
  const Clock::time_point now = kernel_.now();
  Clock::time_point earliest = Clock::time_point::max();
  if (presence_.missing()) earliest = presence_.next_try();
  for (const Active& active : active_) {
    const bool at_once = active.link.impatient() || active.link.connect_error() != 0;
    if (at_once) return std::chrono::nanoseconds(0);
    earliest = std::min(earliest, active.run.deadline(now));
  }
  return std::max(earliest - now, Clock::duration(0));
}

void ServerCheck::finish(std::list<Active>::iterator active, Clock::time_point now) {
  CaseResult& result = results_[active->index];
  result = active->run.result(now);
  presence_.over(active->index, now);
  active_.erase(active);
  if (on_result_) on_result_(result);
}

// --- A server that goes, and may come back -------------------------------------------------------

// The case is to begin again; if that never happens, its failure stands for that of all.
void ServerCheck::refuse(std::list<Active>::iterator active, Clock::time_point now) {
  const std::string problem = failure(active->link.connect_error());
  active->run.not_connected(problem);
  if (!presence_.missing()) {
    first_refused_ = {active->index, active->run.result(now)};
    absences_.push_back({.first = active->run.item().id, .problem = problem});
  }
  active_.erase(active);
  presence_.refused(now);
}

// The last case may have done it.
void ServerCheck::see_whether_it_is_there() {
  while (!interrupted_) {
    const int error = knock();
    if (error == 0 && presence_.missing()) welcome();
    if (error == 0) return;
    if (!presence_.missing()) absences_.push_back({.problem = failure(error)});
    presence_.refused(kernel_.now());
    if (presence_.gone()) return settle();
    while (!interrupted_ && kernel_.now() < presence_.next_try()) take_ready(patience());
  }
}

// It takes connections again. Where one has outlived the time in which it did not, nothing fell.
void ServerCheck::welcome() {
  const bool survived = std::any_of(active_.begin(), active_.end(), [this](const Active& active) {
    const bool is_old = active.begun < presence_.since();
    return is_old && active.link.connected() && !active.link.ended();
  });
  absences_.back().back = true;
  if (survived) {
    absences_.pop_back();
  } else {
    settle();
  }
  presence_.taken();
}

// Says who may have done it. That the connection ended was no answer of the server then.
void ServerCheck::settle() {
  Absence& absence = absences_.back();
  for (const std::size_t index : presence_.suspects()) {
    CaseResult& result = results_[index];
    absence.suspects.push_back(result.id);
    result.note = "under way, or just over, when the server took no connection any more";
    if (!passes(result) || !result.dropped) continue;
    result.behavior = Verdict::failed;
    result.behavior_close = "UNCLEAN";
    result.problem = "ended TCP, and then took no connection any more: has the server fallen over?";
  }
  for (const Active& active : active_) {
    const bool was_there = active.begun < presence_.since() && active.link.connected();
    if (was_there) absence.suspects.push_back(active.run.item().id);
  }
  if (absence.back || absence.first.empty()) return;
  results_[first_refused_.first] = first_refused_.second;
  if (on_result_) on_result_(first_refused_.second);
}

}  // namespace duplex::tools::suite
