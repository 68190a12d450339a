// What the network and the kernel may do to a server's connections, seen from its handlers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../support/wire.h"
#include "answers.h"
#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::client_frame;
using support::opening_request;
using support::RawPeer;
using support::server_frame;

class Faults : public WebSocketFlow {
 protected:
  Faults() {
    world_.server->post("/form", [this](Exchange& exchange) {
      ++requests_;
      exchange.respond(200, "text/plain", "thanks");
    });
    world_.server_side.loop.on_exception([this](std::exception_ptr) { ++exceptions_; });
  }
  ~Faults() override { EXPECT_EQ(exceptions_, 0); }

  std::uint64_t connections() { return world_.server->stats().connections; }
  std::size_t descriptors() { return world_.server_side.kernel.descriptor_count(); }
  void fail(net::Call call, int error) {
    world_.server_side.kernel.faults().fail_call(call, 1, error);
  }
  void expect_closed_once(const std::error_code& error) {
    EXPECT_EQ(closed_, 1);
    EXPECT_EQ(event_.code, CloseCode::abnormal_closure);
    EXPECT_EQ(event_.error.value(), error.value());
    EXPECT_EQ(connections(), 0U);
    EXPECT_EQ(world_.server->find(id_), nullptr);
  }

  int requests_ = 0;
  int exceptions_ = 0;
};

std::error_code system_error(int error) { return {error, std::system_category()}; }

// --- Accepting

TEST_F(Faults, R07ResetBeforeItIsAccepted) {
  fail(net::Call::accept, ENFILE);  // a pause, in which the peer goes
  RawPeer peer(world_);
  peer.send(opening_request());
  peer.reset();
  world_.runner.run_for(milliseconds(200));
  EXPECT_EQ(world_.server->stats().accepted, 1U);
  EXPECT_EQ(connections(), 0U);
}

TEST_F(Faults, R07AnAddressThatCannotBeAskedForIsUnspecified) {
  const auto peer = open();
  fail(net::Call::peer_address, ENOTCONN);
  EXPECT_EQ(connection().peer_address().family(), net::AddressFamily::unspecified);
  EXPECT_EQ(connection().peer_address().host(), "127.0.0.1");
}

TEST_F(Faults, WithoutTcpThereIsNothingToAskItFor) {
  const auto peer = open();
  EXPECT_EQ(connection().tcp_info(), std::nullopt);
}

// --- Reading and writing

TEST_F(Faults, R12EachErrorOfReadingIsOneCloseEvent) {
  for (const int error : {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EPIPE, EIO}) {
    closed_ = 0;
    const auto peer = open();
    fail(net::Call::recv, error);
    peer->send(client_frame(0x81, "x"));
    peer->run_for(milliseconds(5));
    expect_closed_once(system_error(error));
  }
  EXPECT_EQ(messages_, 0);
}

TEST_F(Faults, R17EachErrorOfWritingIsOneCloseEvent) {
  for (const int error : {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EPIPE}) {
    closed_ = 0;
    const auto peer = open();
    fail(net::Call::writev, error);
    connection().send_text("x");
    peer->run_for(milliseconds(5));
    expect_closed_once(system_error(error));
  }
}

TEST_F(Faults, R19NoBuffersIsNoReasonToClose) {
  const auto peer = open();
  fail(net::Call::writev, ENOBUFS);
  connection().send_text("x");
  peer->run_for(milliseconds(50));
  EXPECT_EQ(frames_of(*peer), server_frame(0x81, "x"));
  EXPECT_EQ(closed_, 0);
}

// --- The end at every byte

// A request with a chunked body, an opening, a message, one in two fragments, a ping, the end.
const std::string form =
    "POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
const std::array<std::string, 7> good_session = {form,
                                                 opening_request(),
                                                 client_frame(0x81, "hello"),
                                                 client_frame(0x02, std::string(130, 'x')),
                                                 client_frame(0x80, "tail"),
                                                 client_frame(0x89, "ping"),
                                                 client_frame(0x88, support::close_payload(1000))};

class EndAt : public Faults, public testing::WithParamInterface<bool> {
 protected:
  // How many of the steps are whole in the first `size` bytes.
  static std::size_t whole_steps(std::size_t size) {
    std::size_t count = 0;
    for (const std::string& step : good_session) {
      if (size < step.size()) break;
      size -= step.size();
      ++count;
    }
    return count;
  }
  void play(const std::string& bytes) {
    requests_ = messages_ = closed_ = 0;
    event_ = {};
    RawPeer peer(world_);
    peer.send(bytes);
    peer.run_for(milliseconds(5));
    GetParam() ? peer.reset() : peer.end();
    peer.run_for(milliseconds(20));
    if (!GetParam()) {
      EXPECT_TRUE(peer.ended());
      EXPECT_FALSE(peer.was_reset());
    }
    world_.runner.run_for(seconds(3));
  }
};

