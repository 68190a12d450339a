// Runs commands on the two sides of a link.
#include "commands.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "../command.h"
#include "descriptor.h"

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto listen_limit = 10s;  // for a server to begin
constexpr auto end_limit = 2s;      // from SIGTERM to SIGKILL

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

[[noreturn]] void become(const Command& command, bool own_group) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (own_group) setpgid(0, 0);
  const sigset_t watched = watched_signals();
  sigprocmask(SIG_UNBLOCK, &watched, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  try {
    command.enter();
    execl("/bin/sh", "sh", "-c", command.text.c_str(), nullptr);
    complain("duplex wire: /bin/sh: " + std::system_category().message(errno));
  } catch (const std::exception& error) {
    complain(std::string("duplex wire: ") + error.what());
  }
  _exit(127);
}

pid_t start(const Command& command, bool own_group) {
  const pid_t process = fork();
  if (process < 0) throw std::system_error(errno, std::system_category(), "fork");
  if (process == 0) become(command, own_group);
  return process;
}

// Whether a TCP socket listens in the network of this process: state 0A of /proc/PID/net/tcp.
bool listens(pid_t process) {
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream file("/proc/" + std::to_string(process) + "/net/" + table);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string number, local, remote, state;
      if (words >> number >> local >> remote >> state && state == "0A") return true;
    }
  }
  return false;
}

std::vector<pid_t> children_of(pid_t process) {
  const std::string number = std::to_string(process);
  std::ifstream file("/proc/" + number + "/task/" + number + "/children");
  std::vector<pid_t> found;
  for (pid_t child = 0; file >> child;) found.push_back(child);
  return found;
}

// As the terminal does it: a shell that waits for a program may not heed a signal of its own. Those
// that it has begun meanwhile are signalled, too; those of one that is gone would not be found
// later.
void signal_family(pid_t process, int signal) {
  std::vector<pid_t> children = children_of(process);
  kill(process, signal);
  for (const pid_t child : children_of(process)) {
    if (std::find(children.begin(), children.end(), child) == children.end()) {
      children.push_back(child);
    }
  }
  for (const pid_t child : children) signal_family(child, signal);
}

// The children of this process, by signals that come one at a time.
class Family {
 public:
  explicit Family(pid_t emulator) : emulator_(emulator) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // what the commands leave behind becomes ours
    const sigset_t watched = watched_signals();
    sigprocmask(SIG_BLOCK, &watched, &before_);
    signals_ = own(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
  }
  ~Family() {
    end_all();
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  void run_server(const Command& command) { server_ = start(command, true); }
  void run_client(const Command& command) { client_ = start(command, false); }
  // False, with a complaint, when it ended before, or did not in time.
  bool wait_for_server();
  ExitCode wait_for_client();

 private:
  void take_signals(std::chrono::milliseconds limit);
  void reap();
  void end_all();
  std::vector<pid_t> strangers() const;

  pid_t emulator_;
  pid_t server_ = -1;
  pid_t client_ = -1;
  std::optional<int> exit_;  // the client's, or what a signal made of it
  bool link_is_down_ = false;
  sigset_t before_ = {};
  Descriptor signals_;
};

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Family::reap() {
  int status = 0;
  for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == client_) exit_ = exit_code(status);
    if (ended == emulator_) link_is_down_ = true;
    if (ended != server_) continue;
    server_ = -1;
    if (!exit_)
      complain("duplex wire: the server's command has ended with " +
               std::to_string(exit_code(status)));
  }
}

void Family::take_signals(std::chrono::milliseconds limit) {
  pollfd interest = {.fd = signals_.get(), .events = POLLIN, .revents = 0};
  poll(&interest, 1, static_cast<int>(limit.count()));
  for (signalfd_siginfo info; read(signals_.get(), &info, sizeof info) > 0;) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) continue;
    if (client_ < 0) {
      exit_ = 128 + signal;
    } else if (info.ssi_code != SI_KERNEL) {  // the terminal has told the client itself
      signal_family(client_, signal);
    }
  }
  reap();
}

bool Family::wait_for_server() {
  const auto end = Clock::now() + listen_limit;
  while (!listens(server_)) {
    take_signals(10ms);
    if (exit_ || server_ < 0) return false;
    if (Clock::now() < end) continue;
    complain("duplex wire: nothing listens on the server's side after 10 s");
    return false;
  }
  return true;
}

ExitCode Family::wait_for_client() {
  while (!exit_ && !link_is_down_) take_signals(1s);
  if (exit_) return static_cast<ExitCode>(*exit_);
  complain("duplex wire: the emulator has ended before the command");
  return ExitCode::could_not_connect;
}

std::vector<pid_t> Family::strangers() const {
  std::vector<pid_t> found = children_of(getpid());
  std::erase(found, emulator_);
  return found;
}

// Asked first, then made to; what its parent has left becomes ours to end in the next turn.
void Family::end_all() {
  exit_ = exit_.value_or(0);
  const auto end = Clock::now() + end_limit;
  for (bool asked = false;; asked = true) {
    reap();
    const std::vector<pid_t> left = strangers();
    if (left.empty()) return;
    const bool is_late = Clock::now() >= end;
    for (const pid_t process : left) {
      if (!asked || is_late) kill(process, is_late ? SIGKILL : SIGTERM);
    }
    if (server_ > 0 && (!asked || is_late)) kill(-server_, is_late ? SIGKILL : SIGTERM);
    take_signals(10ms);
  }
}

}  // namespace

ExitCode run_commands(const Command& server, const Command& client, pid_t emulator) {
  Family family(emulator);
  if (!server.text.empty()) {
    family.run_server(server);
    if (!family.wait_for_server()) return ExitCode::could_not_connect;
  }
  family.run_client(client);
  return family.wait_for_client();
}

}  // namespace duplex::tools::wire
