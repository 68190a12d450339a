// HTTP in time, and at the pace of its readers: deadlines, pipelines, half-closed and slow peers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "../support/simulated.h"
#include "answers.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

void serve_names(Server& server) {
  server.get("/{name}", [](Exchange& exchange) {
    exchange.respond(200, "text/plain", exchange.parameter("name"));
  });
  server.post("/size", [](Exchange& exchange) {
    exchange.respond(200, "text/plain", std::to_string(exchange.body().size()));
  });
}

TEST(HttpFlow, T01AHeadThatTrickles) {
  SimulatedServer world;
  serve_names(*world.server);
  RawPeer peer(world);
  peer.run_for(seconds(5));
  const auto first_byte = world.world.now();
  const std::string head = get("/a");
  for (std::size_t i = 0; i < 15 && peer.received().empty(); ++i) {
    peer.send(head.substr(i, 1));
    peer.run_for(seconds(1));
  }
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "408");
  EXPECT_GE(world.world.now() - first_byte, seconds(10));
  EXPECT_LE(world.world.now() - first_byte, seconds(11));
  peer.run_for(seconds(3));
  EXPECT_TRUE(peer.ended());
}

TEST(HttpFlow, T02ABodyThatTrickles) {
  SimulatedServer world;
  serve_names(*world.server);
  RawPeer peer(world);
  peer.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(peer.received(), "");
    peer.send("x");
    peer.run_for(seconds(1));
  }
  peer.run_for(milliseconds(10));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "408");
}

