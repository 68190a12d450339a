// Several processes of clients: each tells over a pipe that its connections are open, and then what
// it counted.
#include "load_processes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

#include "duplex/net/linux_kernel.h"
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

// Clients without anybody to tell what they count would be a load on the server, and no more.
void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(2);  // it had gone before
}

Child start_child(const LoadPlan& plan, std::size_t index) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process < 0) throw_errno("fork");
  if (process == 0) {
    close(ends[0]);
    die_with(parent);
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

// SIGINT and SIGTERM, passed on to the children: it is for them to end.
class Interruption {
 public:
  Interruption() {
    fd_ = kernel_.signalfd(signals);
    if (fd_ < 0) throw std::system_error(-fd_, std::system_category(), "signalfd");
  }
  ~Interruption() {
    kernel_.close(fd_);
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  int fd() const noexcept { return fd_; }
  bool came() const noexcept { return came_; }
  void pass_on(const std::vector<Child>& children) {
    for (int signal; (signal = kernel_.next_signal(fd_)) > 0; came_ = true) {
      for (const Child& child : children) kill(child.process, signal);
    }
  }

 private:
  static constexpr std::array signals{SIGINT, SIGTERM};

  net::LinuxKernel kernel_;
  int fd_ = -1;
  bool came_ = false;
};

// Asks the watch to look whenever it is time to.
class Looks {
 public:
  explicit Looks(const LoadWatch& watch) : watch_(watch) {}

  void begin() {
    watch_.on_ramp();
    start_ = Clock::now();
    next_ = start_;
  }
  void look_if_due() {
    const Clock::time_point now = Clock::now();
    if (now < next_) return;
    const auto wait = watch_.look(now - start_);
    next_ = wait ? now + *wait : never;
  }
  // For poll(2).
  int timeout() const {
    if (next_ == never) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
    return std::max(static_cast<int>(left.count()), 0);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point never = Clock::time_point::max();

  const LoadWatch& watch_;
  Clock::time_point start_ = {};
  Clock::time_point next_ = never;
};

void read_until_end(std::vector<Child>& children, Interruption& interruption,
                    const LoadWatch& watch) {
  std::vector<pollfd> polled;
  for (const Child& child : children) polled.push_back({child.pipe, POLLIN, 0});
  polled.push_back({interruption.fd(), POLLIN, 0});
  bool ramped = false;
  Looks looks(watch);
  for (std::size_t open = children.size(); open != 0;) {
    const int timeout = looks.timeout();
    if (poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR) throw_errno("poll");
    interruption.pass_on(children);
    bool all_ramped = true;
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool ready = polled[i].fd >= 0 && polled[i].revents != 0;
      if (ready && !read_some(children[i])) {
        polled[i].fd = -1;  // poll() passes over it
        --open;
      }
      all_ramped = all_ramped && children[i].ramped;
    }
    if (all_ramped && !std::exchange(ramped, true)) looks.begin();
    looks.look_if_due();
  }
}

// Whatever a child has told, if it did not come to its end that is not all.
bool ended_well(const Child& child) {
  int status = 0;
  while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

LoadTally reap(const LoadPlan& plan, std::vector<Child>& children) {
  LoadTally sum;
  for (std::size_t i = 0; i < children.size(); ++i) {
    close(children[i].pipe);
    if (ended_well(children[i])) {
      sum.add(read_tally(children[i].text));
    } else {
      sum.missing += share_of(plan, i).connections;
    }
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

LoadResult run_load(const LoadPlan& plan, const LoadWatch& watch) {
  Interruption interruption;
  std::vector<Child> children;
  for (std::size_t i = 0; i < plan.processes; ++i) children.push_back(start_child(plan, i));
  read_until_end(children, interruption, watch);
  return {.tally = reap(plan, children), .interrupted = interruption.came()};
}

}  // namespace duplex::tools
