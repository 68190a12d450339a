// A subcommand as a process of its own, forked off the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>

#include "../../tools/duplex/exit_code.h"

namespace duplex::tools {

// What waits to be written is written once.
inline pid_t fork_with_empty_buffers() {
  std::fflush(nullptr);
  return fork();
}

// A child that runs `body`; a hanging one dies of SIGALRM.
class Child {
 public:
  explicit Child(const std::function<ExitCode()>& body) : pid_(fork_with_empty_buffers()) {
    if (pid_ != 0) return;
    alarm(60);
    std::signal(SIGPIPE, SIG_IGN);
    _exit(static_cast<int>(body()));
  }

  pid_t pid() const noexcept { return pid_; }
  void kill(int signal) const { ::kill(pid_, signal); }
  // The exit code, or the negative number of the signal it died of.
  int wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

inline std::array<int, 2> new_pipe() {
  std::array<int, 2> ends = {};
  EXPECT_EQ(pipe(ends.data()), 0);
  return ends;
}

inline std::string first_line(int descriptor) {
  std::string line;
  for (char c = 0; read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace duplex::tools