// 10 s and 1 s for each 64 KiB that came.
TEST(HttpFlow, T02ALargeBodyHasMoreTime) {
  for (const bool limited : {true, false}) {
    ServerOptions options;
    if (!limited) options.http.body_timeout = milliseconds(0);
    SimulatedServer world(1, options);
    serve_names(*world.server);
    RawPeer peer(world);
    peer.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 800000\r\n\r\n");
    peer.send(std::string(655'360, 'x'));
    peer.run_for(seconds(19));
    EXPECT_EQ(peer.received(), "");
    peer.run_for(seconds(2));
    EXPECT_EQ(statuses_of(parse_answers(peer.received())), limited ? "408" : "");
  }
}

TEST(HttpFlow, T05AnIdleConnectionIsClosedWithoutAWord) {
  SimulatedServer world;
  serve_names(*world.server);
  RawPeer peer(world);
  peer.send(get("/a"));
  peer.run_for(seconds(64));
  EXPECT_FALSE(peer.ended());
  RawPeer other(world);
  other.send(get("/b"));
  other.run_for(milliseconds(5));
  EXPECT_EQ(statuses_of(parse_answers(other.received())), "200");
  peer.run_for(seconds(2));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200");
}

// Wherever in a request the turn ends, also behind the last byte.
TEST(HttpFlow, ABudgetThatEndsWithinARequestHoldsNothingUp) {
  for (std::size_t budget = 1; budget <= 6; ++budget) {
    SimulatedServer world(1, {.max_events_per_turn = budget});
    serve_names(*world.server);
    RawPeer peer(world);
    peer.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/a"));
    peer.run_for(milliseconds(5));
    EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200 200") << budget;
    peer.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    peer.run_for(milliseconds(5));
    EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200 200 200") << budget;
  }
}

// T12 for HTTP: who has ended its side may still wait for all that it asked for.
TEST(HttpFlow, T12R32RequestsBeforeTheEndAreAnswered) {
  SimulatedServer world;
  std::vector<ExchangeId> waiting;
  world.server->get("/{n}", [&](Exchange& exchange) { waiting.push_back(exchange.id()); });
  RawPeer peer(world);
  peer.send(get("/1") + get("/2") + get("/3"));
  peer.end();
  for (std::size_t i = 0; i < 3; ++i) {
    peer.run_for(milliseconds(10));
    ASSERT_EQ(waiting.size(), i + 1);
    ASSERT_TRUE(world.server->find(waiting[i])->respond(200, "text/plain", "x"));
  }
  peer.run_for(milliseconds(10));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200 200 200");
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(world.server->stats().connections, 0U);
}

TEST(HttpFlow, WhoAnswersLaterHearsOfAnEndOnce) {
  SimulatedServer world;
  int ends = 0;
  ExchangeId waiting;
  world.server->get("/poll", [&](Exchange& exchange) {
    waiting = exchange.id();
    exchange.on_end([&ends] { ++ends; });
  });
  RawPeer peer(world);
  peer.send(get("/poll"));
  peer.run_for(seconds(1));
  EXPECT_EQ(ends, 0);
  peer.end();
  peer.run_for(seconds(1));
  EXPECT_EQ(ends, 1);
  ASSERT_NE(world.server->find(waiting), nullptr);  // it may still read
  world.server->find(waiting)->respond(200, "text/plain", "late");
  peer.run_for(seconds(1));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200");
  EXPECT_EQ(ends, 1);
}

TEST(HttpFlow, AnAnswerThatWasGivenHearsOfNoEnd) {
  SimulatedServer world;
  int ends = 0;
  world.server->get("/now", [&](Exchange& exchange) {
    exchange.on_end([&ends] { ++ends; });
    exchange.respond(200, "text/plain", "now");
  });
  RawPeer peer(world);
  peer.send(get("/now"));
  peer.end();
  peer.run_for(seconds(1));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200");
  EXPECT_EQ(ends, 0);
}

TEST(HttpFlow, T18PipelinedRequestsWhoseAnswersAreNotRead) {
  constexpr int count = 10'000;
  ServerOptions options;
  options.max_events_per_turn = 64;
  SimulatedServer world(1, options);
  int handled = 0;
  int in_this_round = 0;
  int most_in_a_round = 0;
  world.server->get("/{n}", [&](Exchange& exchange) {
    ++handled;
    ++in_this_round;
    exchange.respond(200, "text/plain", exchange.parameter("n"));
  });
  world.runner.on_round(
      [&] { most_in_a_round = std::max(most_in_a_round, std::exchange(in_this_round, 0)); });
  RawPeer peer(world);
  std::string requests;
  for (int i = 0; i < count; ++i) requests += get("/" + std::to_string(i));
  std::string_view left = requests;
  for (int i = 0; i < 1000 && !left.empty(); ++i) {
    left.remove_prefix(peer.offer(left));
    world.runner.run_for(milliseconds(1));
  }
  EXPECT_LT(handled, count) << "reading goes on although nobody reads the answers";
  EXPECT_LE(world.server->stats().queued_bytes, std::size_t{65} << 10);
  peer.send(left);
  peer.read_for(seconds(2));
  EXPECT_EQ(handled, count);
  EXPECT_LE(most_in_a_round, 64);
  const auto answers = parse_answers(peer.received());
  ASSERT_EQ(answers.size(), std::size_t{count});
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(answers[static_cast<std::size_t>(i)].body, std::to_string(i));
  }
}

// Ending its side changes nothing for what waits in the server's memory and in the kernel's.
TEST(HttpFlow, T18AndAnEndBehindThem) {
  constexpr int count = 4000;
  SimulatedServer world;
  serve_names(*world.server);
  RawPeer peer(world);
  std::string requests;
  for (int i = 0; i < count; ++i) requests += get("/" + std::string(100, 'x'));
  std::string_view left = requests;
  while (!left.empty()) {
    left.remove_prefix(peer.offer(left));
    if (!left.empty()) peer.run_for(milliseconds(1));
  }
  peer.end();
  peer.read_for(seconds(2));
  EXPECT_EQ(parse_answers(peer.received()).size(), std::size_t{count});
  EXPECT_TRUE(peer.ended());
}

// An answer that is being taken slowly is not an idle connection, nor a lingering one.
TEST(HttpFlow, ASlowReaderGetsItsWholeAnswer) {
  for (const std::string fields : {"", "Connection: close\r\n"}) {
    SimulatedServer world(1, {}, {.delay = milliseconds(1), .bytes_per_second = 20'000});
    const std::string body(3'000'000, 'x');
    world.server->get("/big",
                      [&](Exchange& exchange) { exchange.respond(200, "text/plain", body); });
    RawPeer peer(world);
    peer.send("GET /big HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    peer.read_for(seconds(160));
    const auto answers = parse_answers(peer.received());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(answers[0].whole) << fields << answers[0].body.size();
  }
}

TEST(HttpFlow, AReaderThatStopsIsGivenUp) {
  SimulatedServer world;
  const std::string body(3'000'000, 'x');
  world.server->get("/big", [&](Exchange& exchange) { exchange.respond(200, "text/plain", body); });
  RawPeer peer(world);
  peer.send(get("/big"));
  world.runner.run_for(seconds(140));
  EXPECT_EQ(world.server->stats().connections, 0U);
  EXPECT_EQ(world.server->stats().queued_bytes, 0U);
}

// A time of 0 switches the deadline off: this one reads on after five minutes.
TEST(HttpFlow, WithoutAnIdleTimeNoReaderIsGivenUp) {
  SimulatedServer world(
      1, {.http = {.idle_timeout = milliseconds(0)}, .user_timeout = milliseconds(0)});
  const std::string body(3'000'000, 'x');
  world.server->get("/big", [&](Exchange& exchange) { exchange.respond(200, "text/plain", body); });
  RawPeer peer(world);
  peer.send("GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  world.runner.run_for(seconds(300));
  peer.read_for(seconds(2));
  const auto answers = parse_answers(peer.received());
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].whole) << answers[0].body.size();
  EXPECT_TRUE(peer.ended());
}

// After the last answer max_linger_size bytes are read off, and no more: who sends more is reset.
TEST(HttpFlow, T19WhoGoesOnSendingIsCutOff) {
  for (const bool too_much : {false, true}) {
    SimulatedServer world;
    serve_names(*world.server);
    RawPeer peer(world);
    peer.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    peer.run_for(milliseconds(5));
    const std::string more(too_much ? 300'000 : 200'000, 'x');
    std::string_view left = more;
    for (int i = 0; i < 100; ++i) {
      left.remove_prefix(peer.offer(left));
      peer.run_for(milliseconds(1));
    }
    EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200");
    EXPECT_EQ(world.server->stats().connections, too_much ? 0U : 1U);
    EXPECT_EQ(peer.offer("x") == 0, too_much);
  }
}

// A time of modification that does not fit into 64 bits of nanoseconds, and that nobody is told:
// RFC 9110 section 8.8.2.1.
TEST(HttpFlow, AFileFromTheFarFuture) {
  SimulatedServer world;
  world.world.files().add("/www/new.txt", "new", std::int64_t{20'000'000'000});
  world.server->files("/", "/www");
  RawPeer peer(world);
  peer.send(get("/new.txt"));
  peer.run_for(milliseconds(5));
  const auto answers = parse_answers(peer.received());
  ASSERT_EQ(statuses_of(answers), "200");
  EXPECT_EQ(answers[0].field("Last-Modified"), answers[0].field("Date"));
}

// A file is sent piece by piece; the peer's end does not cut it.
TEST(HttpFlow, T12AFileIsSentWholeToAPeerThatHasEndedItsSide) {
  SimulatedServer world;
  const std::string content(1'000'000, 'f');
  world.world.files().add("/www/big.txt", content);
  world.server->files("/files", "/www");
  RawPeer peer(world);
  peer.send(get("/files/big.txt"));
  peer.end();
  peer.read_for(seconds(3));
  const auto answers = parse_answers(peer.received());
  ASSERT_EQ(statuses_of(answers), "200");
  EXPECT_TRUE(answers[0].whole);
  EXPECT_EQ(answers[0].body, content);
  EXPECT_TRUE(peer.ended());
}

TEST(HttpFlow, T13StopLetsAnAnswerUnderWayFinish) {
  SimulatedServer world;
  serve_names(*world.server);
  ExchangeId waiting;
  world.server->get("/slow/poll", [&](Exchange& exchange) { waiting = exchange.id(); });
  RawPeer idle(world);
  idle.send(get("/a"));
  RawPeer busy(world);
  busy.send(get("/slow/poll"));
  busy.run_for(milliseconds(5));
  bool stopped = false;
  world.server->stop([&] { stopped = true; });
  EXPECT_TRUE(world.server->stopping());
  idle.run_for(milliseconds(10));
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(statuses_of(parse_answers(idle.received())), "200");
  RawPeer late(world);
  EXPECT_TRUE(late.ended()) << "new connects are refused";
  EXPECT_FALSE(stopped);
  ASSERT_TRUE(world.server->find(waiting)->respond(200, "text/plain", "done"));
  busy.run_for(milliseconds(10));
  const auto answers = parse_answers(busy.received());
  EXPECT_EQ(answers.at(0).body, "done");
  EXPECT_TRUE(answers[0].has("Connection: close"));
  EXPECT_TRUE(busy.ended());
  world.runner.run_for(seconds(3));
  EXPECT_TRUE(stopped);
}

TEST(HttpFlow, T13StopDropsWhatHasNotEndedAfterTenSeconds) {
  SimulatedServer world;
  world.server->get("/poll", [](Exchange&) {});
  RawPeer peer(world);
  peer.send(get("/poll"));
  peer.run_for(milliseconds(5));
  int stopped = 0;
  world.server->stop([&] { ++stopped; });
  peer.run_for(milliseconds(9900));
  EXPECT_EQ(stopped, 0);
  peer.run_for(milliseconds(200));
  EXPECT_EQ(stopped, 1);
  EXPECT_TRUE(peer.ended());
}

TEST(HttpFlow, T13ASecondStopDropsAtOnceAndAThirdStillAnswers) {
  SimulatedServer world;
  world.server->get("/poll", [](Exchange&) {});
  RawPeer peer(world);
  peer.send(get("/poll"));
  peer.run_for(milliseconds(5));
  std::string stopped;
  world.server->stop([&] { stopped += '1'; });
  world.server->stop([&] { stopped += '2'; });
  peer.run_for(milliseconds(5));
  EXPECT_EQ(stopped, "2");
  EXPECT_TRUE(peer.ended());
  world.server->stop([&] { stopped += '3'; });
  world.runner.run_for(milliseconds(5));
  EXPECT_EQ(stopped, "23");
}

// A process that was stopped for a minute reads its sockets before it judges deadlines.
TEST(HttpFlow, T21LivePeersSurviveASleepOfTheServer) {
  SimulatedServer world;
  serve_names(*world.server);
  RawPeer peer(world);
  peer.send(get("/a").substr(0, 10));
  peer.run_for(milliseconds(5));
  world.runner.remove(world.server_side.kernel);
  peer.send(get("/a").substr(10));
  peer.run_for(seconds(60));
  world.runner.add(world.server_side.loop);
  peer.run_for(milliseconds(5));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200");
}

}  // namespace
}  // namespace duplex
