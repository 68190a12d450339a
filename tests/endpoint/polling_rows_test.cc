// Long polling and Server-Sent Events through a whole server: rows P01 to P17. P03 is in
// heartbeat_rows_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "../support/simulated.h"
#include "answers.h"
#include "duplex/http/event_stream.h"
#include "duplex/http/serialize.h"
#include "streaming_server.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

std::string request(const std::string& start, const std::string& fields = "") {
  return start + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string event_of(std::string_view data) {
  std::string text;
  EXPECT_TRUE(http::append_event(text, {.data = data}));
  return text;
}

class Polling : public StreamingServer {
 protected:
  Polling() {
    world_.server->post("/poll", [](Exchange& exchange) {
      exchange.respond(exchange.body().empty() ? 400 : 200, "text/plain", "");
    });
  }
};

TEST_F(Polling, P01TheHeadOfAStreamOfEvents) {
  RawPeer peer(world_);
  peer.send(request("GET /events"));
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(started_);
  EXPECT_EQ(write(event_of("one")), SendStatus::ok);
  EXPECT_EQ(write(""), SendStatus::ok) << "an empty piece does not end it";
  EXPECT_EQ(write(event_of("two")), SendStatus::ok);
  peer.run_for(milliseconds(5));
  ASSERT_TRUE(world_.server->find(stream_)->finish());
  peer.run_for(milliseconds(5));
  const auto answers = parse_answers(peer.received());
  ASSERT_EQ(statuses_of(answers), "200");
  const Answer& answer = answers[0];
  EXPECT_EQ(answer.field("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(answer.field("X-Accel-Buffering"), "no");
  EXPECT_TRUE(answer.has("Transfer-Encoding: chunked"));
  EXPECT_EQ(answer.field("Content-Length"), "");
  EXPECT_EQ(answer.body, event_of("one") + event_of("two"));
  EXPECT_FALSE(peer.ended());
}

TEST_F(Polling, P01TheApplicationMayHaveItsStreamBuffered) {
  const auto head_of = [&](std::string_view type, std::vector<http::Field> fields) {
    std::string path = "/" + std::to_string(world_.server->stats().requests);
    world_.server->get(path, [&](Exchange& exchange) {
      fields.empty() ? exchange.start_stream(200, type)
                     : exchange.start_stream(200, type, {fields.front()});
      exchange.finish();
    });
    RawPeer peer(world_);
    peer.send(request("GET " + path));
    peer.run_for(milliseconds(5));
    return parse_answers(peer.received()).at(0).head;
  };
  const std::string none = "X-Accel-Buffering: no\r\n";
  EXPECT_NE(head_of("text/event-stream", {}).find(none), std::string::npos);
  EXPECT_NE(head_of("Text/Event-Stream; charset=utf-8", {}).find(none), std::string::npos);
  EXPECT_EQ(head_of("text/event-streams", {}).find(none), std::string::npos);
  EXPECT_EQ(head_of("text/plain", {}).find(none), std::string::npos);
  const std::string head = head_of("text/event-stream", {{"x-accel-buffering", "yes"}});
  EXPECT_NE(head.find("x-accel-buffering: yes"), std::string::npos);
  EXPECT_EQ(head.find(none), std::string::npos);
}

TEST_F(Polling, P01InHttp10TheStreamEndsWithTheConnection) {
  RawPeer peer(world_);
  peer.send("GET /events HTTP/1.0\r\n\r\n");
  peer.run_for(milliseconds(5));
  write(event_of("one"));
  const auto chunk = http::encode_chunk(as_bytes(std::string_view("data: two\n\n")));
  EXPECT_EQ(world_.server->find(stream_)->write_shared(chunk), SendStatus::ok);
  world_.server->find(stream_)->finish();
  peer.run_for(milliseconds(10));
  EXPECT_EQ(peer.received().find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(peer.received().find("Content-Length"), std::string::npos);
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n" + event_of("one") + event_of("two")));
  EXPECT_TRUE(peer.ended());
}

TEST_F(Polling, P02AnEventLeavesInTheTurnThatWroteIt) {
  RawPeer peer(world_);
  peer.send(request("GET /events"));
  peer.run_for(milliseconds(5));
  write(event_of("now"));
  peer.run_for(milliseconds(1));  // the wire's delay
  EXPECT_NE(peer.received().find("data: now"), std::string::npos);
}

TEST_F(Polling, P04AnIdIsOpaqueAndALongOneIsRefused) {
  std::string seen;
  world_.server->get("/last", [&](Exchange& exchange) {
    seen = exchange.request().fields.find("Last-Event-ID").value_or("none");
    exchange.respond(200, "text/plain", "");
  });
  RawPeer peer(world_);
  peer.send(request("GET /last", "Last-Event-ID: \xe9x\r\n"));
  peer.send(request("GET /last", "Last-Event-ID: " + std::string(1 << 20, 'x') + "\r\n"));
  peer.run_for(seconds(3));
  EXPECT_EQ(seen, "\xe9x");
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200 431");
}

TEST_F(Polling, P05HeadOfAStreamIsAHeadOnly) {
  RawPeer peer(world_);
  peer.send(request("HEAD /events"));
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n"));
  EXPECT_EQ(parse_answers(peer.received(), true).at(0).field("Content-Type"), "text/event-stream");
  EXPECT_EQ(write("x"), SendStatus::refused);
  peer.send(request("GET /nothing"));
  peer.run_for(milliseconds(5));
  EXPECT_NE(peer.received().find("HTTP/1.1 404"), std::string::npos) << "not reusable";
  peer.reset();
  world_.runner.run_for(seconds(1));
  EXPECT_EQ(gone_, 0) << "the answer was complete";
}

TEST_F(Polling, P06AClosedStreamIsGoneAtOnce) {
  for (const bool with_reset : {false, true}) {
    gone_ = 0;
    RawPeer peer(world_);
    peer.send(request("GET /events"));
    peer.run_for(milliseconds(5));
    write(event_of("one"));
    peer.run_for(milliseconds(5));
    const auto sent = world_.server->stats().bytes_sent;
    with_reset ? peer.reset() : peer.end();
    world_.runner.run_for(milliseconds(1));
    EXPECT_EQ(gone_, 1);
    EXPECT_EQ(write(event_of("two")), SendStatus::refused);
    world_.runner.run_for(seconds(1));
    EXPECT_EQ(world_.server->stats().bytes_sent, sent);
    EXPECT_EQ(world_.server->stats().connections, 0U);
    EXPECT_EQ(gone_, 1);
  }
}

TEST_F(Polling, P06AlsoWhenMoreRequestsWaitBehindIt) {
  RawPeer peer(world_);
  peer.send(request("GET /events") + request("GET /events"));
  peer.run_for(milliseconds(5));
  peer.end();
  world_.runner.run_for(milliseconds(1));
  EXPECT_EQ(gone_, 1);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST_F(Polling, P07ToP11WhatCouldBeMisreadIsNotWritten) {
  std::string text;
  EXPECT_FALSE(http::append_event(text, {.event = "a\rb"}));
  EXPECT_FALSE(http::append_event(text, {.id = "a\nb"}));
  EXPECT_FALSE(http::append_event(text, {.id = std::string_view("a\0b", 3)}));
  EXPECT_FALSE(http::append_event(text, {.retry = "1s"}));
  EXPECT_FALSE(http::append_event(text, {.data = "\xff"}));
  EXPECT_EQ(text, "");
  EXPECT_EQ(event_of("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
}

TEST_F(Polling, P12AReaderThatStopsIsBounded) {
  ServerOptions options;
  options.websocket.send_limit = std::size_t{256} << 10;
  SimulatedServer world(1, options);
  ExchangeId id;
  int drained = 0;
  world.server->get("/events", [&](Exchange& exchange) {
    open_events(exchange);
    id = exchange.id();
    exchange.on_drain([&] { ++drained; });
  });
  RawPeer peer(world);
  peer.send(request("GET /events"));
  peer.run_for(milliseconds(5));
  const std::string event = event_of(std::string(1000, 'x'));
  std::string accepted;
  bool congested = false;
  for (int i = 0; i < 2000; ++i) {
    const SendStatus status = world.server->find(id)->write(event);
    congested = congested || status == SendStatus::congested;
    if (status != SendStatus::refused) accepted += event;
    world.runner.run_for(milliseconds(1));
    ASSERT_LE(world.server->stats().queued_bytes, (std::size_t{256} << 10) + event.size() + 10);
  }
  EXPECT_TRUE(congested);
  EXPECT_EQ(world.server->find(id)->write(event), SendStatus::refused);
  EXPECT_EQ(drained, 0);
  peer.read_for(milliseconds(1000));
  EXPECT_EQ(drained, 1);
  world.server->find(id)->finish();
  peer.run_for(milliseconds(5));
  EXPECT_EQ(parse_answers(peer.received()).at(0).body, accepted);
}

TEST_F(Polling, P13TwoPollsOnOneConnectionWaitForEachOther) {
  RawPeer peer(world_);
  peer.send(request("GET /poll") + request("GET /poll"));
  peer.run_for(seconds(1));
  const ExchangeId first = poll_;
  ASSERT_TRUE(world_.server->find(first)->respond(200, "text/plain", "1"));
  peer.run_for(milliseconds(5));
  EXPECT_NE(poll_, first);
  EXPECT_EQ(world_.server->find(first), nullptr);
  ASSERT_TRUE(world_.server->find(poll_)->respond(204, {}, {}));
  peer.run_for(milliseconds(5));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200 204");
}

TEST_F(Polling, P14APollMayWaitLongerThanAnyDeadlineOfARequest) {
  RawPeer peer(world_);
  peer.send(request("GET /poll"));
  peer.run_for(seconds(600));
  ASSERT_NE(world_.server->find(poll_), nullptr);
  EXPECT_TRUE(world_.server->find(poll_)->respond(200, "text/plain", "late"));
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(peer.received().ends_with("late"));
}

TEST_F(Polling, P15R42AnAnswerToAPeerThatHasGoneIsRefused) {
  RawPeer peer(world_);
  peer.send(request("GET /poll"));
  peer.run_for(milliseconds(5));
  peer.reset();
  world_.runner.run_for(milliseconds(1));
  EXPECT_EQ(gone_, 1);
  EXPECT_EQ(world_.server->find(poll_), nullptr);
}

TEST_F(Polling, P15AnAnswerMayGetLostOnItsWay) {
  RawPeer peer(world_);
  peer.send(request("GET /poll"));
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(world_.server->find(poll_)->respond(200, "text/plain", "lost"));
  peer.reset();
  world_.runner.run_for(seconds(1));
  EXPECT_EQ(gone_, 0) << "it had been answered";
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST_F(Polling, P16APostWithoutABodyKeepsTheConnectionInStep) {
  RawPeer peer(world_);
  peer.send(request("POST /poll") + request("POST /poll", "Content-Length: 1\r\n") + "x");
  peer.run_for(milliseconds(5));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "400 200");
}

TEST_F(Polling, P17APreflightIsTheApplicationsToAnswer) {
  world_.server->route("OPTIONS", "/poll", [](Exchange& exchange) {
    exchange.respond(204, {}, {}, {{"Access-Control-Allow-Origin", "https://good.example"}});
  });
  RawPeer peer(world_);
  peer.send(request("OPTIONS /poll", "Origin: https://good.example\r\n"));
  peer.send(request("OPTIONS /events"));
  peer.run_for(milliseconds(5));
  const auto answers = parse_answers(peer.received());
  EXPECT_EQ(statuses_of(answers), "204 405");
  EXPECT_EQ(answers.at(0).field("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(answers.at(1).field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(answers.at(1).field("Allow"), "GET, HEAD");
}

// RFC 9110 section 10.2.1: a list of methods, also where one of them opens WebSockets, too.
TEST_F(Polling, ARefusedMethodIsToldEachOtherOneOnce) {
  const auto nothing = [](Exchange& exchange) { exchange.respond(204, {}, {}, {}); };
  for (const char* method : {"GET", "POST", "OPTIONS"}) {
    world_.server->route(method, "/all", nothing);
  }
  world_.server->post("/post", nothing);
  world_.server->websocket("/all", {});
  world_.server->websocket("/post", {});
  RawPeer peer(world_);
  peer.send(request("DELETE /all") + request("DELETE /post"));
  peer.run_for(milliseconds(5));
  const auto answers = parse_answers(peer.received());
  EXPECT_EQ(statuses_of(answers), "405 405");
  EXPECT_EQ(answers.at(0).field("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(answers.at(1).field("Allow"), "POST, GET");
}

TEST_F(Polling, AHandlerThatFailsInItsStreamEndsTheConnection) {
  world_.server->get("/bad", [this](Exchange& exchange) {
    open_events(exchange);
    exchange.on_gone([this] { ++gone_; });
    throw std::runtime_error("no");
  });
  RawPeer peer(world_);
  peer.send(request("GET /bad"));
  peer.run_for(milliseconds(10));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(gone_, 1);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

}  // namespace
}  // namespace duplex
