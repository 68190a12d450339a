// One block of a bench: which deliveries count, and what they cost.
#include "../../tools/duplex/bench/block.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/feed_event.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// Generated at id seconds, emitted 1 ms later.
std::string line(std::uint64_t id) {
  const std::chrono::nanoseconds generated = std::chrono::seconds(id);
  return encode_event({.id = id, .generated = generated, .emitted = generated + 1ms}, 0) + '\n';
}

TEST(BlockRecorder, CountsTheEventsOfTheBlockOnly) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(1) + line(2), 2s + 5ms);
  recorder.deliver(0, line(3), 3s + 7ms);
  recorder.deliver(0, line(4), 4s + 7ms);
  recorder.deliver(1, line(2) + line(3) + line(4), 4s + 9ms);
  Block block;
  recorder.finish(1, 3, block);
  EXPECT_EQ(block.event_count, 2U);
  EXPECT_EQ(block.latency, (std::vector<std::chrono::nanoseconds>{5ms, 7ms, 2009ms, 1009ms}));
  EXPECT_EQ(block.lateness, (std::vector<std::chrono::nanoseconds>{1ms, 1ms}));
  EXPECT_EQ(block.missing, 0U);
  EXPECT_DOUBLE_EQ(block.mean_latency(), (0.005 + 0.007 + 2.009 + 1.009) / 4);
}

TEST(BlockRecorder, KnowsWhatIsMissingAndWhatCameTwice) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(1) + line(1) + "noise\n" + line(3), 4s);
  Block block;
  recorder.finish(0, 3, block);
  EXPECT_EQ(block.duplicates, 1U);
  EXPECT_EQ(block.missing, 1U + 3U);
}

TEST(BlockRecorder, WaitsForTheSlowestClient) {
  BlockRecorder recorder(2);
  EXPECT_TRUE(recorder.all_have(0));
  recorder.deliver(0, line(5), 6s);
  EXPECT_FALSE(recorder.all_have(5));
  recorder.deliver(1, line(6), 6s);
  EXPECT_TRUE(recorder.all_have(5));
}

TEST(Block, HasNoMeanWithoutDeliveries) { EXPECT_EQ(Block{}.mean_latency(), 0); }

TEST(Costs, AreTheDifferencesOfMetrics) {
  const Costs before = costs_of({{"duplex_requests_total", 3}});
  EXPECT_EQ(before.requests, 3);
  EXPECT_EQ(before.bytes, 0);
  Costs costs = costs_of({{"duplex_bytes_received_total", 10},
                          {"duplex_bytes_sent_total", 20},
                          {"duplex_requests_total", 5},
                          {"duplex_syscalls_total{call=\"recv\"}", 4},
                          {"duplex_syscalls_total{call=\"writev\"}", 6},
                          {"process_cpu_seconds_total", 0.5}});
  costs -= before;
  costs += costs;
  EXPECT_EQ(costs.bytes, 60);
  EXPECT_EQ(costs.requests, 4);
  EXPECT_EQ(costs.system_calls, 20);
  EXPECT_EQ(costs.cpu_seconds, 1.0);
}

}  // namespace
}  // namespace duplex::tools
