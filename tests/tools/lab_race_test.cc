// The races of the lab page: what may be chosen, and what the four lanes get; in virtual time.
#include <gtest/gtest.h>

#include "../../tools/duplex/lab/race_plan.h"
#include "../../tools/duplex/lab/races.h"
#include "duplex/codec/json.h"
#include "feed_world.h"

namespace duplex::tools::lab {
namespace {

using namespace std::chrono_literals;

TEST(LabRaceOptions, AreTheirQuery) {
  const auto race = parse_race("rate=2.5&dist=periodic&size=100&delay=15&poll=300&start=77");
  ASSERT_TRUE(race.has_value());
  EXPECT_EQ(race->rate, 2.5);
  EXPECT_FALSE(race->poisson);
  EXPECT_EQ(race->event_size, 100U);
  EXPECT_EQ(race->delay, 15);
  EXPECT_EQ(race->poll, 300);
  EXPECT_EQ(race->start, 77ns);
  EXPECT_EQ(race->query(), "rate=2.500&dist=periodic&size=100&delay=15.000&start=77");
  EXPECT_EQ(parse_race(race->query())->query(), race->query());
  EXPECT_EQ(race->feed().link_delay, 15ms);
}

TEST(LabRaceOptions, WhatIsBeyondALimitIsNamed) {
  const auto problem = [](const char* query) {
    const auto race = parse_race(query);
    return race.has_value() ? "" : race.error();
  };
  EXPECT_EQ(problem("rate=101"), "rate='101': a number from 0.100 to 100 is allowed");
  EXPECT_EQ(problem("rate=0"), "rate='0': a number from 0.100 to 100 is allowed");
  EXPECT_EQ(problem("size=1025"), "size='1025': an integer from 0 to 1024 is allowed");
  EXPECT_EQ(problem("dist=normal"), "dist='normal': poisson or periodic is allowed");
  EXPECT_EQ(problem("delay=501"), "delay='501': a number from 0 to 500 is allowed");
  EXPECT_EQ(problem("poll=19"), "poll='19': a number from 20.0 to 10000 is allowed");
}

TEST(LabRaceOptions, HostileNumbersAreRefused) {
  for (const char* query :
       {"rate=nan", "rate=inf", "rate=1e999", "rate=-1", "rate=", "rate=4x", "rate=+4", "rate=%00",
        "delay=-0.1", "delay=nan", "poll=1e9", "size=-1", "size=1e2", "size=99999999999999999999",
        "start=-1", "start=1.5", "start=9223372036854775807", "dist=", "dist=poisson%20"}) {
    EXPECT_FALSE(parse_race(query).has_value()) << query;
  }
}

TEST(LabRaceOptions, AProblemShowsLittleOfWhatCame) {
  const auto race = parse_race("rate=" + std::string(5000, '9'));
  ASSERT_FALSE(race.has_value());
  EXPECT_LT(race.error().size(), 120U);
}

TEST(LabRacePlan, PredictsTheLanes) {
  const auto race = parse_race("rate=10&delay=20&poll=250&start=5");
  const auto plan = codec::parse_json(plan_json(*race));
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(*plan->find("query")->text(), race->query());
  const auto mean = [&](const char* lane) {
    return *plan->find("lanes")->find(lane)->find("mean")->number();
  };
  EXPECT_DOUBLE_EQ(mean("ws"), 20);
  EXPECT_DOUBLE_EQ(mean("sse"), 20);
  EXPECT_NEAR(mean("lp"), 27.47, 0.01);
  EXPECT_DOUBLE_EQ(mean("sp"), 165);
}

class LabRaceTest : public FeedWorld {
 protected:
  LabRaceTest() { races_.add_routes(); }

  // A race that begins now; events every 100 ms, the first one at once.
  std::string race(std::string_view more = "&delay=20") const {
    return "rate=10&dist=periodic" + std::string(more) +
           "&start=" + std::to_string(world_.world.now().time_since_epoch().count());
  }

