// What a bench measures, and in which order.
#include "../../tools/duplex/bench/plan.h"

#include <gtest/gtest.h>

#include <set>

#include "../../tools/duplex/bench/bench_link.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using measure::Transport;

std::vector<std::string> names_of(const std::vector<ArmSpec>& arms) {
  std::vector<std::string> names;
  for (const ArmSpec& arm : arms) names.push_back(arm.name);
  return names;
}

TEST(Plan, AlwaysHasAReferenceAndAControl) {
  std::string unknown;
  const auto arms = make_arms({"lp", "sp-new"}, unknown);
  ASSERT_TRUE(arms);
  EXPECT_EQ(names_of(*arms), (std::vector<std::string>{"ws", "lp", "sp-new", "aa"}));
  EXPECT_TRUE(arms->back().control);
  EXPECT_EQ(arms->back().transport, Transport::websocket);
  EXPECT_EQ(label_of(arms->back()), "websocket (A/A)");
  EXPECT_EQ(label_of((*arms)[1]), "long-poll");
}

TEST(Plan, TakesEachArmOnce) {
  std::string unknown;
  EXPECT_EQ(make_arms({"ws", "sse", "sse", "ws"}, unknown)->size(), 3U);
}

TEST(Plan, NamesTheUnknownArm) {
  std::string unknown;
  EXPECT_FALSE(make_arms({"ws", "smoke"}, unknown));
  EXPECT_EQ(unknown, "smoke");
}

TEST(Plan, RunsEveryArmOncePerRoundInRandomOrder) {
  std::string unknown;
  const auto arms = *make_arms({"ws", "sse", "lp", "sp"}, unknown);
  BenchOptions options;
  options.rounds = 20;
  measure::Random random(7);
  const auto blocks = plan_blocks(options, arms, random);
  ASSERT_EQ(blocks.size(), 100U);
  std::set<std::size_t> first_arms;
  for (std::size_t round = 0; round < 20; ++round) {
    std::set<std::size_t> in_round;
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(blocks[round * 5 + i].round, round);
      in_round.insert(blocks[round * 5 + i].arm);
    }
    EXPECT_EQ(in_round.size(), 5U);
    first_arms.insert(blocks[round * 5].arm);
  }
  EXPECT_GT(first_arms.size(), 2U);
}

TEST(Plan, MayRunOneArmAfterTheOther) {
  std::string unknown;
  const auto arms = *make_arms({"ws", "lp"}, unknown);
  BenchOptions options;
  options.rounds = 2;
  options.order = "sequential";
  measure::Random random(7);
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (const PlannedBlock& block : plan_blocks(options, arms, random)) {
    order.emplace_back(block.arm, block.round);
  }
  const std::vector<std::pair<std::size_t, std::size_t>> expected = {{0, 0}, {0, 1}, {1, 0},
                                                                     {1, 1}, {2, 0}, {2, 1}};
  EXPECT_EQ(order, expected);
}

TEST(Plan, HasTwentyRoundsOrAsManyAsFit) {
  std::string unknown;
  const auto arms = *make_arms({"ws", "sse", "lp", "sp"}, unknown);  // weights: six
  BenchOptions options;
  options.duration = 24s;
  EXPECT_EQ(rounds_for(options, arms), 8U);  // of half a second each
  options.duration = 10min;
  EXPECT_EQ(rounds_for(options, arms), 20U);
  options.rate = 0.1;  // five events take 50 s
  EXPECT_EQ(rounds_for(options, arms), 3U);
  options.rounds = 7;
  EXPECT_EQ(rounds_for(options, arms), 7U);
}

TEST(Plan, TakesAsLongAsItsRounds) {
  std::string unknown;
  const auto arms = *make_arms({"ws", "sse", "lp", "sp"}, unknown);
  BenchOptions options;
  EXPECT_EQ(duration_for(options, arms), 144s);
  options.rate = 100;
  EXPECT_EQ(duration_for(options, arms), 60s);
  options.rate = 3;
  options.duration = duration_for(options, arms);
  EXPECT_EQ(options.duration, 480s);
  EXPECT_EQ(rounds_for(options, arms), 20U);
  options.poisson = false;
  EXPECT_EQ(duration_for(options, arms), 400s);
  options.rounds = 3;
  EXPECT_EQ(duration_for(options, arms), 60s);
  options.rate = 0.01;
  EXPECT_EQ(duration_for(options, arms), 10min);
}

