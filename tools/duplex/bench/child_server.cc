// A `duplex serve` in a process of its own.
#include "child_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

void check_spawn(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::system_category(), what);
}

// Its own process group: Ctrl-C on the terminal is ours to answer, and the server stays until the
// last block has ended. No signal is blocked in it, whatever this process blocks.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    check_spawn(posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_ = {};
};

pid_t spawn_self(std::vector<std::string> words, int output) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  check_spawn(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  const SpawnAttributes attributes;
  pid_t process = -1;
  const int error =
      posix_spawn(&process, "/proc/self/exe", &actions, attributes.get(), argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  check_spawn(error, "starting the server");
  return process;
}

}  // namespace

ChildServer::ChildServer(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) check_spawn(errno, "pipe");
  std::vector<std::string> words = {"duplex", "serve", "--port", "0", "--with-parent"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const bool with_tcp = std::find(words.begin(), words.end(), "--tcp-port") != words.end();
  try {
    process_ = spawn_self(std::move(words), ends[1]);
  } catch (...) {
    close(ends[0]);
    close(ends[1]);
    throw;
  }
  close(ends[1]);
  output_ = ends[0];
  read_addresses(output_, with_tcp ? 2 : 1);
}

ChildServer::~ChildServer() {
  end(SIGTERM);
  close(output_);
}

void ChildServer::kill() noexcept { end(SIGKILL); }

void ChildServer::end(int signal) noexcept {
  if (process_ < 0) return;
  ::kill(process_, signal);
  wait();
}

int ChildServer::wait() noexcept {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status;
}

// "listening on http://ADDRESS" and perhaps "pushing on tcp://ADDRESS".
void ChildServer::read_addresses(int pipe, std::size_t line_count) {
  std::string text;
  std::array<char, 256> buffer = {};
  while (std::count(text.begin(), text.end(), '\n') < static_cast<std::ptrdiff_t>(line_count)) {
    const ssize_t size = read(pipe, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    // It has written its reason to stderr.
    if (size <= 0) check_spawn(ECONNREFUSED, "the server did not start");
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  for_each_line(text, [this](std::string_view line) {
    const std::size_t scheme = line.find("://");
    if (scheme == std::string_view::npos) return;
    const std::string address(line.substr(scheme + 3));
    (line.starts_with("listening") ? http_address_ : tcp_address_) = address;
  });
}

}  // namespace duplex::tools
