// Runs cases against a server, several at once.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "case_run.h"
#include "duplex/net/linux_kernel.h"
#include "link.h"
#include "schedule.h"

namespace duplex::tools::suite {

// Owner and thread: the command's. It blocks SIGINT and SIGTERM in its thread: the first one ends
// the run after the cases under way, the second one at once.
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
  // there; what is returned is in the order of `cases`, without those that were not begun. Throws
  // std::system_error when the server does not take a first connection.
  std::vector<CaseResult> run(const std::vector<const Case*>& cases, const OnResult& on_result);
  bool interrupted() const noexcept { return signal_count_ != 0; }

 private:
  struct Active {
    Active(ServerCheck& check, std::size_t place, const Case& item);
    std::size_t index;
    CaseRun run;
    Link link;
  };

  void knock();
  int connect();
  void start(const Case& item, std::size_t index);
  void turn(Schedule& schedule);
  void take_ready(std::chrono::nanoseconds timeout);
  std::chrono::nanoseconds patience() const;
  void finish(std::list<Active>::iterator active);

  net::Address address_;
  Setting setting_;
  std::size_t parallel_;
  mutable net::LinuxKernel kernel_;
  PollSet polls_;
  int signals_;
  unsigned signal_count_ = 0;
  std::list<Active> active_;
  std::vector<CaseResult> results_;
  OnResult on_result_;
};

}  // namespace duplex::tools::suite