TEST(Plan, WarnsOfBlocksWithFewEvents) {
  std::string unknown;
  const auto arms = *make_arms({"ws", "sse", "lp", "sp"}, unknown);
  BenchOptions options = {.duration = 60s, .rounds = 20};
  EXPECT_EQ(warning_of_few_events(options, arms), "");
  options.rate = 1;
  EXPECT_EQ(warning_of_few_events(options, arms),
            "a block sees 0.500 events on average, and should see 5.00: a longer --duration, or "
            "fewer --rounds");
  options.server = "127.0.0.1:9001";  // whose rate is its own
  EXPECT_EQ(warning_of_few_events(options, arms), "");
}

// An arm's clients, those of the next one, and two more of a relay for each.
TEST(Plan, CountsSockets) {
  EXPECT_EQ(sockets_for({.clients = 100}), 200U);
  EXPECT_EQ(sockets_for({.delay = 1ms, .clients = 100}), 600U);
  EXPECT_EQ(sockets_for({.arms = {"ws", "sio-up"}, .clients = 100}), 600U);
  EXPECT_EQ(sockets_for({.delay = 1ms, .link = "home", .clients = 100}), 200U);
}

TEST(Plan, KnowsTransportsByTheirLabels) {
  EXPECT_EQ(transport_of("long-poll"), Transport::long_poll);
  EXPECT_EQ(transport_of("lp"), std::nullopt);
}

TEST(Plan, SharesTheDurationByWeight) {
  std::string unknown;
  const auto arms = *make_arms({"ws", "sse", "lp", "sp"}, unknown);
  BenchOptions options;
  options.duration = 24s;
  options.rounds = 2;
  measure::Random random(7);
  for (const PlannedBlock& block : plan_blocks(options, arms, random)) {
    EXPECT_EQ(block.length, arms[block.arm].name == "lp" ? 4s : 2s);
  }
}

TEST(Plan, OnlyARelayAnswersHandshakesItself) {
  BenchOptions options;
  options.delay = 20ms;
  EXPECT_TRUE(scenario_of(options).handshake_is_local);
  options.link = "home: 20ms each way, by TUN";
  EXPECT_FALSE(scenario_of(options).handshake_is_local);
}

TEST(Plan, SaysWhatOfALinkIsNotPredicted) {
  const auto effects = [](std::string_view text) {
    wire::WireOptions link;
    EXPECT_EQ(wire::set_wire(link, text), "");
    return unpredicted_effects(link);
  };
  EXPECT_EQ(effects("satellite"), "");
  EXPECT_EQ(effects("mobile"), "jitter, loss");
  EXPECT_EQ(effects("up.rate=1mbit,down.delay=3ms,reorder=1%,duplicate=1%,outage=1s@1s"),
            "rate, reordering, duplicates, outages, delays that differ by direction");
}

TEST(Plan, DescribesItsScenarioToTheModel) {
  BenchOptions options;
  options.delay = 20ms;
  options.poisson = false;
  options.poll_interval = 250ms;
  const measure::Scenario scenario = scenario_of(options);
  EXPECT_EQ(scenario.round_trip(), measure::Seconds(0.04));
  EXPECT_EQ(scenario.arrivals, measure::Arrivals::periodic);
  EXPECT_TRUE(scenario.handshake_is_local);
  EXPECT_EQ(scenario.poll_interval, measure::Seconds(0.25));
  EXPECT_EQ(scenario.pacing, measure::PollPacing::fixed_delay);
  options.poll_clock = "rate";
  EXPECT_EQ(scenario_of(options).pacing, measure::PollPacing::fixed_rate);
}

}  // namespace
}  // namespace duplex::tools
