// duplex load: its messages, its counts, and its clients against servers that fail on purpose, in
// virtual time.
#include <gtest/gtest.h>

#include "../../tools/duplex/load/load_message.h"
#include "../../tools/duplex/load/load_processes.h"
#include "../../tools/duplex/load/load_worker.h"
#include "../../tools/duplex/poll_set.h"
#include "load_tallies.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

TEST(LoadMessage, ComesBackAsItWas) {
  std::string text;
  for (const std::size_t size : {32u, 33u, 125u, 5000u}) {
    const LoadMessage message = {.sequence = 0x1234567890abcdef, .due = 987654321ns};
    encode_load_message(message, size, text);
    EXPECT_EQ(text.size(), size);
    EXPECT_EQ(decode_load_message(text), message);
  }
}

TEST(LoadMessage, NoticesEveryChangedByteOfItsFiller) {
  std::string text;
  encode_load_message({.sequence = 7, .due = 8ns}, 100, text);
  for (std::size_t i = smallest_load_message; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_EQ(decode_load_message(changed), std::nullopt) << i;
  }
  EXPECT_EQ(decode_load_message(text.substr(0, 31)), std::nullopt);
  EXPECT_EQ(decode_load_message(std::string(40, 'z')), std::nullopt);
}

TEST(LoadTally, GoesThroughAPipe) {
  const LoadTally tally = some_tally();
  const LoadTally read = read_tally("ramp\nunknown 5\n" + tally_text(tally));
  EXPECT_EQ(tally_text(read), tally_text(tally));
  EXPECT_EQ(read.latency.total(), 1999);
  EXPECT_EQ(read.late.total(), 1999);
  EXPECT_EQ(read.lost, 1U);
  EXPECT_EQ(read.failure, "cannot connect to it");
  EXPECT_EQ(read.drops.at(1009).reason, "message too big");
  EXPECT_EQ(read.drops.at(1006).reason, "");
}

