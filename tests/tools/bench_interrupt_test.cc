// Ctrl-C during a bench: the block under way is the last one, and what was measured is reported.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"

namespace duplex::tools {
namespace {

// Of the first thread, which is the one that reads them.
bool blocks_interrupts(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word != "SigBlk:") continue;
    std::uint64_t blocked = 0;
    status >> std::hex >> blocked;
    return (blocked >> (SIGINT - 1) & 1U) != 0;
  }
  return false;
}

// What is left of a bench that is interrupted once it measures.
int exit_code_of_interrupted(const std::vector<std::string_view>& more) {
  const std::array<int, 2> output = new_pipe();
  const Child server([&output] {
    dup2(output[1], 1);
    const std::vector<std::string_view> words = {"--port", "0", "--rate", "100/s"};
    return serve_command(words);
  });
  const std::string line = first_line(output[0]);
  const std::string address = "127.0.0.1" + line.substr(line.rfind(':'));
  const Child bench([&] {
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
    std::vector<std::string_view> words = {
        "--server", address,    "--rate", "100/s",    "--arms", "ws",           "--duration",
        "20s",      "--rounds", "5",      "--warmup", "0s",     "--no-priority"};
    words.insert(words.end(), more.begin(), more.end());
    return bench_command(words);
  });
  while (!blocks_interrupts(bench.pid())) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // its threads have begun
  bench.kill(SIGINT);
  const int result = bench.wait();
  server.kill(SIGTERM);
  server.wait();
  for (const int end : output) close(end);
  return result;
}

TEST(BenchInterrupt, EndsWithTheBlockThatIsUnderWay) {
  EXPECT_EQ(exit_code_of_interrupted({}), static_cast<int>(ExitCode::interrupted));
}

TEST(BenchInterrupt, ReachesTheLoopBesideARelayOfItsOwn) {
  EXPECT_EQ(exit_code_of_interrupted({"--delay", "1ms"}), static_cast<int>(ExitCode::interrupted));
}

}  // namespace
}  // namespace duplex::tools
