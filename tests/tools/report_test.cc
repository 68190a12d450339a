// What a bench found, what it says about it, and in which formats.
#include "../../tools/duplex/bench/report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../../tools/duplex/bench/progress.h"
#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/bench/wire_parts.h"
#include "duplex/codec/json.h"
#include "measure/histogram_payload.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

BenchReport good_report(std::size_t rounds = 4) { return make_report(good_run(rounds)); }

TEST(Report, PutsTheMeanBesideThePrediction) {
  const BenchReport report = good_report();
  const ArmReport& lp = *report.find("lp");
  EXPECT_EQ(lp.event_count, 400U);
  EXPECT_EQ(lp.delivery_count, 400U);
  EXPECT_NEAR(lp.mean, 0.028015, 1e-6);
  EXPECT_NEAR(lp.predicted.mean, 0.02747, 1e-5);
  EXPECT_TRUE(lp.as_predicted());
  EXPECT_NEAR(report.find("sp")->predicted.mean, 0.165, 1e-6);
  EXPECT_NEAR(lp.per_delivery.bytes, 200, 1e-9);
  EXPECT_NEAR(lp.per_delivery.system_calls, 3, 1e-9);
  EXPECT_EQ(report.rounds, 4U);
  EXPECT_NEAR(report.max_lateness, 40e-6, 1e-7);
  EXPECT_EQ(report.flagged_blocks, 0U);
  EXPECT_EQ(report.find("tcp"), nullptr);
}

TEST(Report, GivesIntervals) {
  const BenchReport report = good_report(10);
  const ArmReport& sse = *report.find("sse");
  EXPECT_NEAR(sse.p50.estimate, 0.020495, 1e-9);
  EXPECT_GT(sse.p50.low, 0.02045);
  EXPECT_LT(sse.p50.low, sse.p50.estimate);
  EXPECT_GT(sse.p50.high, sse.p50.estimate);
  EXPECT_LT(sse.p50.high, 0.02055);
  EXPECT_NEAR(sse.mean_interval.estimate, sse.p50.estimate, 1e-9);
  EXPECT_LE(sse.p95->low, sse.p95->estimate);
  EXPECT_GE(sse.p95->high, sse.p95->estimate);
}

TEST(Report, CountsFlaggedBlocksAndLeavesThemOutOnRequest) {
  BenchRun run = good_run();
  run.blocks[2].flagged = true;
  run.blocks[2].noise.hiccup = 0.3;
  set_all(run.blocks[2], 900ms);
  const BenchReport kept = make_report(run);
  EXPECT_EQ(kept.flagged_blocks, 1U);
  EXPECT_EQ(kept.find("lp")->flagged_blocks, 1U);
  EXPECT_EQ(kept.find("lp")->delivery_count, 400U);
  EXPECT_EQ(kept.max_hiccup, 0.3);
  EXPECT_NE(render_text(kept).find("flagged blocks 1/20 · worst hiccup 300 ms"), std::string::npos)
      << render_text(kept);
  const BenchReport left = make_report(run, {.discard_noisy = true});
  EXPECT_EQ(left.flagged_blocks, 1U);
  EXPECT_EQ(left.find("lp")->delivery_count, 300U);
  EXPECT_NE(render_text(left).find("flagged blocks 1/20, left out (--discard-noisy)"),
            std::string::npos);
  EXPECT_EQ(render_hlog(left).find("900.000"), std::string::npos);
}