TEST(LoadTally, AddsCountsAndTakesTheSlowestTimes) {
  LoadTally sum = some_tally();
  LoadTally other = some_tally();
  other.ramp_time = 9'000'000;
  sum.add(other);
  EXPECT_EQ(sum.opened, 24U);
  EXPECT_EQ(sum.most_open, 6U);
  EXPECT_EQ(sum.drops.at(1009).count, 4U);
  EXPECT_EQ(sum.drops.at(1006).count, 2U);
  EXPECT_EQ(sum.latency.total(), 2 * 1999);
  EXPECT_EQ(sum.late.total(), 2 * 1999);
  EXPECT_EQ(sum.ramp_time, 9'000'000U);
  EXPECT_EQ(sum.measured_time, 1'000'000'000U);
}

TEST(LoadPlan, IsSharedOutWithoutARest) {
  LoadPlan plan = {.processes = 3, .spread = true};
  plan.options.url = "ws://127.0.0.1:9001/echo";
  plan.options.connections = 11;
  plan.options.message_rate = 9;
  EXPECT_EQ(share_of(plan, 0).connections, 4U);
  EXPECT_EQ(share_of(plan, 1).connections, 4U);
  EXPECT_EQ(share_of(plan, 2).connections, 3U);
  EXPECT_EQ(share_of(plan, 2).message_rate, 3.0);
  EXPECT_EQ(share_of(plan, 2).url, "ws://127.0.0.3:9001/echo");
}

// A server and the clients of one process, on one loop.
class LoadWorkerTest : public testing::Test {
 protected:
  using OnMessage = std::function<void(Connection&, Message)>;

  static void echo(Connection& peer, Message message) { peer.send(message); }

  LoadTally run(LoadOptions options, const OnMessage& on_message = echo) {
    Server server(loop_, {.port = 80});
    server.websocket("/", {.on_message = on_message}, {.deflate = websocket::DeflateOptions{}});
    options.url = "ws://127.0.0.1/";
    options.patience = 1s;
    if (options.duration == 0s) options.duration = 2s;
    LoadWorker worker(loop_, options, 1, [this] { ++ramps_; });
    worker.start();
    loop_.run();
    bytes_received_ = server.stats().bytes_received;
    return worker.tally();
  }

  simulation::World world_{{.seed = 1, .link = {.delay = 5ms}}};
  simulation::Kernel kernel_{world_};
  EventLoop loop_{kernel_};
  int ramps_ = 0;
  std::uint64_t bytes_received_ = 0;  // by the server
};

TEST_F(LoadWorkerTest, ClosedLoopKeepsItsMessagesUnderWay) {
  const LoadTally tally = run({.connections = 10, .outstanding = 4});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_EQ(ramps_, 1);
  EXPECT_EQ(tally.opened, 10U);
  EXPECT_EQ(tally.sent, tally.received);
  // 10 ms for each round trip, four at a time.
  EXPECT_NEAR(static_cast<double>(tally.received), 10 * 4 * 200, 100);
  EXPECT_NEAR(static_cast<double>(tally.latency.max()), 10e6, 1e6);
}

TEST_F(LoadWorkerTest, OpenLoopSendsAtItsRate) {
  const LoadTally tally = run({.connections = 5, .message_rate = 1000});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_NEAR(static_cast<double>(tally.sent), 2000, 200);
  EXPECT_EQ(tally.received, tally.sent);
}

TEST_F(LoadWorkerTest, TellsWhatOfTheLatencyIsItsOwn) {
  const LoadTally punctual = run({.connections = 5, .message_rate = 1000});
  EXPECT_EQ(static_cast<std::uint64_t>(punctual.late.total()), punctual.sent);
  EXPECT_LT(punctual.late.max(), 2'000'000);
  bool first = true;
  const LoadTally held_up =
      run({.connections = 5, .message_rate = 1000}, [&](Connection& peer, Message message) {
        if (std::exchange(first, false)) world_.advance_by(100ms);
        echo(peer, message);
      });
  EXPECT_NEAR(static_cast<double>(held_up.late.max()), 100e6, 2e6);
  EXPECT_GE(held_up.latency.max(), held_up.late.max());
}

TEST_F(LoadWorkerTest, SendsMessagesAsTheyAre) {
  const LoadTally tally = run({.connections = 2, .message_size = 5000});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_GT(bytes_received_, tally.received * 5000);
}

// Whatever is queued here must not keep the clients from reading: an echo server that waits for
// them would wait for ever.
TEST_F(LoadWorkerTest, KeepsManyLargeMessagesUnderWay) {
  const LoadTally tally =
      run({.connections = 2, .outstanding = 8, .message_size = 256 << 10, .duration = 5s});
  EXPECT_TRUE(tally.is_faultless()) << tally.lost;
  EXPECT_EQ(tally.refused, 0U);
  EXPECT_GE(tally.received, 2 * 8 * 2U);
}

TEST_F(LoadWorkerTest, CompressesWhenToldTo) {
  const LoadTally tally = run({.connections = 2, .message_size = 5000, .deflate = true});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_LT(bytes_received_, tally.received * 4000);
  EXPECT_EQ(tally.deflated, 2U);
  EXPECT_EQ(run({.connections = 2}).deflated, 0U);
}

TEST_F(LoadWorkerTest, HoldsWithoutAWord) {
  const LoadTally tally = run({.connections = 20, .connect_rate = 100, .hold = true});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_EQ(tally.open_at_end, 20U);
  EXPECT_EQ(tally.sent, 0U);
  EXPECT_NEAR(static_cast<double>(tally.ramp_time), 200e6, 25e6);
}

TEST_F(LoadWorkerTest, CountsConnectionsOnWhichNobodyAnswers) {
  int opened = 0;
  Server server(loop_, {.port = 80});
  server.websocket("/", {.on_open = [&opened](Connection& peer, const auto&) {
                     if (++opened <= 3) peer.pause_reading();
                   }});
  LoadWorker worker(
      loop_, {.url = "ws://127.0.0.1/", .connections = 5, .hold = true, .patience = 1s}, 1, [] {});
  worker.start();
  loop_.run();
  EXPECT_EQ(worker.tally().silent, 3U);
}

TEST_F(LoadWorkerTest, VisitsEndAndBeginAnew) {
  const LoadTally tally =
      run({.connections = 10, .connect_rate = 100, .messages_per_visit = 2, .duration = 5s});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_NEAR(static_cast<double>(tally.opened), 500, 30);
  EXPECT_EQ(tally.received, tally.sent);
}

TEST_F(LoadWorkerTest, ComesBackAfterEachReset) {
  const LoadTally tally = run({.connections = 10, .storms = 3});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_EQ(tally.opened, 40U);
  EXPECT_EQ(tally.most_open, 10U);
  EXPECT_EQ(tally.open_at_end, 10U);
  EXPECT_GT(tally.recovery_time, 20'000'000U);
}

TEST_F(LoadWorkerTest, StalledConnectionsAreNotWaitedFor) {
  const LoadTally tally = run({.connections = 10, .stalled_share = 0.5});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_EQ(tally.sent, tally.received + 5);
  EXPECT_EQ(tally.abandoned, 5U);
}

TEST_F(LoadWorkerTest, CountsWhatIsLost) {
  std::uint64_t count = 0;
  const LoadTally tally = run({.connections = 4}, [&count](Connection& peer, Message message) {
    if (++count % 50 != 0) peer.send(message);
  });
  EXPECT_EQ(tally.overdue, 4U) << "each waits for its own";
  EXPECT_EQ(tally.lost, 0U) << "nothing has come after it";
  EXPECT_FALSE(tally.is_faultless());
}

TEST_F(LoadWorkerTest, CountsWhatIsPassedOver) {
  std::uint64_t count = 0;
  const LoadTally tally =
      run({.connections = 1, .outstanding = 4}, [&count](Connection& peer, Message message) {
        if (++count != 5 && count != 6) peer.send(message);
      });
  EXPECT_EQ(tally.lost, 2U);
  EXPECT_EQ(tally.overdue, 0U);
  EXPECT_EQ(tally.misplaced, 0U) << "the others are in order";
  EXPECT_EQ(tally.sent, tally.received + tally.lost);
}

TEST_F(LoadWorkerTest, WhatComesOutOfOrderIsNotLost) {
  std::uint64_t count = 0;
  std::string held;
  const LoadTally tally =
      run({.connections = 1, .outstanding = 4}, [&](Connection& peer, Message message) {
        if (++count == 5) {
          held = message.text();
        } else {
          peer.send(message);
        }
        if (count == 7) peer.send_text(held);
      });
  EXPECT_EQ(tally.misplaced, 1U);
  EXPECT_EQ(tally.lost, 0U);
  EXPECT_EQ(tally.overdue, 0U);
}

// A slow server has lost nothing.
TEST_F(LoadWorkerTest, TellsWhatIsLateFromWhatIsLost) {
  const auto nothing = [](Connection& peer, Message) { peer.pause_reading(); };
  const LoadTally tally = run({.connections = 3, .outstanding = 10}, nothing);
  EXPECT_EQ(tally.overdue, 3 * 10U);
  EXPECT_EQ(tally.lost, 0U);
  EXPECT_FALSE(tally.is_faultless());
}

TEST_F(LoadWorkerTest, InAHurryCallsNothingLate) {
  Server server(loop_, {.port = 80});
  server.websocket("/", {});
  const LoadOptions options = {
      .url = "ws://127.0.0.1/", .connections = 3, .duration = 5s, .patience = 60s};
  LoadWorker worker(loop_, options, 1, [] {});
  for (const auto when : {2s, 10s}) loop_.run_after(when, [&worker] { worker.interrupt(); });
  worker.start();
  loop_.run();
  EXPECT_EQ(worker.tally().abandoned, 3U);
  EXPECT_EQ(worker.tally().overdue, 0U);
}

TEST_F(LoadWorkerTest, SaysHowLongItWaitedForAnOpening) {
  net::Address address = *net::Address::parse("127.0.0.1", 80);
  const int listener = listen_on(kernel_, address);
  LoadWorker worker(loop_, {.url = "ws://127.0.0.1/", .connections = 1}, 1, [] {});
  worker.start();
  loop_.run();
  EXPECT_EQ(worker.tally().failure, "no connection after 30 s");
  kernel_.close(listener);
}

TEST_F(LoadWorkerTest, CountsWhatIsCorrupt) {
  const LoadTally tally = run({.connections = 1}, [](Connection& peer, Message message) {
    std::string text(message.text());
    text.back() = '!';
    peer.send_text(text);
  });
  EXPECT_EQ(tally.corrupt, 1U);
}

TEST_F(LoadWorkerTest, CountsWhatComesTwice) {
  bool first = true;
  const LoadTally tally = run({.connections = 1}, [&first](Connection& peer, Message message) {
    peer.send(message);
    if (std::exchange(first, false)) peer.send(message);
  });
  EXPECT_EQ(tally.misplaced, 1U);
}

TEST_F(LoadWorkerTest, CountsWhoIsDropped) {
  const LoadTally tally =
      run({.connections = 3}, [](Connection& peer, Message) { peer.close(CloseCode::going_away); });
  EXPECT_EQ(tally.dropped, 3U);
  ASSERT_EQ(tally.drops.size(), 1U);
  EXPECT_EQ(tally.drops.at(1001).count, 3U);
}

TEST_F(LoadWorkerTest, TakesNoFiguresFromAReason) {
  const LoadTally tally = run({.connections = 1}, [](Connection& peer, Message) {
    peer.close(CloseCode::going_away, "x\nsent 900");
  });
  EXPECT_EQ(tally.drops.at(1001).reason, R"(x\nsent 900)");
  EXPECT_EQ(read_tally(tally_text(tally)).sent, 1U);
}

TEST_F(LoadWorkerTest, SaysWhyTheyWereDropped) {
  const std::size_t too_large = websocket::ProtocolOptions().max_message_size + 1;
  const LoadTally tally = run({.connections = 1, .message_size = too_large});
  ASSERT_EQ(tally.drops.size(), 1U);
  EXPECT_EQ(tally.drops.at(1009).count, 1U);
  EXPECT_NE(tally.drops.at(1009).reason, "");
}

// Nothing that was sent, or was due, is passed over.
TEST_F(LoadWorkerTest, CountsWhatAResetCutsOff) {
  const LoadTally tally = run({.connections = 10, .outstanding = 4, .storms = 3});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_EQ(tally.abandoned, 3 * 10 * 4U);
  EXPECT_EQ(tally.sent, tally.received + tally.abandoned);
}

TEST_F(LoadWorkerTest, CountsWhatIsDueWithoutAConnection) {
  const LoadTally tally = run({.connections = 1, .message_rate = 1000, .storms = 10});
  EXPECT_TRUE(tally.is_faultless());
  EXPECT_GT(tally.skipped, 0U);
  EXPECT_NEAR(static_cast<double>(tally.sent + tally.skipped), 2000, 200);
}

TEST_F(LoadWorkerTest, CountsStormsThatNotAllSurvive) {
  bool first = true;
  const LoadTally tally = run({.connections = 2, .storms = 2, .duration = 3s},
                              [&first](Connection& peer, Message message) {
                                if (std::exchange(first, false)) return peer.close();
                                peer.send(message);
                              });
  EXPECT_EQ(tally.dropped, 1U);
  EXPECT_EQ(tally.unrecovered, 2U);
  EXPECT_FALSE(tally.is_faultless());
}

TEST_F(LoadWorkerTest, CountsConnectionsThatAreStillToBeOpened) {
  const LoadTally tally = run({.connections = 10, .connect_rate = 5, .storms = 1});
  EXPECT_GT(tally.opening_at_end, 0U);
  EXPECT_EQ(tally.open_at_end + tally.opening_at_end, 10U);
  EXPECT_EQ(tally.unrecovered, 1U);
}

TEST_F(LoadWorkerTest, TakesNoEchoOfWhatItNeverSent) {
  const LoadTally tally = run({.connections = 1}, [](Connection& peer, Message message) {
    std::string text;
    encode_load_message({.sequence = 1'000'000}, message.payload.size(), text);
    peer.send_text(text);
  });
  EXPECT_EQ(tally.corrupt, 1U);
  EXPECT_EQ(tally.overdue, 1U);
}

TEST_F(LoadWorkerTest, CountsOpeningsThatFail) {
  LoadOptions options = {.url = "ws://127.0.0.1/nowhere", .connections = 2, .duration = 1s};
  Server server(loop_, {.port = 80});
  LoadWorker worker(loop_, options, 1, [] {});
  worker.start();
  loop_.run();
  EXPECT_EQ(worker.tally().failed, 2U);
  EXPECT_EQ(worker.tally().measured_time, 0U) << "nobody to load: the end";
  EXPECT_NE(worker.tally().failure.find("404"), std::string::npos) << worker.tally().failure;
  EXPECT_FALSE(worker.tally().is_faultless());
}

}  // namespace
}  // namespace duplex::tools
