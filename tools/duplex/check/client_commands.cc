// The commands that run clients.
#include "client_commands.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace duplex::tools::suite {
namespace {

// POSIX, Shell Command Language, section 2.8.2: exit codes of a shell.
constexpr int not_executable = 126;
constexpr int not_found = 127;

void check_spawn(int error) {
  if (error != 0) throw std::system_error(error, std::system_category(), "--exec");
}

pid_t spawn_shell(std::string command) {
  std::array<std::string, 2> words = {"sh", "-c"};
  const std::array<char*, 4> argv = {words[0].data(), words[1].data(), command.data(), nullptr};
  posix_spawn_file_actions_t actions;
  check_spawn(posix_spawn_file_actions_init(&actions));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  posix_spawnattr_t attributes;
  check_spawn(posix_spawnattr_init(&attributes));
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  pid_t process = -1;
  const int error = posix_spawn(&process, "/bin/sh", &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  check_spawn(error);
  return process;
}

}  // namespace

ClientCommands::~ClientCommands() {
  for (const Running& command : running_) {
    kill(-command.process, SIGKILL);
    while (waitpid(command.process, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void ClientCommands::start(const std::string& command, std::size_t index, Clock::time_point end) {
  running_.push_back({spawn_shell(command), index, end});
}

void ClientCommands::set_end(std::size_t index, Clock::time_point end) {
  for (Running& command : running_) {
    if (command.index == index) command.end = end;
  }
}

std::optional<ClientCommands::Ended> ClientCommands::take_ended(Clock::time_point now) {
  for (auto it = running_.begin(); it != running_.end(); ++it) {
    Ended ended = {.index = it->index, .status = 0, .late = it->late};
    if (waitpid(it->process, &ended.status, WNOHANG) == it->process) {
      running_.erase(it);
      return ended;
    }
    it->late = now >= it->end;
    if (it->late) kill(-it->process, SIGKILL);
  }
  return std::nullopt;
}

std::string describe(const ClientCommands::Ended& ended) {
  if (ended.late) return "was killed, after all its time,";
  if (WIFSIGNALED(ended.status)) {
    return "ended (signal " + std::to_string(WTERMSIG(ended.status)) + ")";
  }
  const int code = WEXITSTATUS(ended.status);
  const std::string_view meaning = code == not_found        ? ": not found"
                                   : code == not_executable ? ": cannot be run"
                                                            : "";
  return "ended (exit code " + std::to_string(code) + std::string(meaning) + ")";
}

bool is_no_command(int status) noexcept {
  return WIFEXITED(status) &&
         (WEXITSTATUS(status) == not_found || WEXITSTATUS(status) == not_executable);
}

}  // namespace duplex::tools::suite
