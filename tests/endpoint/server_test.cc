// The server from outside, in a simulated world: HTTP and WebSocket through all layers.
#include "duplex/endpoint/server.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "../support/simulated.h"
#include "answers.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

void serve_hello(Server& server) {
  server.get("/hello", [](Exchange& exchange) { exchange.respond(200, "text/plain", "hello"); });
}

TEST(Server, AnswersARequest) {
  SimulatedServer world;
  serve_hello(*world.server);
  RawPeer peer(world);
  peer.send(get_hello);
  peer.run_for(milliseconds(5));
  EXPECT_EQ(peer.received().substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\nhello"));
  EXPECT_FALSE(peer.ended());
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  SimulatedServer world;
  world.server->get("/{n}", [](Exchange& exchange) {
    exchange.respond(200, "text/plain", exchange.parameter("n"));
  });
  RawPeer peer(world);
  peer.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.run_for(milliseconds(5));
  const auto first = peer.received().find("\r\n\r\n1");
  const auto second = peer.received().find("\r\n\r\n2");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
}

TEST(Server, AnswersLaterByTheIdOfTheExchange) {
  SimulatedServer world;
  std::vector<ExchangeId> waiting;
  world.server->get("/news", [&](Exchange& exchange) { waiting.push_back(exchange.id()); });
  RawPeer peer(world);
  peer.send("GET /news HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.run_for(seconds(20));
  EXPECT_EQ(peer.received(), "");
  ASSERT_EQ(waiting.size(), 1U);
  Exchange* exchange = world.server->find(waiting[0]);
  ASSERT_NE(exchange, nullptr);
  EXPECT_TRUE(exchange->respond(200, "text/plain", "rain"));
  EXPECT_EQ(world.server->find(waiting[0]), nullptr);
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(peer.received().ends_with("rain"));
}

TEST(Server, EchoesThroughAllLayers) {
  SimulatedServer world;
  world.server->websocket(
      "/echo", {.on_message = [](Connection& peer, Message message) { peer.send(message); }});
  Client client(world.client_side.loop);
  std::string got;
  CloseCode code{};
  client.connect(
      "ws://127.0.0.1:80/echo",
      {.websocket = {
           .on_open = [](Connection& peer, const auto&) { peer.send_text("hello"); },
           .on_message =
               [&](Connection& peer, Message message) {
                 got = message.text();
                 peer.close();
               },
           .on_close = [&](Connection&, const CloseEvent& event) { code = event.code; }}});
  world.runner.run_for(seconds(1));
  EXPECT_EQ(got, "hello");
  EXPECT_EQ(code, CloseCode::normal_closure);
  EXPECT_EQ(client.connection_count(), 0U);
  EXPECT_EQ(world.server->stats().connections, 0U);
}

TEST(Server, TellsWhyAHalfRequestWasGivenUp) {
  SimulatedServer world;
  serve_hello(*world.server);
  RawPeer peer(world);
  peer.send("GET / HTTP/1.1\r\nHos");
  peer.run_for(seconds(9));
  EXPECT_EQ(peer.received(), "");
  peer.run_for(seconds(2));
  EXPECT_EQ(peer.received().substr(0, 12), "HTTP/1.1 408");
  peer.run_for(seconds(5));
  EXPECT_TRUE(peer.ended());
}

TEST(Server, TimesMayBeLongerThanTheClockCanCount) {
  constexpr auto for_ever = milliseconds::max();
  ServerOptions options = {.drain_timeout = for_ever};
  options.http.head_timeout = options.http.body_timeout = options.http.idle_timeout = for_ever;
  options.http.linger_timeout = for_ever;
  SimulatedServer world(1, options);
  world.server->get("/", [](Exchange& exchange) { exchange.respond(200, "text/plain", "yes"); });
  RawPeer peer(world);
  peer.run_for(seconds(100));
  peer.send("GET / HTTP/1.1\r\n");
  peer.run_for(seconds(100));
  peer.send("Host: a\r\n\r\n");
  peer.run_for(milliseconds(10));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200");
  EXPECT_FALSE(peer.ended());
}

TEST(Server, R04CountsWhoIsTurnedAwayForWantOfDescriptors) {
  SimulatedServer world(1, {.max_connections = 2});
  world.server_side.kernel.set_descriptor_limit(
      3 + static_cast<int>(world.server_side.kernel.descriptor_count()) + 1);
  const RawPeer first(world);
  RawPeer second(world);
  second.run_for(milliseconds(5));
  EXPECT_TRUE(second.ended());
  EXPECT_EQ(world.server->stats().refused, 1U);
  EXPECT_EQ(world.server->stats().refused, 1U);
  world.server_side.kernel.set_descriptor_limit(100);
  const RawPeer third(world);
  RawPeer fourth(world);
  fourth.run_for(milliseconds(5));
  EXPECT_TRUE(fourth.ended());
  EXPECT_EQ(world.server->stats().refused, 2U);
  EXPECT_EQ(world.server->stats().accepted, 2U);
}

// What a connection gives back need not wait for the end of the listener's pause.
TEST(Server, R05AcceptsAgainWhenAConnectionHasGone) {
  SimulatedServer world;
  serve_hello(*world.server);
  auto first = std::make_unique<RawPeer>(world);
  first->run_for(milliseconds(5));
  world.server_side.kernel.faults().fail_call(net::Call::accept, 1, ENFILE);
  RawPeer second(world);
  second.send(get_hello);
  second.run_for(milliseconds(20));
  EXPECT_EQ(world.server->stats().accepted, 1U);
  first.reset();
  second.run_for(milliseconds(20));
  EXPECT_EQ(world.server->stats().accepted, 2U);
  EXPECT_TRUE(second.received().ends_with("hello"));
}

}  // namespace
}  // namespace duplex
