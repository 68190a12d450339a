// One block of a bench: which deliveries count, and what they cost.
#include "../../tools/duplex/bench/block.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../../tools/duplex/feed_event.h"
#include "measure/histogram_payload.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// Generated at id seconds, emitted 1 ms later.
std::string line(std::uint64_t id) {
  const std::chrono::nanoseconds generated = std::chrono::seconds(id);
  return encode_event({.id = id, .generated = generated, .emitted = generated + 1ms}, 0, "") + '\n';
}

TEST(BlockRecorder, CountsTheEventsOfTheBlockOnly) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(1) + line(2), 2s + 5ms);
  recorder.deliver(0, line(3), 3s + 7ms);
  recorder.deliver(0, line(4), 4s + 7ms);
  recorder.deliver(1, line(2) + line(3) + line(4), 4s + 9ms);
  Block block;
  recorder.finish(1, 3, {}, block);
  EXPECT_EQ(block.event_count, 2U);
  EXPECT_EQ(block.delivery_count, 4U);
  EXPECT_EQ(block.missing, 0U);
  EXPECT_DOUBLE_EQ(block.mean, (0.005 + 0.007 + 2.009 + 1.009) / 4);
  EXPECT_DOUBLE_EQ(block.p50, (0.007 + 1.009) / 2);
  EXPECT_DOUBLE_EQ(block.max, 2.009);
  const auto latency = measure::decode_histogram(block.latency);
  EXPECT_EQ(latency->total(), 4);
  EXPECT_EQ(latency->count_at(std::chrono::nanoseconds(7ms).count()), 1);
  const auto lateness = measure::decode_histogram(block.lateness);
  EXPECT_EQ(lateness->total(), 2);
  EXPECT_EQ(lateness->count_at(std::chrono::nanoseconds(1ms).count()), 2);
}

// One that always waits equally long, one that does not, and one that has nothing to compare.
TEST(BlockRecorder, KnowsHowFarTheLatenciesOfOneClientLieApart) {
  BlockRecorder recorder(3);
  recorder.deliver(0, line(1), 1s + 5ms);
  recorder.deliver(0, line(2), 2s + 5ms);
  recorder.deliver(1, line(1), 1s + 7ms);
  recorder.deliver(1, line(2) + line(2), 2s + 9ms);
  recorder.deliver(2, line(2), 2s + 500ms);
  Block block;
  recorder.finish(0, 2, {}, block);
  ASSERT_TRUE(block.client_deviation);
  EXPECT_NEAR(*block.client_deviation, (0 + 0.002 / std::sqrt(2)) / 2, 1e-12);
  Block shorter;
  recorder.finish(1, 2, {}, shorter);
  EXPECT_FALSE(shorter.client_deviation);
}

TEST(BlockRecorder, KnowsWhatIsMissingAndWhatCameTwice) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(1) + line(1) + "noise\n" + line(3), 4s);
  Block block;
  recorder.finish(0, 3, {}, block);
  EXPECT_EQ(block.duplicates, 1U);
  EXPECT_EQ(block.missing, 1U + 3U);
}

// Its instants say nothing: no event comes before it has been sent.
TEST(BlockRecorder, NoticesTheClockOfAnotherMachine) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(5), 5s + 1ms);
  EXPECT_FALSE(recorder.has_foreign_clock(4, 5s));
  // The fourth was the newest a second later than the fifth says it was sent.
  EXPECT_TRUE(recorder.has_foreign_clock(4, 6s));
  EXPECT_FALSE(recorder.has_foreign_clock(5, 6s));
  recorder.deliver(1, line(6), 6s + 999us);
  EXPECT_TRUE(recorder.has_foreign_clock(5, 6s));
}

TEST(BlockRecorder, WaitsForTheSlowestClient) {
  BlockRecorder recorder(2);
  EXPECT_TRUE(recorder.all_have(0));
  recorder.deliver(0, line(5), 6s);
  EXPECT_FALSE(recorder.all_have(5));
  recorder.deliver(1, line(6), 6s);
  EXPECT_TRUE(recorder.all_have(5));
}

TEST(BlockRecorder, KnowsHowFreshItsClientsWere) {
  BlockRecorder recorder(3);  // the third one gets nothing
  // Event 1 is held when the window begins; event 3 comes half a second late, event 4 never to 1.
  recorder.deliver(0, line(1), 1s + 5ms);
  recorder.deliver(0, line(3), 3s + 500ms);
  recorder.deliver(0, line(4), 4s);
  recorder.deliver(1, line(1), 1s + 5ms);
  recorder.deliver(1, line(3), 3s + 500ms);
  Block block;
  recorder.finish(1, 4, {.begin = 2s, .end = 5s}, block);
  ASSERT_TRUE(block.freshness);
  // Ages: from 1 to 2.5, from 0.5 to 1, from 0 to 1; and without the last step from 0.5 to 2.
  const double first = (1.5 * 1.75 + 0.5 * 0.75 + 1 * 0.5) / 3;
  const double second = (1.5 * 1.75 + 1.5 * 1.25) / 3;
  EXPECT_NEAR(block.freshness->mean_age, (first + second) / 2, 1e-9);
  EXPECT_NEAR(block.freshness->peak_age, (1.75 + 2.5) / 2, 1e-9);
  // Until 3.5 event 2 is newer, which must have come at 2, and then event 3.
  EXPECT_NEAR(block.freshness->fresh_share, (1.5 / 3 + 0.5 / 3) / 2, 1e-9);
}

