// Peers that vanish while nothing is to be sent: row P03. A stream of events has a heartbeat, and
// TCP asks all others.
#include <gtest/gtest.h>

#include <stdexcept>

#include "../support/simulated.h"
#include "../support/wire.h"
#include "duplex/http/event_stream.h"
#include "duplex/http/serialize.h"
#include "streaming_server.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

const std::string beat = "3\r\n:\n\n\r\n";  // as a chunk

std::string request(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

class Heartbeat : public StreamingServer {};

// A line that applications do not see: proxies keep the stream, and who has gone is found out.
TEST_F(Heartbeat, P03AHeartbeatKeepsAnIdleStreamAndFindsTheDead) {
  RawPeer peer(world_);
  peer.send(request("/events"));
  peer.run_for(milliseconds(14'900));
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n")) << "nothing but the head";
  peer.run_for(milliseconds(200));
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n" + beat));
  peer.run_for(seconds(9 * 15));
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n" + support::repeated(beat, 10)));
  EXPECT_EQ(gone_, 0);
  peer.vanish();
  world_.runner.run_for(seconds(15));
  EXPECT_EQ(gone_, 1);
}

TEST_F(Heartbeat, P03EventsPutTheHeartbeatOff) {
  RawPeer peer(world_);
  peer.send(request("/events"));
  const auto chunk = http::encode_chunk(as_bytes(std::string_view("data: two\n\n")));
  for (int i = 0; i < 5; ++i) {
    peer.run_for(seconds(14));
    EXPECT_EQ(write("data: one\n\n"), SendStatus::ok);
    peer.run_for(seconds(14));
    EXPECT_EQ(world_.server->find(stream_)->write_shared(chunk), SendStatus::ok);
  }
  peer.run_for(milliseconds(14'900));
  EXPECT_EQ(peer.received().find(beat), std::string::npos);
  peer.run_for(milliseconds(200));
  EXPECT_TRUE(peer.received().ends_with(beat));
}

TEST_F(Heartbeat, P03AHeartbeatEndsNoEventThatIsBeingWritten) {
  RawPeer peer(world_);
  peer.send(request("/events"));
  peer.run_for(milliseconds(5));
  for (const char* piece : {"data: a", "\n", "data: b\r\n"}) {
    write(piece);
    peer.run_for(seconds(60));
    EXPECT_EQ(peer.received().find(beat), std::string::npos) << piece;
  }
  write("\r\n");
  peer.run_for(seconds(16));
  EXPECT_TRUE(peer.received().ends_with(beat));
  EXPECT_EQ(gone_, 0);
}

TEST_F(Heartbeat, P03InHttp10AHeartbeatIsNoChunk) {
  RawPeer peer(world_);
  peer.send("GET /events HTTP/1.0\r\n\r\n");
  peer.run_for(seconds(31));
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n:\n\n:\n\n"));
}

TEST(HeartbeatOptions, P03OtherHeartbeatsAndNone) {
  for (const int interval : {0, 1000}) {
    ServerOptions options;
    options.http.event_stream_heartbeat = milliseconds(interval);
    SimulatedServer world(1, options);
    world.server->get("/events", [](Exchange& exchange) { open_events(exchange); });
    world.server->get("/lines",
                      [](Exchange& exchange) { exchange.start_stream(200, "text/plain"); });
    RawPeer events(world);
    RawPeer lines(world);
    events.send(request("/events"));
    lines.send(request("/lines"));
    events.run_for(milliseconds(interval == 0 ? 600'000 : 2500));
    lines.run_for(milliseconds(5));
    EXPECT_TRUE(
        events.received().ends_with("\r\n\r\n" + support::repeated(beat, interval == 0 ? 0 : 2)));
    EXPECT_TRUE(lines.received().ends_with("\r\n\r\n")) << "no stream of events";
  }
}

// What is pulled has nothing that could be acknowledged: TCP asks (RFC 9293 section 3.8.4).
TEST_F(Heartbeat, P03APollWhosePeerHasVanishedIsFoundByTcp) {
  RawPeer peer(world_);
  peer.send(request("/poll"));
  peer.run_for(seconds(300));
  ASSERT_NE(world_.server->find(poll_), nullptr) << "it answers what TCP asks";
  for (const auto& link : world_.world.links()) link->block();
  world_.runner.run_for(seconds(136));
  EXPECT_EQ(gone_, 1);
  EXPECT_EQ(world_.server->find(poll_), nullptr);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST(HeartbeatOptions, KeepAliveThatMeansNothingIsRefused) {
  const auto problem = [](net::KeepAlive keep_alive) -> std::string {
    ServerOptions options;
    options.keep_alive = keep_alive;
    try {
      SimulatedServer world(1, options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem({}), "");
  EXPECT_EQ(problem({.idle = seconds(0), .count = 0}), "");
  EXPECT_EQ(problem({.idle = seconds(-1)}), "keep_alive.idle is -1, and must be 1 to 32767");
  EXPECT_EQ(problem({.interval = seconds(32768)}),
            "keep_alive.interval is 32768, and must be 1 to 32767");
  EXPECT_EQ(problem({.count = 128}), "keep_alive.count is 128, and must be 1 to 127");
}

}  // namespace
}  // namespace duplex