  Races races_{world_.server_side.loop, *world_.server};
};

TEST_F(LabRaceTest, APlanBeginsNow) {
  const Answer plan = ask("/lab/plan?rate=10");
  EXPECT_EQ(plan.status, 200);
  const auto json = codec::parse_json(plan.body);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(ask("/lab/race/sp?" + *json->find("query")->text()).status, 200);
  EXPECT_EQ(races_.count(), 1U);
}

TEST_F(LabRaceTest, APlanBeyondALimitSaysSo) {
  const Answer plan = ask("/lab/plan?rate=1000");
  EXPECT_EQ(plan.status, 400);
  EXPECT_EQ(plan.body, "rate='1000': a number from 0.100 to 100 is allowed\n");
  EXPECT_EQ(races_.count(), 0U);
}

// A request takes 1 ms to the server and is held back 20 ms, and so is the answer.
TEST_F(LabRaceTest, AShortPollCrossesTheLinkTwice) {
  const std::string query = race();
  ask("/lab/race/sp?" + query);  // connects
  const auto begin = world_.world.elapsed();
  EXPECT_EQ(ask("/lab/race/sp?" + query + "&after=0").body.substr(0, 2), "1 ");
  EXPECT_EQ(world_.world.elapsed() - begin, 42ms);
}

TEST_F(LabRaceTest, AnEventReachesAWebSocketOneLinkLater) {
  std::map<std::uint64_t, net::Clock::duration> latencies;
  ClientHandlers handlers;
  handlers.websocket.on_message = [&](Connection&, Message message) {
    const auto event = decode_event(message.text());
    ASSERT_TRUE(event);
    latencies[event->id] = world_.client_side.loop.now().time_since_epoch() - event->generated;
  };
  client_.connect("ws://127.0.0.1/lab/race/ws?" + race(), std::move(handlers));
  world_.runner.run_for(500ms);
  ASSERT_GE(latencies.size(), 3U);
  for (const auto& [id, latency] : latencies) EXPECT_EQ(latency, 21ms) << id;
}

TEST_F(LabRaceTest, WhoComesBackGetsWhatIsMissingOnceAndInOrder) {
  const std::string query = race("&delay=250");
  ask("/lab/race/sp?" + query);
  Ids seen;
  ClientHandlers handlers;
  handlers.websocket.on_message = [&](Connection&, Message message) {
    seen.push_back(ids(message.text()).at(0));
  };
  client_.connect("ws://127.0.0.1/lab/race/ws?" + query + "&after=2", std::move(handlers));
  world_.runner.run_for(2s);
  ASSERT_GE(seen.size(), 10U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 3);
}

TEST_F(LabRaceTest, ALongPollWaitsAtTheServer) {
  const std::string query = race();
  EXPECT_EQ(ids(ask("/lab/race/lp?" + query).body).size(), 1U);
  EXPECT_EQ(ids(ask("/lab/race/lp?" + query + "&after=0").body).at(0), 1U);
}

TEST_F(LabRaceTest, AnEventStreamHasTheSameEvents) {
  Ids seen;
  SseHandlers handlers;
  handlers.on_event = [&](const SseEvent& event) {
    for (const auto id : ids(event.data)) seen.push_back(id);
  };
  EventSource source(http_, "http://127.0.0.1/lab/race/sse?" + race() + "&after=0",
                     std::move(handlers));
  world_.runner.run_for(500ms);
  ASSERT_GE(seen.size(), 3U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);
}

TEST_F(LabRaceTest, ARaceThatIsOverOrToComeIsRefused) {
  EXPECT_EQ(ask("/lab/race/sp?rate=4&start=0").status, 410);
  const auto far = (world_.world.now() + 1h).time_since_epoch().count();
  EXPECT_EQ(ask("/lab/race/sp?rate=4&start=" + std::to_string(far)).status, 410);
  EXPECT_EQ(ask("/lab/race/lp?rate=x").status, 400);
  int status = 0;
  ClientHandlers handlers;
  handlers.on_failure = [&](const OpeningFailure& failure) { status = failure.status; };
  client_.connect("ws://127.0.0.1/lab/race/ws?rate=4&start=0", std::move(handlers));
  world_.runner.run_for(100ms);
  EXPECT_EQ(status, 410);
  EXPECT_EQ(races_.count(), 0U);
}

TEST_F(LabRaceTest, TooManyRacesAreRefusedUntilSomeAreForgotten) {
  for (std::size_t i = 0; i < max_races; ++i) {
    EXPECT_EQ(ask("/lab/race/sp?" + race("&delay=0&size=" + std::to_string(i))).status, 200);
  }
  const Answer answer = ask("/lab/race/sp?" + race("&delay=0"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "32 races are on already; try again soon\n");
  world_.runner.run_for(25s);
  EXPECT_EQ(races_.count(), 0U);
  EXPECT_EQ(ask("/lab/race/sp?" + race("&delay=0")).status, 200);
}

TEST_F(LabRaceTest, ARaceEndsAfterItsTimeWhoeverListens) {
  client_.connect("ws://127.0.0.1/lab/race/ws?" + race(), {});
  bool ended = false;
  SseHandlers handlers;
  handlers.on_error = [&](const HttpFailure&) { return !(ended = true); };
  EventSource source(http_, "http://127.0.0.1/lab/race/sse?" + race(), std::move(handlers));
  world_.runner.run_for(9min);
  EXPECT_GE(races_.count(), 1U);
  EXPECT_FALSE(ended);
  world_.runner.run_for(2min);
  EXPECT_EQ(races_.count(), 0U);
  EXPECT_TRUE(ended);
}

// A thread that stood still has told nobody that the race ends.
TEST_F(LabRaceTest, AStreamEndsWithItsRace) {
  support::RawPeer peer(world_);
  peer.send("GET /lab/race/sse?" + race("&delay=0") + "&after=0 HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.run_for(1s);
  world_.world.advance_by(11min);
  peer.run_for(10s);
  EXPECT_EQ(races_.count(), 0U);
  EXPECT_TRUE(peer.received().ends_with("\r\n0\r\n\r\n"));
}

TEST_F(LabRaceTest, StopAnswersWhoWaits) {
  int status = 0;
  http_.request({.url = "http://127.0.0.1/lab/race/lp?rate=0.1&dist=periodic&delay=100&start=" +
                        std::to_string(world_.world.now().time_since_epoch().count()) + "&after=1"},
                {.on_done = [&](int code, std::string_view) { status = code; }});
  world_.runner.run_for(10ms);
  races_.stop();  // the request is still on its way
  world_.runner.run_for(300ms);
  EXPECT_EQ(status, 204);
}

}  // namespace
}  // namespace duplex::tools::lab
