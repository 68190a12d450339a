// duplex load: its messages, its counts, and its clients against servers that fail on purpose, in
// virtual time.
#include <gtest/gtest.h>

#include "../../tools/duplex/load/load_message.h"
#include "../../tools/duplex/load/load_processes.h"
#include "../../tools/duplex/load/load_report.h"
#include "../../tools/duplex/load/load_worker.h"
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

LoadTally some_tally() {
  LoadTally tally;
  tally.opened = 12;
  tally.most_open = 3;
  tally.sent = 2000;
  tally.received = 1999;
  tally.lost = 1;
  tally.ramp_time = 5'000'000;
  tally.measured_time = 1'000'000'000;
  tally.recovery_time = 7;
  tally.failure = "cannot connect to it";
  tally.count_drop(1009, "message too big");
  tally.count_drop(1009, "another word");
  tally.count_drop(1006, "");
  tally.latency.record(1'000'000, 1990);
  tally.latency.record(9'000'000, 9);
  tally.late.record(500'000, 1999);
  tally.opening.record(2'000'000, 3);
  return tally;
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

TEST(LoadReport, SaysWhatWentWrong) {
  const std::string text = load_text({}, some_tally(), {});
  EXPECT_NE(text.find("12 opened, 0 failed, 0 dropped"), std::string::npos) << text;
  EXPECT_NE(text.find("failed        cannot connect to it\n"), std::string::npos) << text;
  EXPECT_NE(text.find("dropped       1 with 1006, 2 with 1009 (message too big)\n"),
            std::string::npos)
      << text;
  const std::string json = load_json({}, some_tally(), {});
  EXPECT_NE(json.find("\"reason\": \"message too big\""), std::string::npos) << json;
  EXPECT_NE(text.find("2000 sent, 1999 received"), std::string::npos) << text;
  EXPECT_NE(text.find("1 lost, 0 corrupt"), std::string::npos) << text;
  EXPECT_NE(text.find("p50 1.00 ms, p99 1.00 ms, max 9.00 ms"), std::string::npos) << text;
  EXPECT_NE(text.find("sent late     p50 500 µs"), std::string::npos) << text;
}

TEST(LoadReport, SaysWhatWasNotDone) {
  LoadTally tally = some_tally();
  EXPECT_EQ(load_text({}, tally, {}).find("not waited for"), std::string::npos) << "none";
  tally.missing = 5;
  tally.skipped = 6;
  tally.abandoned = 7;
  tally.opening_at_end = 8;
  tally.unrecovered = 9;
  tally.silent = 11;
  LoadPlan plan;
  plan.options.storms = 10;
  const std::string text = load_text(plan, tally, {});
  for (const std::string_view part :
       {"5 connections of processes", ", 6 not sent for want", ", 7 not waited for",
        ", 8 still to be opened", "9 times not all came back",
        "11 connections on which a last ping"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  EXPECT_FALSE(tally.is_faultless());
  EXPECT_EQ(tally_text(read_tally(tally_text(tally))), tally_text(tally));
}

TEST(LoadReport, TellsTheServersUse) {
  const ServerUse server = {.before = ProcessUse{.resident_size = 1000},
                            .ramped = ProcessUse{.cpu_seconds = 1, .resident_size = 4000},
                            .after = ProcessUse{.cpu_seconds = 1.5, .resident_size = 4096},
                            .growth = -102.4};
  const std::string text = load_text({}, some_tally(), server);
  EXPECT_NE(text.find("1000 B for each connection, 4 KiB in all"), std::string::npos) << text;
  EXPECT_NE(text.find("50.0 % of a core"), std::string::npos) << text;
  EXPECT_NE(text.find("memory slope  -6 KiB/min\n"), std::string::npos) << text;
  const std::string json = load_json({}, some_tally(), server);
  EXPECT_NE(json.find("\"server_bytes_per_connection\": 1000"), std::string::npos) << json;
  EXPECT_NE(json.find("\"server_bytes_per_second\": -102.4"), std::string::npos) << json;
  EXPECT_NE(json.find("\"p999_ns\": null"), std::string::npos) << "1999 samples cannot carry it";
}

TEST(LoadReport, LeavesOpenWhatNobodyKnows) {
  const std::string text = load_text({}, some_tally(), {});
  EXPECT_NE(text.find("memory slope  –\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("server memory"), std::string::npos) << text;
  const std::string json = load_json({}, some_tally(), {});
  EXPECT_NE(json.find("\"server_bytes_per_second\": null"), std::string::npos) << json;
}

TEST(LoadReport, TellsThatTheServerHasEnded) {
  const ServerUse server = {.before = ProcessUse{.resident_size = 1000},
                            .ramped = ProcessUse{.resident_size = 4000}};
  const std::string text = load_text({}, some_tally(), server);
  EXPECT_NE(text.find("1000 B for each connection, and it has ended"), std::string::npos) << text;
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
  EXPECT_EQ(tally.lost, 4U) << "each waits for its own";
  EXPECT_FALSE(tally.is_faultless());
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
  EXPECT_EQ(tally.lost, 1U);
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
