// Runs cases against a server, several at once.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "case_run.h"
#include "duplex/net/linux_kernel.h"
#include "link.h"
#include "presence.h"
#include "schedule.h"

namespace duplex::tools::suite {

// Owner and thread: the command's. It blocks SIGINT and SIGTERM in its thread: they end the run at
// once, and leave out the cases under way.
class ServerCheck {
 public:
  using OnResult = std::function<void(const CaseResult&)>;

  ServerCheck(const net::Address& address, Setting setting, std::size_t parallel);
  ~ServerCheck();
  ServerCheck(const ServerCheck&) = delete;
  ServerCheck& operator=(const ServerCheck&) = delete;

  // Opens one connection and closes it: what is wrong when the server does not even do that, or
  // empty. Throws std::system_error when nobody takes the connection.
  std::string try_opening();
  // Heavy cases run two at a time, floods alone and last. `on_result` is told of each when it is
  // there; what is returned is in the order of `cases`, without those that were not run. Ends when
  // the server takes no connection any more, which is also looked for behind the last case. Throws
  // std::system_error when the server does not take a first connection.
  std::vector<CaseResult> run(const std::vector<const Case*>& cases, const OnResult& on_result);
  bool interrupted() const noexcept { return interrupted_; }
  // When the server took no connection; with the last one it may be gone.
  const std::vector<Absence>& absences() const noexcept { return absences_; }
  bool gone() const noexcept { return presence_.gone(); }

 private:
  struct Active {
    Active(ServerCheck& check, std::size_t place, const Case& item);
    std::size_t index;
    CaseRun run;
    Clock::time_point begun;
    int error = 0;  // of connecting, if it is known at once
    Link link;
  };

  void run_all(const std::vector<const Case*>& cases, const OnResult& on_result);
  std::vector<CaseResult> take_results();
  void begin_some(const std::vector<const Case*>& cases, Schedule& schedule);
  // --- Connections
  int knock();
  bool wait_for_knock();
  int connect(int& error);
  std::string failure(int error) const;
  void turn(Schedule& schedule);
  void take_ready(std::chrono::nanoseconds timeout);
  void take_signals();
  std::chrono::nanoseconds patience() const;
  void finish(std::list<Active>::iterator active, Clock::time_point now);
  // --- A server that goes, and may come back
  void refuse(std::list<Active>::iterator active, Clock::time_point now);
  void see_whether_it_is_there();
  void welcome();
  void settle();

  net::Address address_;
  Setting setting_;
  std::size_t parallel_;
  mutable net::LinuxKernel kernel_;
  PollSet polls_;
  int signals_;
  bool interrupted_ = false;
  std::list<Active> active_;
  std::vector<CaseResult> results_;
  Presence presence_;
  std::vector<Absence> absences_;
  std::pair<std::size_t, CaseResult> first_refused_;  // while it is missing
  OnResult on_result_;
};

}  // namespace duplex::tools::suite
