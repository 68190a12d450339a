// Runs cases against clients: the server that they connect to, with the paths of Autobahn's
// fuzzing server.
//
//   /getCaseCount                       the number of cases, as a text message
//   /getCaseInfo?case=N                 {"id": ..., "description": ...}
//   /runCase?case=N&agent=NAME          case N, from 1 on; the client echoes what it gets
//   /runCase/N                          the same, for commands
//   /getCaseStatus?case=N&agent=NAME    {"behavior": "OK"}
//   /updateReports?agent=NAME           writes the reports
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acceptor.h"
#include "case_run.h"
#include "client_commands.h"
#include "duplex/net/linux_kernel.h"
#include "link.h"
#include "report.h"
#include "schedule.h"

namespace duplex::tools::suite {

struct ClientCheckOptions {
  net::Address address = {};  // to listen on; port 0: a free one
  milliseconds timeout{5000};
  std::size_t parallel = 16;  // commands at once
  // Run for each case, with {url} in it; empty: clients come by themselves.
  std::string command = {};
  std::optional<std::uint64_t> limit = {};  // of the client's messages, if it is known
  std::string case_options = {};  // of the command that repeats a case, each after a space
  bool once = false;              // ends with the first /updateReports
};

// Owner and thread: the command's. It blocks SIGINT and SIGTERM, which end it.
class ClientCheck {
 public:
  // The reports so far: one for each agent.
  using OnReport = std::function<void(const std::vector<Report>&)>;
  using OnResult = std::function<void(const CaseResult&)>;

  // Listens; throws std::system_error. `cases` must outlive it.
  ClientCheck(ClientCheckOptions options, const std::vector<const Case*>& cases);
  ~ClientCheck();
  ClientCheck(const ClientCheck&) = delete;
  ClientCheck& operator=(const ClientCheck&) = delete;

  const net::Address& address() const noexcept { return options_.address; }
  // Serves until the end; `on_report` at /updateReports.
  void run(const OnReport& on_report, const OnResult& on_result);
  std::vector<Report> reports() const;
  bool interrupted() const noexcept { return interrupted_; }
  // Why the run was given up: the command runs no case. Empty: it was not.
  const std::string& hopeless() const noexcept { return hopeless_; }

  // The agent of cases that a command runs.
  static constexpr std::string_view command_agent = "command";

 private:
  // A client's connection: until its request has come there is no run.
  struct Session {
    Session(ClientCheck& check, int fd, std::uint64_t number);
    std::uint64_t number;
    Clock::time_point end;   // for the request to come
    std::string agent = {};  // of a case
    std::size_t index = 0;   // of that case
    bool is_case = false;
    std::unique_ptr<Case> service = {};  // else what it is told
    std::optional<CaseRun> run = {};
    Link link;
  };
  using Results = std::map<std::size_t, CaseResult>;

  void accept_all(Clock::time_point now);
  void take_ready();
  void work();
  void begin(Session& session, std::string_view target);
  void begin_case(Session& session, std::string_view target);
  void tell(Session& session, std::string text);
  void refuse(Session& session);
  void start_run(Session& session, const Case& item);
  std::optional<std::size_t> case_index(std::string_view target) const;
  std::string status_of(std::string_view target) const;
  void update_reports();
  void finish(const Session& session);
  void keep(const std::string& agent, std::size_t index, CaseResult result);
  void run_commands();
  void start_commands();
  void take_failure(const ClientCommands::Ended& ended);
  bool was_begun(std::size_t index) const;
  bool is_over() const;
  std::chrono::nanoseconds patience() const;

  ClientCheckOptions options_;
  const std::vector<const Case*>& cases_;
  mutable net::LinuxKernel kernel_;
  PollSet polls_;
  int signals_;
  Acceptor acceptor_;
  Schedule schedule_;
  ClientCommands commands_;
  std::list<Session> sessions_;
  std::uint64_t session_count_ = 0;
  std::map<std::string, Results> results_;
  OnReport on_report_;
  OnResult on_result_;
  Clock::time_point start_;
  std::string last_failure_;  // of a command that ran no case
  std::string hopeless_;
  bool any_begun_ = false;  // a case
  bool interrupted_ = false;
  bool reported_ = false;
};

}  // namespace duplex::tools::suite