TEST(Report, AveragesFreshnessAndCosts) {
  BenchRun run = good_run(2);
  run.blocks[0].freshness = {.mean_age = 0.1, .peak_age = 0.2, .fresh_share = 0.9};
  run.blocks[5].freshness = {.mean_age = 0.4, .peak_age = 0.5, .fresh_share = 0.6};
  run.blocks[5].length = 2s;
  run.blocks[0].first_event = 0.041;
  run.blocks[0].client_cpu_seconds = 0.002;
  run.blocks[0].empty_answers = 50;
  run.blocks[0].costs.calls = {{"recv", 100}, {"epoll_wait", 0}};
  const BenchReport report = make_report(run);
  const ArmReport& ws = report.arms[0];
  EXPECT_NEAR(ws.freshness->mean_age, 0.3, 1e-12);
  EXPECT_NEAR(ws.freshness->peak_age, 0.4, 1e-12);
  EXPECT_NEAR(ws.freshness->fresh_share, 0.7, 1e-12);
  EXPECT_EQ(ws.first_event, 0.041);
  EXPECT_NEAR(ws.client_cpu_per_delivery, 10e-6, 1e-12);
  EXPECT_NEAR(ws.empty_answers_per_delivery, 0.25, 1e-12);
  EXPECT_EQ(ws.per_delivery.calls, (std::map<std::string, double>{{"recv", 0.5}}));
  EXPECT_FALSE(report.arms[1].freshness);
  EXPECT_FALSE(report.arms[1].first_event);
  EXPECT_NEAR(*ws.predicted.mean_age, 0.12, 1e-9);
  EXPECT_NEAR(*ws.predicted.first_event, 0.04, 1e-9);
  EXPECT_EQ(prediction_of(arms_of({"echo"})[1], good_run().options).first_event, std::nullopt);
  EXPECT_NE(render_text(report).find("recv 0.500"), std::string::npos) << render_text(report);
}

TEST(Report, TakesTheSpreadOfAClientFromTheMedianBlock) {
  BenchRun run = good_run(3);
  run.blocks[0].client_deviation = 0.001;
  run.blocks[5].client_deviation = 0.5;
  run.blocks[10].client_deviation = 0.002;
  const BenchReport report = make_report(run);
  EXPECT_EQ(report.arms[0].client_deviation, 0.002);
  EXPECT_EQ(report.arms[0].predicted.client_deviation, 0);
  EXPECT_NEAR(report.arms[0].deviation, std::sqrt(2.0 / 3) * 10e-6, 6e-6);  // 0, 10 and 20 µs
  EXPECT_FALSE(report.arms[1].client_deviation);
  EXPECT_NEAR(*report.find("sp")->predicted.client_deviation, 0.29 / std::sqrt(12.0), 1e-9);
}

TEST(Report, SplitsWhatWasOnTheWire) {
  const BenchReport report = good_report();
  const ArmReport& sp = *report.find("sp");
  EXPECT_NEAR(sp.wire->total(), 1502, 1e-9);
  EXPECT_NEAR(sp.wire_payload, 64, 1e-9);
  std::string parts;
  double sum = 0;
  for (const WirePart& part : wire_parts(sp)) {
    parts += std::string(part.name) + " " + std::to_string(std::lround(part.bytes)) + ", ";
    sum += part.bytes;
  }
  EXPECT_EQ(parts,
            "payload 64, framing 6, heads 400, packet_headers 66, acknowledgements 66, "
            "empty_polls 900, sent_again 0, ");
  EXPECT_NEAR(sum, sp.wire->total(), 1e-9);
  const std::string text = render_text(report);
  EXPECT_NE(text.find("bytes on the wire: AF_PACKET on lo, as Ethernet frames"), std::string::npos);
  EXPECT_NE(text.find("bytes/ev on the wire"), std::string::npos) << text;
  // A packet and its acknowledgement.
  EXPECT_NE(text.find("  all  predicted  payload"), std::string::npos) << text;
  EXPECT_NE(text.find("202.0      198.0     64.0"), std::string::npos) << text;
  EXPECT_NE(render_json(report).find("\"wire_bytes\": 198"), std::string::npos);
  EXPECT_NE(render_csv(report).find(",1502.000,64.000,6.000,400.000,66.000,66.000,900.000,0.000,"),
            std::string::npos)
      << render_csv(report);
}

TEST(Report, SaysNothingOfAWireThatNobodyWatched) {
  BenchRun run = good_run();
  run.wire_source.clear();
  for (Block& block : run.blocks) block.wire.reset();
  const BenchReport report = make_report(run);
  EXPECT_FALSE(report.arms[0].wire);
  EXPECT_TRUE(wire_parts(report.arms[0]).empty());
  EXPECT_EQ(render_text(report).find("bytes/ev on the wire"), std::string::npos);
  EXPECT_EQ(render_text(report).find("bytes on the wire"), std::string::npos);
}