TEST_P(EndAt, R13EveryByteOfAGoodSession) {
  std::string session;
  for (const std::string& step : good_session) session += step;
  const std::size_t idle_descriptors = descriptors();
  for (std::size_t size = 0; size <= session.size(); ++size) {
    SCOPED_TRACE(size);
    play(session.substr(0, size));
    const std::size_t steps = whole_steps(size);
    EXPECT_EQ(requests_, steps >= 1 ? 1 : 0);
    EXPECT_EQ(messages_, (steps >= 3 ? 1 : 0) + (steps >= 5 ? 1 : 0));
    EXPECT_EQ(closed_, steps >= 2 ? 1 : 0);
    const bool said_goodbye = steps == good_session.size();
    EXPECT_EQ(event_.code, said_goodbye ? CloseCode::normal_closure : CloseCode::abnormal_closure);
    EXPECT_EQ(connections(), 0U);
    EXPECT_EQ(descriptors(), idle_descriptors);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(ByFinOrReset, EndAt, testing::Bool(),
                         [](const auto& param) { return param.param ? "ByReset" : "ByFin"; });

// --- Peers that are gone

// Without reading off what comes, closing would send RST, and the answer would be lost.
TEST_F(Faults, R35TheAnswerToABodyThatIsTooLargeIsReadWhole) {
  RawPeer peer(world_);
  peer.send("POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
  peer.send(std::string(std::size_t{200} << 10, 'x'), 16 << 10);
  peer.run_for(milliseconds(5));
  const auto answers = parse_answers(peer.received());
  EXPECT_EQ(statuses_of(answers), "413");
  EXPECT_TRUE(answers.at(0).whole);
  EXPECT_TRUE(peer.ended());
  EXPECT_FALSE(peer.was_reset());
  peer.run_for(seconds(3));
  EXPECT_EQ(connections(), 0U);
  EXPECT_EQ(requests_, 0);
}

TEST_F(Faults, R36WhoDoesNotAcknowledgeIsGoneAfter20Seconds) {
  const auto peer = open();
  for (const auto& link : world_.world.links()) link->block();
  connection().send_text("is anybody there?");
  world_.runner.run_for(milliseconds(19'500));
  EXPECT_EQ(closed_, 0);
  world_.runner.run_for(milliseconds(1000));
  expect_closed_once(system_error(ETIMEDOUT));
}

TEST_F(Faults, R38AHostThatHasForgottenAnswersWithAReset) {
  const auto peer = open();
  peer->vanish();
  world_.runner.run_for(seconds(20));
  EXPECT_EQ(closed_, 0) << "nobody has been told";
  connection().send_text("hello?");
  world_.runner.run_for(milliseconds(10));
  expect_closed_once(system_error(ECONNRESET));
}

// A fifth of the segments lost, 1 Mbit/s, cut anywhere: all arrives, whole and in order.
TEST_F(Faults, R39EchoesOverABadLine) {
  const simulation::LinkOptions bad = {.delay = milliseconds(20),
                                       .bytes_per_second = 125'000,
                                       .jitter = milliseconds(30),
                                       .segment_size = 1448,
                                       .split_rate = 0.3,
                                       .loss_rate = 0.2};
  world_.client_side.kernel.set_link(bad);
  on_message_ = [](Connection& peer, Message message) { peer.send(message); };
  Client client(world_.client_side.loop);
  std::vector<std::string> received;
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 60; ++i)
    sent.emplace_back(i * i * 7, static_cast<char>('a' + i % 26));
  client.connect("ws://127.0.0.1:80/ws", {.websocket = {.on_open =
                                                            [&](Connection& peer, const auto&) {
                                                              for (const std::string& text : sent)
                                                                peer.send_text(text);
                                                            },
                                                        .on_message =
                                                            [&](Connection&, Message message) {
                                                              received.emplace_back(message.text());
                                                            }}});
  world_.runner.run_for(seconds(400));
  EXPECT_TRUE(received == sent) << received.size();
  EXPECT_EQ(closed_, 0);
}

// --- Handlers

TEST_F(Faults, R42WhatComesTooLateHasNoEffect) {
  std::vector<ExchangeId> waiting;
  world_.server->get("/later", [&](Exchange& exchange) { waiting.push_back(exchange.id()); });
  const auto peer = open();
  RawPeer poller(world_);
  poller.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  poller.run_for(milliseconds(5));
  ASSERT_EQ(waiting.size(), 1U);
  poller.reset();
  peer->reset();
  world_.runner.run_for(milliseconds(5));
  const auto sent = world_.server->stats().messages_sent;
  EXPECT_EQ(world_.server->find(waiting[0]), nullptr);
  EXPECT_EQ(world_.server->find(id_), nullptr);
  EXPECT_TRUE(world_.server->send(id_, text_message("late"))) << "the loop lives";
  world_.runner.run_for(milliseconds(5));
  EXPECT_EQ(world_.server->stats().messages_sent, sent);
  EXPECT_EQ(connections(), 0U);
}

// Sending in on_drain, in on_message, in on_close: no handler runs inside another.
TEST(FaultsOfHandlers, R43HandlersAreNeverNested) {
  support::SimulatedServer world(1, {.websocket = {.send_high_water = 1000}});
  int depth = 0;
  int deepest = 0;
  int drains = 0;
  int closes = 0;
  const std::string large(5000, 'x');
  const auto inside = [&](const auto& deed) {
    deepest = std::max(deepest, ++depth);
    deed();
    --depth;
  };
  const auto send_twice = [&](Connection& peer) {
    peer.send_text(large);
    peer.send_text(large);
  };
  world.server->websocket(
      "/ws", {.on_message = [&](Connection& peer, Message) { inside([&] { send_twice(peer); }); },
              .on_drain =
                  [&](Connection& peer) {
                    inside([&] { ++drains < 5 ? send_twice(peer) : peer.close(); });
                  },
              .on_close =
                  [&](Connection& peer, const CloseEvent&) {
                    inside([&] {
                      ++closes;
                      send_twice(peer);
                      peer.close();
                      peer.abort();
                    });
                  }});
  RawPeer peer(world);
  peer.send(opening_request() + client_frame(0x81, "go"));
  peer.run_for(milliseconds(50));
  peer.send(client_frame(0x88, support::close_payload(1000)));
  peer.run_for(seconds(5));
  EXPECT_EQ(deepest, 1);
  EXPECT_EQ(drains, 5);
  EXPECT_EQ(closes, 1);
}

// --- Time

// One loop for the server and its peer, so that what blocks one is felt by both.
TEST(FaultsOfTime, R61AHandlerThatBlocksTheLoopIsCounted) {
  simulation::World world({.seed = 1, .link = {.delay = milliseconds(1)}});
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  Server server(loop, {.port = 80});
  server.websocket("/", {.on_message = [&](Connection& peer, Message message) {
                     if (message.text() == "block") world.advance_by(seconds(5));
                     peer.send(message);
                   }});
  int echoes = 0;
  Client client(loop);
  ClientHandlers handlers;
  handlers.websocket = {.on_open = [](Connection& peer, const auto&) { peer.send_text("go"); },
                        .on_message =
                            [&](Connection& peer, const Message&) {
                              if (++echoes == 100) return loop.stop();
                              peer.send_text(echoes == 50 ? "block" : "go");
                            }};
  client.connect("ws://127.0.0.1/", handlers);
  loop.run();
  EXPECT_EQ(echoes, 100);
  EXPECT_EQ(loop.stats().slow_turns, 1U);
  EXPECT_GT(loop.stats().slow_time, seconds(4));
  EXPECT_LE(loop.stats().slow_time, seconds(5));
}

TEST_F(Faults, R49T20AWallClockThatJumpsMovesNoTimer) {
  for (const hours jump : {hours(24), hours(-48)}) {
    const auto peer = open();
    world_.world.jump_wall_clock(jump);
    peer->run_for(milliseconds(24'980));
    EXPECT_EQ(frames_of(*peer), "");
    peer->run_for(milliseconds(30));
    EXPECT_EQ(frames_of(*peer), server_frame(0x89, ""));
    RawPeer asking(world_);
    asking.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    asking.run_for(milliseconds(5));
    const std::string expected = jump > hours(0) ? "Tue, 02 Jan 2024" : "Sun, 31 Dec 2023";
    EXPECT_EQ(parse_answers(asking.received()).at(0).field("Date").substr(0, 16), expected);
  }
}

}  // namespace
}  // namespace duplex
