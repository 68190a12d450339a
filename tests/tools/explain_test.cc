// `bench --explain`: what would be done, and what is expected of it.
#include "../../tools/duplex/bench/explain.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

BenchOptions usual() {
  BenchOptions options;
  options.delay = 20ms;
  options.duration = 120s;
  options.rounds = 20;
  return options;
}

std::string explained(const BenchOptions& options, const std::vector<std::string>& arms,
                      const ReportOptions& report = {}) {
  std::string text = explanation(options, arms_of(arms), report, "28.0 ns");
  for (std::size_t at = 0; (at = text.find("\n  ", at)) != std::string::npos;) {
    text.replace(at, 3, " ");
  }
  return text;
}

void expect_in(std::string_view part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(Explain, TellsWhatWouldBeDone) {
  const std::string text = explained(usual(), {"ws", "sse", "lp", "sp"});
  expect_in("nothing is measured", text);
  expect_in("10.0/s at random instants (Poisson), drawn beforehand (seed 1)", text);
  expect_in("A look at it costs 28.0 ns here", text);
  expect_in("processes of this machine, so it is one clock", text);
  expect_in("medians of two half-seconds in a row are within 5 %; 3.00 s at most", text);
  expect_in("5 arms, WebSocket twice, 20 rounds, 100 blocks of 1.00 s, those of long polls 2.00 s",
            text);
  expect_in(": 120 s of measuring", text);
  expect_in(
      "of about 200 events of an arm (twice as many of long polls), p95 needs 200 (reached), p99 "
      "needs 1000 (not reached)",
      text);
  expect_in("later than five times the block's median latency, and than 1 ms", text);
  expect_in("stay in, unless --discard-noisy", text);
  EXPECT_EQ(text.find("coordinated omission"), std::string::npos);
}

TEST(Explain, TellsWhatTheArgumentsChange) {
  BenchOptions options = usual();
  options.poisson = false;
  options.server = "10.0.0.2:9001";
  options.warm_up = 0s;
  options.rounds = 3;
  options.order = "sequential";
  const std::string text = explained(options, {"echo", "echo-closed"}, {.discard_noisy = true});
  expect_in("10.0/s at equal gaps", text);
  expect_in("(coordinated omission)", text);
  expect_in("That of 10.0.0.2:9001 is compared with ours before the first block", text);
  expect_in("None (--warmup 0)", text);
  expect_in("Each arm has all of its rounds at once", text);
  expect_in("Compared in 3 rounds: the intervals hold what they should in 75.0 % of all cases",
            text);
  expect_in("left out, as --discard-noisy says", text);
}

// 20 ms each way, ten events a second: 27.5 ms and, for polls every 250 ms, 165 ms.
TEST(Explain, TellsWhatTheoryPredicts) {
  const std::string text = explained(usual(), {"lp", "sp", "ws-deflate"});
  expect_in("\nwebsocket          20.0 ms  20.0 ms  20.0 ms  20.0 ms", text);
  expect_in("\nlong-poll          27.5 ms  20.0 ms", text);
  expect_in("\nshort-poll          165 ms", text);
  EXPECT_EQ(text.find("(A/A)  "), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools
