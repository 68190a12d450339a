// The ledger of claims: made-up evidence in, verdicts out.
#include "../../tools/duplex/claims/claims.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "../../tools/duplex/bench/bench_arguments.h"
#include "../../tools/duplex/bench/cells.h"
#include "duplex/codec/json.h"
#include "json_schema.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

struct Made {
  std::string name;
  std::chrono::nanoseconds mean;
  Costs per_event = {};
  std::uint64_t empty = 0;  // answers, in each block of a hundred events
};

// A report of these arms and a control, on the conditions of `options`.
BenchReport report_of(const std::vector<Made>& made, const BenchOptions& options,
                      std::size_t rounds = 8) {
  std::vector<std::string> names;
  for (const Made& each : made) names.push_back(each.name);
  BenchRun run = {.options = options, .arms = arms_of(names)};
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t arm = 0; arm < run.arms.size(); ++arm) {
      const Made& each = made[arm < made.size() ? arm : 0];  // the control is WebSocket's
      Block block = block_of(arm, round, each.mean);
      block.costs = {.bytes = 100 * each.per_event.bytes,
                     .requests = 100 * each.per_event.requests,
                     .system_calls = 300,
                     .cpu_seconds = 100 * each.per_event.cpu_seconds *
                                    (1 + 1e-4 * static_cast<double>(round * arm))};
      for (const auto& [name, count] : each.per_event.calls) block.costs.calls[name] = 100 * count;
      block.empty_answers = each.empty;
      run.blocks.push_back(block);
    }
  }
  return make_report(std::move(run));
}

BenchOptions options_with(double rate, std::chrono::nanoseconds poll,
                          std::chrono::nanoseconds delay = 0ns, std::uint64_t size = 64) {
  BenchOptions options;
  options.rate = rate;
  options.poll_interval = poll;
  options.delay = delay;
  options.event_size = size;
  return options;
}

Evidence evidence() {
  const Costs push = {.bytes = 66, .cpu_seconds = 20e-6};
  const Costs poll = {.bytes = 264, .requests = 1, .cpu_seconds = 40e-6, .calls = {{"recv", 1}}};
  const auto sized = [](double bytes, std::uint64_t size) {
    return report_of({{"ws", 100us, {.bytes = bytes}}}, options_with(100, 250ms, 0ns, size));
  };
  const auto with_heads = [&push](double bytes) {
    const Costs heads = {.bytes = 64 + bytes, .requests = 1};
    return report_of({{"ws", 100us, push}, {"lp", 200us, heads}}, options_with(100, 250ms));
  };
  return {
      .rare = report_of({{"ws", 100us, push}, {"sp", 25ms, {.bytes = 4000, .requests = 20}, 1900}},
                        options_with(1, 50ms)),
      .usual = report_of({{"ws", 100us, push},
                          {"lp", 200us, poll},
                          {"sp", 125ms, {.bytes = 264, .requests = 1, .cpu_seconds = 60e-6}, 37}},
                         options_with(4, 250ms)),
      .parked = report_of({{"ws", 50ms, push}, {"lp", 52ms, poll}}, options_with(0.5, 250ms, 50ms)),
      .dense = report_of({{"ws", 50ms, push}, {"lp", 100ms, poll}}, options_with(50, 250ms, 50ms)),
      .busy = report_of({{"ws", 100us, push},
                         {"sp", 125ms, {.cpu_seconds = 10e-6}},
                         {"tcp", 98us, {.cpu_seconds = 19e-6}}},
                        options_with(500, 250ms)),
      .polled = with_heads(200),
      .headed = with_heads(566),
      .laden = with_heads(871),
      .small = sized(66, 64),
      .medium = sized(1028, 1024),
      .large = sized(65546, 65536),
  };
}

const Claim& claim_of(const std::vector<Claim>& claims, std::string_view words) {
  const auto found = std::find_if(claims.begin(), claims.end(), [words](const Claim& claim) {
    return claim.sentence.find(words) != std::string::npos;
  });
  EXPECT_NE(found, claims.end()) << words;
  return *found;
}

TEST(Claims, AreJudgedByTheEvidence) {
  const auto claims = judge_claims(evidence());
  EXPECT_EQ(claims.size(), 10U);
  const auto measured = [&claims](std::string_view words) {
    return claim_of(claims, words).measured;
  };
  EXPECT_TRUE(measured("headers").starts_with("2 B around a message; ")) << measured("headers");
  for (const char* ratio : {"871 B (436×) ", "566 B (283×) ", "200 B (100×) "}) {
    EXPECT_NE(measured("headers").find(ratio), std::string::npos) << measured("headers");
  }
  EXPECT_TRUE(measured("500 to 1000").starts_with("60.6× with one event a second and a poll "))
      << measured("500 to 1000");
  EXPECT_NE(measured("500 to 1000").find("4.00× with four a second"), std::string::npos);
  EXPECT_NE(measured("500 to 1000").find("the model has 3.86× for each poll"), std::string::npos)
      << measured("500 to 1000");
  EXPECT_TRUE(claim_of(claims, "500 to 1000").holds.ends_with("99.2 % of them bring nothing"))
      << claim_of(claims, "500 to 1000").holds;
  EXPECT_NE(measured("150 ms").find("2.00×"), std::string::npos) << measured("150 ms");
  EXPECT_EQ(measured("two bytes").substr(0, 43), "2 B at 64 B, 4 B at 1 KiB, 10 B at 64 KiB, ");
  EXPECT_TRUE(measured("new connection").starts_with("1.00 requests and 0 accepted"));
  EXPECT_TRUE(measured("wasted").starts_with("95.0 % were empty")) << measured("wasted");
  EXPECT_NE(measured("wasted").find("(predicted 95.1 %)"), std::string::npos);
  EXPECT_NE(measured("processor")
                .find("3.00× [3.00, 3.00] at four events a second, 0.500× [0.500, 0.500] at 500"),
            std::string::npos)
      << measured("processor");
  EXPECT_NE(measured("halves").find("at 196 B of payload"), std::string::npos)
      << measured("halves");
  EXPECT_EQ(claim_of(claims, "always slower").verdict, Verdict::is_false);
  EXPECT_EQ(claim_of(claims, "new connection").verdict, Verdict::is_false);
  EXPECT_EQ(claim_of(claims, "bare TCP").verdict, Verdict::is_false);
  EXPECT_EQ(claim_of(claims, "processor").verdict, Verdict::depends);
}

TEST(Claims, ChangeWithTheEvidence) {
  Evidence other = evidence();
  const Costs expensive = {.cpu_seconds = 100e-6};
  other.busy = report_of({{"ws", 100us, expensive},
                          {"sp", 125ms, {.cpu_seconds = 900e-6}},
                          {"tcp", 98us, {.cpu_seconds = 19e-6}}},
                         options_with(500, 250ms));
  other.usual = report_of({{"ws", 100us, {.bytes = 66, .cpu_seconds = 20e-6}},
                           {"lp", 200us, {.requests = 1, .calls = {{"accept4", 1}}}},
                           {"sp", 125ms, {.requests = 1, .cpu_seconds = 60e-6}, 37}},
                          options_with(4, 250ms));
  const auto claims = judge_claims(other);
  EXPECT_EQ(claim_of(claims, "bare TCP").verdict, Verdict::is_true);
  EXPECT_EQ(claim_of(claims, "processor").verdict, Verdict::is_true);
  EXPECT_EQ(claim_of(claims, "new connection").verdict, Verdict::is_true);
}

TEST(Claims, HoldAtNeitherEndAtOneOrAtBoth) {
  const auto verdict = [](const Evidence& other, std::string_view words) {
    return claim_of(judge_claims(other), words).verdict;
  };
  for (const char* words : {"headers", "500 to 1000", "two bytes", "wasted", "halves"}) {
    EXPECT_EQ(verdict(evidence(), words), Verdict::depends) << words;
  }
  EXPECT_EQ(verdict(evidence(), "150 ms"), Verdict::is_false);
  Evidence other = evidence();
  const Costs none;
  other.dense = report_of({{"ws", 50ms, none}, {"lp", 150ms, none}}, options_with(50, 250ms, 50ms));
  other.polled = other.headed;
  other.large = other.small;
  other.usual = report_of({{"ws", 100us, {.bytes = 66}},
                           {"lp", 200us, {.requests = 1}},
                           {"sp", 125ms, {.bytes = 40'000, .requests = 20}, 1900}},
                          options_with(4, 250ms));
  for (const char* words : {"headers", "500 to 1000", "150 ms", "two bytes", "wasted"}) {
    EXPECT_EQ(verdict(other, words), Verdict::is_true) << words;
  }
}

TEST(Claims, ALongPollIsSlowerWhenItWas) {
  Evidence other = evidence();
  const Costs none;
  other.parked =
      report_of({{"ws", 50ms, none}, {"lp", 150ms, none}}, options_with(0.5, 250ms, 50ms));
  const auto claims = judge_claims(other);
  const Claim& claim = claim_of(claims, "always slower");
  EXPECT_EQ(claim.verdict, Verdict::is_true);
  EXPECT_TRUE(claim.measured.ends_with("3.00× [3.00, 3.00] of WebSocket's time")) << claim.measured;
}

TEST(Claims, HaveIntervalsWhereTimesAreTakenAlone) {
  const auto claims = judge_claims(evidence());
  for (const Claim& claim : claims) {
    const bool has_interval = claim.measured.find("× [") != std::string::npos;
    EXPECT_EQ(has_interval, claim.basis == Basis::timed) << claim.sentence;
  }
  EXPECT_EQ(std::ranges::count(claims, Basis::timed, &Claim::basis), 4);
  const std::string text = render_claims("text", claims, evidence());
  EXPECT_NE(text.find("  figures   counted: exact"), std::string::npos) << text;
  EXPECT_NE(text.find("  figures   timed: medians over rounds with 95 % intervals"),
            std::string::npos);
}

TEST(Claims, HaveNoIntervalsOfTooFewRounds) {
  Evidence other = evidence();
  const Costs none;
  for (const std::size_t rounds : {5U, 6U}) {
    other.parked =
        report_of({{"ws", 50ms, none}, {"lp", 60ms, none}}, options_with(2, 250ms, 50ms), rounds);
    const std::string measured = claim_of(judge_claims(other), "always slower").measured;
    const std::string few = "1.20× (5 rounds, too few for an interval) of ";
    EXPECT_EQ(measured.find(few) != std::string::npos, rounds == 5) << measured;
    EXPECT_EQ(measured.find("1.20× [1.20, 1.20] of ") != std::string::npos, rounds == 6);
  }
}

// What WebSocket delivered in the rounds that disturbed the others.
TEST(Claims, AreNotJudgedByArmsThatNeverRanUndisturbedTogether) {
  Evidence other = evidence();
  BenchRun run = other.busy.run;
  for (Block& block : run.blocks) {
    const std::string& name = run.arms[block.arm].name;
    if (name == "tcp") block.flagged = block.round % 2 == 0;
    if (name == "ws") block.flagged = block.round % 2 == 1;
  }
  other.busy = make_report(run, {.discard_noisy = true});
  const auto claims = judge_claims(other);
  EXPECT_EQ(claim_of(claims, "bare TCP").verdict, Verdict::inconclusive);
  EXPECT_EQ(claim_of(claims, "bare TCP").measured,
            "no round has both arms without a disturbance by the machine");
}

// Of the steps that a claim takes times from.
TEST(Claims, AskForRoundsThatCarryAnInterval) {
  for (const bool quick : {false, true}) {
    std::size_t timed = 0;
    for (const EvidenceStep& step : evidence_steps(quick)) {
      const bool is_timed = step.member == &Evidence::usual || step.member == &Evidence::parked ||
                            step.member == &Evidence::dense || step.member == &Evidence::busy;
      const auto found = std::ranges::find(step.arguments, "--rounds");
      ASSERT_NE(found, step.arguments.end());
      if (!is_timed) continue;
      ++timed;
      EXPECT_GT(std::stoul(*(found + 1)), rounds_for_interval);  // one may be disturbed
    }
    EXPECT_EQ(timed, 4U);
  }
}

TEST(Claims, AreNotJudgedByFiguresThatCannotBe) {
  Evidence other = evidence();
  other.large = report_of({{"ws", 100us, {.bytes = 38500}}}, options_with(100, 250ms, 0ns, 65536));
  const auto claims = judge_claims(other);
  const Claim& claim = claim_of(claims, "two bytes");
  EXPECT_EQ(claim.verdict, Verdict::inconclusive);
  EXPECT_EQ(claim.measured,
            "37.6 KiB were counted for an event of 64 KiB over ws, which cannot be");
  EXPECT_NE(render_claims("text", claims, other).find("verdict   INCONCLUSIVE"), std::string::npos);
  EXPECT_EQ(claim_of(claims, "halves").verdict, Verdict::depends);
}

// What the bench's own questions cost is taken off, and may be all there was.
TEST(Claims, AreNotJudgedByAServerThatTookNoTime) {
  for (const std::string_view idle : {"tcp", "ws", "sp"}) {
    Evidence other = evidence();
    const auto cpu = [idle](std::string_view arm) {
      return Costs{.cpu_seconds = arm == idle ? 0 : 20e-6};
    };
    other.busy =
        report_of({{"ws", 100us, cpu("ws")}, {"sp", 125ms, cpu("sp")}, {"tcp", 98us, cpu("tcp")}},
                  options_with(500, 250ms));
    const auto claims = judge_claims(other);
    const bool over_tcp = idle != "sp";
    const Claim& claim = claim_of(claims, over_tcp ? "bare TCP" : "processor");
    EXPECT_EQ(claim.verdict, Verdict::inconclusive) << idle;
    EXPECT_EQ(claim.measured, "no CPU time of the server was counted for an event of 64 B over " +
                                  std::string(idle) + ", which cannot be");
  }
}

TEST(Claims, AreNotJudgedByPollsThatAskedForNothing) {
  Evidence other = evidence();
  other.rare = report_of({{"ws", 100us}, {"sp", 25ms}}, options_with(1, 50ms));
  const auto claims = judge_claims(other);
  const Claim& claim = claim_of(claims, "wasted");
  EXPECT_EQ(claim.verdict, Verdict::inconclusive);
  EXPECT_TRUE(claim.measured.starts_with("no request was counted")) << claim.measured;
}

// Nothing around an event, of which a ratio would be.
TEST(Claims, AreNotJudgedByEventsWithoutAFrame) {
  Evidence other = evidence();
  other.small = report_of({{"ws", 100us, {.bytes = 64}}}, options_with(100, 250ms));
  const auto claims = judge_claims(other);
  for (const std::string_view words : {"headers", "two bytes", "halves"}) {
    EXPECT_EQ(claim_of(claims, words).verdict, Verdict::inconclusive) << words;
    EXPECT_EQ(claim_of(claims, words).measured,
              "64 B were counted for an event of 64 B over ws, which cannot be");
  }
}

TEST(Claims, AreNotJudgedByWhatTheMachineDisturbed) {
  Evidence other = evidence();
  BenchRun run = other.busy.run;
  for (Block& block : run.blocks) block.flagged = run.arms[block.arm].name == "tcp";
  other.busy = make_report(run, {.discard_noisy = true});
  const auto claims = judge_claims(other);
  const Claim& claim = claim_of(claims, "bare TCP");
  EXPECT_EQ(claim.verdict, Verdict::inconclusive);
  EXPECT_EQ(claim.measured,
            "nothing counts of tcp: 8 of its 8 blocks were disturbed by the machine");
  EXPECT_NE(claim_of(claims, "processor").verdict, Verdict::inconclusive);
}

TEST(Claims, AskForMeasurementsThatCanBeMade) {
  for (const bool quick : {false, true}) {
    const auto steps = evidence_steps(quick);
    EXPECT_EQ(steps.size(), 11U);
    for (const EvidenceStep& step : steps) {
      BenchArguments typed;
      OptionParser parser = bench_parser(typed);
      const std::vector<std::string_view> views(step.arguments.begin(), step.arguments.end());
      EXPECT_EQ(parser.parse(views).message, "");
      std::vector<ArmSpec> arms;
      EXPECT_EQ(finish(parser, typed, arms), "");
    }
  }
}

TEST(Claims, CountBytesHoweverLongTheyHaveWaited) {
  for (const EvidenceStep& step : evidence_steps(true)) {
    const bool is_of_bytes = step.member == &Evidence::polled || step.member == &Evidence::headed ||
                             step.member == &Evidence::laden || step.member == &Evidence::small ||
                             step.member == &Evidence::medium || step.member == &Evidence::large;
    EXPECT_EQ(std::ranges::count(step.arguments, "--discard-noisy"), is_of_bytes ? 0 : 1);
  }
}

TEST(Claims, AreShownInFourFormats) {
  const Evidence made = evidence();
  const auto claims = judge_claims(made);
  const std::string text = render_claims("text", claims, made);
  EXPECT_TRUE(text.starts_with("“WebSocket makes headers")) << text;
  EXPECT_NE(text.find(".”\n  verdict   FALSE\n"), std::string::npos) << text;
  EXPECT_TRUE(
      render_claims("csv", claims, made).starts_with("claim,verdict,measured,figures,true_when"));
  EXPECT_NE(render_claims("markdown", claims, made).find("| DEPENDS |"), std::string::npos);
  const auto json = codec::parse_json(render_claims("json", claims, made));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->find("claims")->array()->size(), claims.size());
}

TEST(Claims, SayWhereTheyWereMeasured) {
  Evidence made = evidence();
  made.usual.run.environment = {{"kernel", "Linux 6.1"}, {"command_line", "duplex bench"}};
  made.command_line = "duplex claims --quick";
  const auto claims = judge_claims(made);
  const std::string facts = "\nmachine: Linux 6.1\ncommand: duplex claims --quick\nseed: 1\n";
  for (const std::string_view format : {"text", "markdown"}) {
    const std::string text = render_claims(format, claims, made);
    EXPECT_TRUE(text.ends_with(facts)) << text;
  }
}

TEST(Claims, KeepToTheirSchema) {
  Evidence made = evidence();
  made.usual.run.environment = {{"kernel", "Linux 6.1"}};
  const auto claims = judge_claims(made);
  std::ifstream file("tools/duplex/claims.schema.json");
  const auto schema = codec::parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
  ASSERT_TRUE(schema);
  const auto json = codec::parse_json(render_claims("json", claims, made));
  ASSERT_TRUE(json);
  EXPECT_EQ(JsonSchema(*schema).problem(*json), "");
  EXPECT_EQ(*json->find("environment")->find("kernel")->text(), "Linux 6.1");
}

TEST(Claims, StandOnAPageWithChartsOfTheirEvidence) {
  const Evidence made = evidence();
  const auto claims = judge_claims(made);
  const std::string page = render_claims_page(claims, made);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</body></html>\n"));
  for (const Claim& claim : claims) {
    EXPECT_NE(page.find(claim.sentence), std::string::npos) << claim.sentence;
  }
  std::size_t charts = 0;
  for (auto at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1)) {
    ++charts;
  }
  EXPECT_EQ(charts, evidence_steps(true).size());
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools
