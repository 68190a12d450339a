// Several processes of clients: each tells over a pipe that its connections are open, and then what
// it counted.
#include "load_processes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

#include "load_worker.h"

namespace duplex::tools {
namespace {

constexpr std::string_view ramp_line = "ramp\n";

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;  // the parent has gone
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

void run_worker(const LoadOptions& options, std::uint64_t seed, int pipe) {
  EventLoop loop;
  LoadWorker worker(loop, options, seed, [pipe] { write_all(pipe, ramp_line); });
  loop.on_signal(std::array{SIGINT, SIGTERM}, [&worker](int) { worker.interrupt(); });
  worker.start();
  loop.run();
  write_all(pipe, tally_text(worker.tally()));
}

struct Child {
  pid_t process = -1;
  int pipe = -1;
  std::string text = {};
  bool ramped = false;
};

Child start_child(const LoadPlan& plan, std::size_t index) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  const pid_t process = fork();
  if (process < 0) throw_errno("fork");
  if (process == 0) {
    close(ends[0]);
    try {
      run_worker(share_of(plan, index), plan.seed + index, ends[1]);
    } catch (const std::exception& error) {
      write_all(STDERR_FILENO, std::string("duplex load: ") + error.what() + '\n');
      _exit(2);
    }
    _exit(0);
  }
  close(ends[1]);
  return {.process = process, .pipe = ends[0]};
}

// Takes what has come; false at the end.
bool read_some(Child& child) {
  std::array<char, 65536> buffer = {};
  const ssize_t size = read(child.pipe, buffer.data(), buffer.size());
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) return false;
  child.text.append(buffer.data(), static_cast<std::size_t>(size));
  child.ramped = child.ramped || child.text.starts_with(ramp_line);
  return true;
}

void read_until_end(std::vector<Child>& children, const std::function<void()>& on_ramp) {
  std::vector<pollfd> polled;
  for (const Child& child : children) polled.push_back({child.pipe, POLLIN, 0});
  bool ramped = false;
  for (std::size_t open = children.size(); open != 0;) {
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) throw_errno("poll");
    bool all_ramped = true;
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool ready = polled[i].fd >= 0 && polled[i].revents != 0;
      if (ready && !read_some(children[i])) {
        polled[i].fd = -1;  // poll() passes over it
        --open;
      }
      all_ramped = all_ramped && children[i].ramped;
    }
    if (all_ramped && !std::exchange(ramped, true)) on_ramp();
  }
}

LoadTally reap(std::vector<Child>& children) {
  LoadTally sum;
  for (Child& child : children) {
    close(child.pipe);
    while (waitpid(child.process, nullptr, 0) < 0 && errno == EINTR) {
    }
    sum.add(read_tally(child.text));
  }
  return sum;
}

std::size_t part(std::size_t whole, std::size_t parts, std::size_t index) noexcept {
  return whole / parts + (index < whole % parts ? 1 : 0);
}

}  // namespace

LoadOptions share_of(const LoadPlan& plan, std::size_t index) {
  LoadOptions share = plan.options;
  share.connections = part(plan.options.connections, plan.processes, index);
  share.connect_rate /= static_cast<double>(plan.processes);
  share.message_rate /= static_cast<double>(plan.processes);
  constexpr std::string_view loopback = "127.0.0.1";
  const std::size_t host = share.url.find(loopback);
  if (plan.spread && host != std::string::npos) {
    share.url.replace(host, loopback.size(), "127.0.0." + std::to_string(1 + index));
  }
  return share;
}

LoadTally run_load(const LoadPlan& plan, const std::function<void()>& on_ramp) {
  // The children answer signals from the terminal, and this process waits for what they say.
  struct sigaction ignore = {};
  ignore.sa_handler = [](int) {};
  sigaction(SIGINT, &ignore, nullptr);
  std::vector<Child> children;
  for (std::size_t i = 0; i < plan.processes; ++i) children.push_back(start_child(plan, i));
  read_until_end(children, on_ramp);
  return reap(children);
}

}  // namespace duplex::tools