TEST(Report, SaysHowTheSidesWaitedAndWhere) {
  BenchRun run = good_run();
  const std::string usual = render_text(make_report(run));
  EXPECT_EQ(usual.find("never sleep"), std::string::npos);
  EXPECT_EQ(usual.find("processor"), std::string::npos);
  run.options.wait = "spin";
  run.options.place = "split";
  const std::string text = render_text(make_report(run));
  EXPECT_NE(text.find("clients and server never sleep: they ask again and again\n"
                      "clients and server have a processor each\n"),
            std::string::npos)
      << text;
  run.options.place = "same";
  EXPECT_NE(render_text(make_report(run)).find("clients and server share a processor\n"),
            std::string::npos);
}

TEST(Report, SaysHowItWarmedUp) {
  BenchRun run = good_run();
  run.warm_up = {.seconds = 3, .deliveries = 240, .change = 0.01, .settled = false};
  EXPECT_NE(render_text(make_report(run))
                .find("warm-up 3.00 s, 240 deliveries, the last two "
                      "half-second medians 1.00 % apart (ended before"),
            std::string::npos)
      << render_text(make_report(run));
}

TEST(Report, TellsADifferenceFromNoise) {
  const BenchReport report = good_report();
  EXPECT_GT(report.noise_floor, 1.0);
  EXPECT_LT(report.noise_floor, 1.02);
  EXPECT_FALSE(report.find("sse")->distinguishable);
  EXPECT_TRUE(report.find("lp")->distinguishable);
  EXPECT_NEAR(report.find("sp")->ratio->estimate, 8.13, 0.02);
}

TEST(Report, ComparesOnlyRoundsThatBothHave) {
  auto blocks = good_blocks(2);
  blocks.push_back(block_of(0, 2, 50ms));
  const BenchReport report = make_report(run_of(blocks));
  EXPECT_EQ(report.rounds, 3U);
  EXPECT_NEAR(report.find("lp")->ratio->estimate, 28.0 / 20.4, 0.01);
}

TEST(Report, SaysWhatItFound) {
  const std::string text = verdict(good_report());
  EXPECT_TRUE(text.starts_with(
      "WebSocket delivered an event after 20.4 ms on average; long polling 1.37× [1.37, 1.37] and "
      "short polling 8.13× [8.13, 8.14] of that time."))
      << text;
  EXPECT_NE(text.find("Not distinguishable from WebSocket: Server-Sent Events (A/A band ±"),
            std::string::npos);
  EXPECT_NE(text.find("Every mean is within 15 % + 2 ms"), std::string::npos);
  EXPECT_NE(verdict(good_report(2))
                .find("2 rounds: the intervals hold what they should in 50.0 % of "
                      "all cases at most, not in 95 %"),
            std::string::npos);
  EXPECT_NE(verdict(good_report(1)).find("1 round: there are no intervals"), std::string::npos);
  EXPECT_NE(verdict(good_report(6)).find("6 rounds, fewer than 20"), std::string::npos);
  EXPECT_EQ(verdict(good_report(20)).find("rounds"), std::string::npos);
  BenchRun noisy = good_run(20);
  for (Block& block : noisy.blocks) block.flagged = block.arm == 2 && block.round > 1;
  EXPECT_NE(verdict(make_report(noisy, {.discard_noisy = true})).find("2 rounds: "),
            std::string::npos);
}

TEST(Report, SaysWhatMissedItsPrediction) {
  auto blocks = good_blocks();
  for (Block& block : blocks) {
    if (block.arm == 2) set_all(block, 90ms);
  }
  const BenchReport report = make_report(run_of(blocks));
  EXPECT_NE(verdict(report).find("long polling (predicted 27.5 ms, measured 90.0 ms)"),
            std::string::npos)
      << verdict(report);
  EXPECT_EQ(missed_expectation(report),
            "the mean of long-poll is not within 15 % + 2 ms of the prediction");
}

