// Ctrl-C during a bench: the block under way is the last one, and what was measured is reported.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
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

bool wait_until_it_blocks_interrupts(pid_t pid) {
  constexpr int limit = 30'000;  // milliseconds
  for (int i = 0; i < limit; ++i) {
    if (blocks_interrupts(pid)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

struct Ended {
  int code = 0;
  std::string report = {};  // its first line
};

// What is left of a bench of `address` that is interrupted once it measures.
Ended interrupted_bench(const std::string& address, const std::vector<std::string_view>& more) {
  const std::array<int, 2> output = new_pipe();
  const Child bench([&] {
    dup2(output[1], 1);
    std::vector<std::string_view> words = {
        "--server", address,    "--rate", "100/s",    "--arms", "ws",           "--duration",
        "20s",      "--rounds", "5",      "--warmup", "0s",     "--no-priority"};
    words.insert(words.end(), more.begin(), more.end());
    return bench_command(words);
  });
  close(output[1]);
  EXPECT_TRUE(wait_until_it_blocks_interrupts(bench.pid()));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // its threads have begun
  bench.kill(SIGINT);
  Ended ended = {.code = bench.wait(), .report = first_line(output[0])};
  close(output[0]);
  return ended;
}

void expect_report_after_interrupt(const std::vector<std::string_view>& more) {
  const std::array<int, 2> output = new_pipe();
  const Child server([&output] {
    dup2(output[1], 1);
    const std::vector<std::string_view> words = {"--port", "0", "--rate", "100/s"};
    return serve_command(words);
  });
  const std::string line = first_line(output[0]);
  const Ended ended = interrupted_bench("127.0.0.1" + line.substr(line.rfind(':')), more);
  EXPECT_EQ(ended.code, static_cast<int>(ExitCode::interrupted));
  EXPECT_TRUE(ended.report.starts_with("feed ")) << ended.report;
  server.kill(SIGTERM);
  server.wait();
  for (const int end : output) close(end);
}

TEST(BenchInterrupt, EndsWithTheBlockThatIsUnderWay) { expect_report_after_interrupt({}); }

TEST(BenchInterrupt, ReachesTheLoopBesideARelayOfItsOwn) {
  expect_report_after_interrupt({"--delay", "1ms"});
}

}  // namespace
}  // namespace duplex::tools