// Who asks for the newest event only does not hear of those between.
TEST(BlockRecorder, KnowsThatEventsWereOverwritten) {
  BlockRecorder recorder(1);
  for (unsigned second = 0; second <= 100; second += 10) {
    recorder.deliver(0, line(second), std::chrono::seconds(second));
  }
  Block block;
  recorder.finish(0, 100, {.begin = 10s, .end = 100s}, block);
  EXPECT_NEAR(block.freshness->fresh_share, 0.1, 1e-6);
}

// Ids are what a peer makes them.
TEST(BlockRecorder, FillsInNoMoreThanAMillionEvents) {
  BlockRecorder recorder(1);
  for (std::uint64_t i = 0; i <= 100; ++i) {
    const auto time = std::chrono::seconds(i);
    const FeedEvent event = {.id = i * 1'000'000'000, .generated = time, .emitted = time};
    recorder.deliver(0, encode_event(event, 0, ""), time);
  }
  Block block;
  recorder.finish(0, 100'000'000'000, {.begin = 0s, .end = 100s}, block);
  EXPECT_NEAR(block.freshness->fresh_share, 0.99, 1e-2);
}

// An answer says that there was nothing newer until it left.
TEST(BlockRecorder, PutsRandomEventsBehindTheLastAnswerWithoutThem) {
  const auto fresh_share = [](bool at_random) {
    BlockRecorder recorder(1, at_random);
    recorder.deliver(0, line(0), 0s);
    recorder.deliver(0, line(10), 10s);
    recorder.deliver(0, line(10), 15s);
    recorder.deliver(0, line(20), 20s);
    Block block;
    recorder.finish(0, 20, {.begin = 10s, .end = 20s}, block);
    return block.freshness->fresh_share;
  };
  EXPECT_NEAR(fresh_share(false), 0.1, 1e-6);
  EXPECT_NEAR(fresh_share(true), 0.55, 1e-6);
}

TEST(BlockRecorder, CountsAClientFromItsFirstEvent) {
  BlockRecorder recorder(1);
  EXPECT_EQ(recorder.first_received(0), std::nullopt);
  recorder.deliver(0, line(3), 3s);
  EXPECT_EQ(recorder.first_received(0), 3s);
  Block block;
  recorder.finish(0, 0, {.begin = 1s, .end = 4s}, block);
  EXPECT_NEAR(block.freshness->mean_age, 0.5, 1e-9);
  Block before;
  recorder.finish(0, 0, {.begin = 1s, .end = 2s}, before);
  EXPECT_FALSE(before.freshness);
}

TEST(BlockRecorder, KeepsTheSawtoothOfTheFirstRound) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(1), 1s + 5ms);
  recorder.deliver(0, line(3), 3s + 500ms);
  recorder.deliver(1, line(2), 2s);
  Block block;
  recorder.finish(0, 3, {.begin = 2s, .end = 5s}, block);
  ASSERT_EQ(block.sawtooth.size(), 2U);
  EXPECT_NEAR(block.sawtooth[0].age.count(), 1, 1e-9);
  EXPECT_NEAR(block.sawtooth[1].at.count(), 1.5, 1e-9);
  EXPECT_NEAR(block.sawtooth[1].age.count(), 0.5, 1e-9);
  Block second = {.round = 1};
  recorder.finish(0, 3, {.begin = 2s, .end = 5s}, second);
  EXPECT_TRUE(second.sawtooth.empty());
}

TEST(BlockRecorder, AddsUpWhatCameWithinAWindow) {
  BlockRecorder recorder(2);
  const std::string each = line(1);
  recorder.deliver(0, each, 1s);
  recorder.deliver(0, each + each, 2s);
  recorder.deliver(1, each, 3s);
  const auto received = recorder.received_within({.begin = 1s, .end = 3s});
  EXPECT_EQ(received.count, 3U);
  EXPECT_EQ(received.bytes, 3 * (each.size() - 1));  // without its line end
  EXPECT_EQ(recorder.received_within({.begin = 4s, .end = 5s}).count, 0U);
}

TEST(BlockRecorder, GivesEachLatencyOnce) {
  BlockRecorder recorder(2);
  recorder.deliver(0, line(1), 1s + 5ms);
  recorder.deliver(1, line(1), 1s + 6ms);
  EXPECT_EQ(recorder.take_latencies(), (std::vector<std::chrono::nanoseconds>{5ms, 6ms}));
  EXPECT_TRUE(recorder.take_latencies().empty());
}

TEST(Block, HasNoMeanWithoutDeliveries) {
  Block block;
  block.set_latencies({});
  EXPECT_EQ(block.mean, 0);
  EXPECT_EQ(measure::decode_histogram(block.latency)->total(), 0);
}

TEST(Block, IsNoisyWhenTheMachineStoodStillForFiveMedians) {
  EXPECT_FALSE(is_noisy({.p50 = 0.02, .noise = {.hiccup = 0.1}}));
  EXPECT_TRUE(is_noisy({.p50 = 0.02, .noise = {.hiccup = 0.101}}));
  // Below the step of the meter nothing can be said.
  EXPECT_FALSE(is_noisy({.p50 = 0.00005, .noise = {.hiccup = 0.001}}));
  EXPECT_TRUE(is_noisy({.p50 = 0.00005, .noise = {.hiccup = 0.0011}}));
}

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
  EXPECT_EQ(costs.calls, (std::map<std::string, double>{{"recv", 8}, {"writev", 12}}));
}

// Its events are the block's, too.
TEST(Costs, HoldWhatWaitsToBeWritten) {
  Costs costs = costs_of({{"duplex_bytes_sent_total", 300}, {"duplex_queued_bytes", 700}});
  costs -= costs_of({{"duplex_bytes_sent_total", 100}, {"duplex_queued_bytes", 50}});
  EXPECT_EQ(costs.bytes, 850);
}

}  // namespace
}  // namespace duplex::tools