TEST(Report, ExpectsPushBeforePull) {
  EXPECT_EQ(missed_expectation(good_report()), std::nullopt);
  auto blocks = good_blocks();
  for (Block& block : blocks) {
    if (block.arm == 2) set_all(block, 10ms);
  }
  EXPECT_EQ(missed_expectation(make_report(run_of(blocks))),
            "websocket was not faster than long-poll");
}

TEST(Report, IsInconclusiveInNoiseOrWithoutData) {
  EXPECT_FALSE(is_inconclusive(good_report()));
  auto blocks = good_blocks();
  for (Block& block : blocks) {
    if (block.arm == 4) set_all(block, block.round % 2 == 0 ? 14ms : 30ms);
  }
  EXPECT_TRUE(is_inconclusive(make_report(run_of(blocks))));
  EXPECT_TRUE(is_inconclusive(make_report(run_of({block_of(0, 0, 20ms)}))));
  EXPECT_EQ(verdict(make_report(run_of({}))),
            "WebSocket delivered no event: there is nothing to compare with.");
}

// As after an early Ctrl-C: every arm but the control.
TEST(Report, CallsNothingADifferenceWithoutTheControl) {
  std::vector<Block> blocks = good_blocks(1);
  blocks.pop_back();
  const BenchReport report = make_report(run_of(blocks));
  EXPECT_FALSE(report.has_control);
  for (const ArmReport& arm : report.arms) EXPECT_FALSE(arm.distinguishable);
  EXPECT_TRUE(is_inconclusive(report));
  EXPECT_TRUE(
      verdict(report).starts_with("WebSocket delivered an event after 20.4 ms on average. "
                                  "It was not measured against itself in two rounds"))
      << verdict(report);
  const std::string text = render_text(report);
  EXPECT_NE(text.find("A/A band unknown"), std::string::npos) << text;
  EXPECT_EQ(text.find("in noise"), std::string::npos) << text;
  EXPECT_NE(render_json(report).find("\"noise_floor\": null"), std::string::npos);
  EXPECT_FALSE(good_report(1).has_control);  // a round is no band
  EXPECT_TRUE(good_report(2).has_control);
}

TEST(Render, ShowsATableWithUnits) {
  const std::string text = render_text(good_report());
  EXPECT_NE(text.find("feed 10.0/s Poisson, 64 B each"), std::string::npos) << text;
  EXPECT_NE(text.find("20ms each way"), std::string::npos);
  EXPECT_NE(text.find("handshake stays local"), std::string::npos);
  EXPECT_NE(text.find("27.5 ms ✓"), std::string::npos);
  EXPECT_NE(text.find("lost 0, doubled 0"), std::string::npos);
  EXPECT_NE(text.find("–: too few events"), std::string::npos);
}

TEST(Render, LeavesEmptyArmsEmpty) {
  BenchOptions options;
  options.coalesce = 5ms;
  options.poisson = false;
  options.rounds = 1;
  const std::string text = render_text(make_report(
      {.options = options, .arms = arms_of({"ws", "lp"}), .blocks = {block_of(0, 0, 1ms, 1000)}}));
  EXPECT_NE(text.find("pushed events wait 5ms for company"), std::string::npos);
  EXPECT_NE(text.find("path: loopback"), std::string::npos);
  EXPECT_NE(text.find("periodic"), std::string::npos);
  EXPECT_NE(text.find("long-poll"), std::string::npos);
}

// No ratio of 1, and no event that cost nothing.
TEST(Render, ClaimsNothingOfAnArmWithoutADelivery) {
  BenchOptions options;
  options.rounds = 1;
  const BenchReport report = make_report(
      {.options = options, .arms = arms_of({"ws", "lp"}), .blocks = {block_of(0, 0, 1ms, 1000)}});
  EXPECT_FALSE(report.find("lp")->ratio);
  EXPECT_EQ(report.find("ws")->ratio->estimate, 1);
  const std::string csv = render_csv(report);
  const std::string line = csv.substr(csv.find("\nlong-poll,") + 1);
  const std::string_view until_age =
      "long-poll,0,0,0,0,0,,0.000000000,,,,,,,,,,,,,,,,,,0.100000000,";
  EXPECT_TRUE(line.starts_with(until_age)) << line;
  EXPECT_NE(line.substr(0, line.find('\n')).find(",,,,,,,,,,,,,,,,,,,,"), std::string::npos)
      << line;
  const auto json = codec::parse_json(render_json(report));
  ASSERT_TRUE(json);
  const codec::JsonValue& arm = json->find("arms")->array()->at(1);
  EXPECT_TRUE(arm.find("ratio_to_websocket")->is_null());
  EXPECT_TRUE(arm.find("per_event")->is_null());
  EXPECT_FALSE(json->find("arms")->array()->at(0).find("per_event")->is_null());
}

