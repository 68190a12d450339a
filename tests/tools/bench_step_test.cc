// One measurement of several, in a process of its own.
#include "../../tools/duplex/bench/bench_step.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "child.h"

namespace duplex::tools {
namespace {

// Takes connections, and answers nothing.
class SilentServer {
 public:
  SilentServer() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  const std::string& name() const noexcept { return name_; }

 private:
  int fd_ = socket(AF_INET, SOCK_STREAM, 0);
  std::string name_;
};

// Kills the other child of its parent, as soon as there is one.
ExitCode kill_sibling() {
  const std::string id = std::to_string(getppid());
  while (true) {
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) {
      if (child == getpid()) continue;
      kill(child, SIGKILL);
      return ExitCode::ok;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(BenchStep, SaysThatItWasKilled) {
  const SilentServer server;
  BenchStep step = {.words = {"--server", server.name(), "--arms", "ws", "--no-priority"}};
  ASSERT_TRUE(read_step(step));
  std::optional<BenchReport> report;
  testing::internal::CaptureStderr();
  const Child killer(kill_sibling);
  const ExitCode exit = measure_step(step, report);
  EXPECT_EQ(killer.wait(), 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "duplex bench: (in duplex bench --server " + server.name() +
                " --arms ws --no-priority) ended by signal 9\n");
  EXPECT_EQ(exit, ExitCode::interrupted);
  EXPECT_FALSE(report);
}

}  // namespace
}  // namespace duplex::tools
