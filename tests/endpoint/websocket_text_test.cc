// No text leaves a server that is not UTF-8, whichever way it is sent: RFC 6455 section 8.1.
#include <gtest/gtest.h>

#include <vector>

#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using support::client_frame;
using support::opening_request;
using support::RawPeer;
using support::server_frame;
using support::SimulatedServer;

// The handler echoes what it gets, as messages: half a code point is none.
TEST(WebSocketText, APieceIsNoMessageUnlessItIsUtf8) {
  SimulatedServer world;
  std::vector<SendStatus> sent;
  world.server->websocket(
      "/",
      {.on_message = [&](Connection& peer, Message piece) { sent.push_back(peer.send(piece)); }},
      {.deliver_fragments = true});
  RawPeer peer(world);
  peer.send(opening_request("/"));
  peer.send(client_frame(0x01, "a\xc3") + client_frame(0x80, "\xbc") + client_frame(0x81, "b") +
            client_frame(0x01, "c") + client_frame(0x80, "d"));
  peer.run_for(milliseconds(10));
  EXPECT_EQ(sent, (std::vector{SendStatus::refused, SendStatus::refused, SendStatus::ok,
                               SendStatus::ok, SendStatus::ok}));
  EXPECT_EQ(frames_of(peer),
            server_frame(0x81, "b") + server_frame(0x81, "c") + server_frame(0x81, "d"));
}

TEST(WebSocketText, ABroadcastThatIsNotUtf8ReachesNobody) {
  SimulatedServer world;
  world.server->websocket(
      "/", {.on_open = [](Connection& peer, const auto&) { peer.subscribe("topic"); }});
  RawPeer peer(world);
  peer.send(opening_request("/"));
  peer.run_for(milliseconds(5));
  EXPECT_EQ(world.server->broadcast(text_message("\xff")), 0U);
  EXPECT_EQ(world.server->publish("topic", text_message("\xff")), 0U);
  EXPECT_EQ(world.server->publish("topic", text_message("x")), 1U);
  peer.run_for(milliseconds(10));
  EXPECT_EQ(frames_of(peer), server_frame(0x81, "x"));
}

}  // namespace
}  // namespace duplex