TEST(Render, WritesOneLineOfCsvPerArm) {
  const std::string csv = render_csv(good_report());
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
  EXPECT_TRUE(csv.starts_with("transport,events,deliveries,"));
}

TEST(Render, ListsPercentilesPerArm) {
  const std::string text = render_hgrm(good_report());
  EXPECT_TRUE(text.starts_with("#[Tag = ws, transport = websocket, unit = ms]\n"));
  EXPECT_NE(text.find("#[Tag = sp, transport = short-poll, unit = ms]\n"), std::string::npos);
}

TEST(Render, LogsEachBlockWithItsArm) {
  BenchRun run = good_run();
  run.started = 1'704'067'200.5;
  run.blocks[1].start = 1.25;
  const std::string text = render_hlog(make_report(run));
  EXPECT_NE(text.find("#[StartTime: 1704067200.500 (seconds since epoch), 2024-01-01T00:00:00Z]\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nTag=sse,1.250,1.000,20.450,HISTF"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3 + 20);
}

TEST(Render, WritesTablesOfMarkdown) {
  const std::string text = render_markdown(good_report());
  EXPECT_NE(text.find("\n| transport | mean | predicted |"), std::string::npos) << text;
  EXPECT_NE(text.find("\n| long-poll | 28.0 ms | 27.5 ms ✓ |"), std::string::npos) << text;
}

TEST(Render, ChoosesTheFormatByNameAndByEnding) {
  const BenchReport report = good_report();
  EXPECT_EQ(render("csv", report), render_csv(report));
  EXPECT_EQ(render("hgrm", report), render_hgrm(report));
  EXPECT_EQ(render("json", report), render_json(report));
  EXPECT_EQ(render("text", report), render_text(report));
  EXPECT_EQ(format_for("a/b.json"), "json");
  EXPECT_EQ(format_for("b.csv"), "csv");
  EXPECT_EQ(format_for("b.hgrm"), "hgrm");
  EXPECT_EQ(render("markdown", report), render_markdown(report));
  EXPECT_EQ(render("hlog", report), render_hlog(report));
  EXPECT_EQ(format_for("b.hlog"), "hlog");
  EXPECT_EQ(format_for("b.md"), "markdown");
  EXPECT_EQ(format_for("json"), "text");
}

TEST(Progress, DrawsABarAndTheTimeLeft) {
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 80),
            "round 1/4 · sse  [############------------]  14 s left");
  EXPECT_EQ(progress_line("x", 2, 0s, 80), "x  [########################]  0 s left");
  EXPECT_EQ(progress_line("x", -1, 0s, 80), "x  [------------------------]  0 s left");
}

TEST(Progress, FitsOnANarrowTerminal) {
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 54),
            "round 1/4 · sse  [############------------]  14 s left");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 40),
            "round 1/4 · sse  [#####-----]  14 s left");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 33), "round 1/4 · sse  14 s left");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 11), "round 1/4 ·");
  EXPECT_EQ(progress_line("round 1/4 · sse", 0.5, 14s, 0), "");
}

TEST(Report, CallsNotLostWhatWasOutOfDate) {
  BenchRun run = good_run(2);
  run.arms[3].transport = measure::Transport::latest_poll;
  run.blocks[3].missing = 7;
  run.blocks[2].missing = 1;
  const std::string text = render_text(make_report(run));
  EXPECT_NE(text.find("lost 1, doubled 0, out of date before a poll 7"), std::string::npos) << text;
}

}  // namespace
}  // namespace duplex::tools
