// A program of Node; see node_process.h.
#include "node_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "child.h"

namespace duplex::bench {
namespace {

std::string first_line(int fd) {
  std::string line;
  for (char c = 0; read(fd, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace

NodeProcess::NodeProcess(const std::string& script) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  id_ = fork();
  if (id_ < 0) std::abort();
  if (id_ == 0) {
    pin_to_core(0);
    dup2(ends[1], STDOUT_FILENO);
    execlp("node", "node", script.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  port_ = static_cast<std::uint16_t>(std::atoi(first_line(ends[0]).c_str()));
  close(ends[0]);
}

NodeProcess::~NodeProcess() {
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

}  // namespace duplex::bench
