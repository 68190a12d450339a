// T21: a server whose process was stopped for long. What its peers have sent meanwhile is read
// before their deadlines are judged, and nobody who could go on is given up.
#include "answers.h"
#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;

constexpr std::size_t crowd = 1200;  // more than one wait reports
constexpr std::size_t first = 1000;  // are read first, but have more time than the others
constexpr int binary = 0x82;

class StoppedServer : public WebSocketFlow {
 protected:
  StoppedServer() {
    world_.server->get("/", [](Exchange& exchange) { exchange.respond(200, "text/plain", "ok"); });
    world_.server->post("/size", [](Exchange& exchange) {
      exchange.respond(200, "text/plain", std::to_string(exchange.body().size()));
    });
  }

  // SIGSTOP, what peers do then, and SIGCONT a minute later.
  void stop_while(const std::function<void()>& act) {
    world_.runner.remove(world_.server_side.kernel);
    act();
    world_.runner.run_for(seconds(60));
    world_.runner.add(world_.server_side.loop);
    world_.runner.run_for(milliseconds(5));
  }
  std::vector<std::unique_ptr<RawPeer>> raw_peers(std::size_t count) {
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (std::size_t i = 0; i < count; ++i) peers.push_back(std::make_unique<RawPeer>(world_));
    return peers;
  }
};

TEST_F(StoppedServer, T21AMessageThatWasUnderWayArrives) {
  std::size_t size = 0;
  on_message_ = [&](Connection&, Message message) { size = message.payload.size(); };
  const std::string frame = support::client_frame(binary, std::string(30'000, 'x'));
  const auto peer = open();
  peer->send(frame.substr(0, 10'000));
  peer->run_for(milliseconds(5));
  stop_while([&] { peer->send(frame.substr(10'000, 10'000)); });
  peer->send(frame.substr(20'000));
  peer->run_for(milliseconds(5));
  EXPECT_EQ(size, 30'000U);
  EXPECT_EQ(closed_, 0);
}

TEST_F(StoppedServer, T21ABodyThatWasUnderWayArrives) {
  RawPeer peer(world_);
  const std::string part(10'000, 'x');
  peer.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n" + part);
  peer.run_for(milliseconds(5));
  stop_while([&] { peer.send(part); });
  peer.send(part);
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(peer.received().ends_with("\r\n\r\n30000")) << peer.received();
}

TEST_F(StoppedServer, T21ACrowdOfRequestsIsReadBeforeAnyIsLate) {
  const auto peers = raw_peers(crowd);
  for (std::size_t i = first; i < crowd; ++i) peers[i]->offer("GET / HTTP/1.1\r\n");
  world_.runner.run_for(seconds(1));
  for (std::size_t i = 0; i < first; ++i) peers[i]->offer("GET / HTTP/1.1\r\n");
  world_.runner.run_for(seconds(5));
  ASSERT_EQ(world_.server->stats().connections, crowd);
  stop_while([&] {
    for (const auto& peer : peers) peer->offer("Host: a\r\n\r\n");
  });
  std::size_t answered = 0;
  for (const auto& peer : peers) {
    peer->run_for(milliseconds(0));
    answered += static_cast<std::size_t>(statuses_of(parse_answers(peer->received())) == "200");
  }
  EXPECT_EQ(answered, crowd);
}

TEST_F(StoppedServer, T21ACrowdOfPongsIsReadBeforeAnybodyIsSilent) {
  const auto peers = open_many(crowd);
  world_.runner.run_for(seconds(5));
  for (std::size_t i = 0; i < first; ++i) peers[i]->offer(support::client_frame(binary, "x"));
  world_.runner.run_for(seconds(26));
  stop_while([&] {
    for (const auto& peer : peers) peer->offer(support::client_frame(0x8a, ""));
  });
  EXPECT_EQ(closed_, 0);
  EXPECT_EQ(world_.server->stats().websockets, crowd);
}

// Neither counts twice.
TEST_F(StoppedServer, T21AStopDuringAPauseOfOursIsNoTimeForTheMessage) {
  const auto peer = open();
  const std::string frame = support::client_frame(binary, std::string(100, 'x'));
  peer->send(frame.substr(0, 40));
  peer->run_for(seconds(1));
  connection().pause_reading();
  stop_while([] {});
  connection().resume_reading();
  for (std::size_t i = 40; i < 45; ++i) {
    peer->send(frame.substr(i, 1));
    peer->run_for(milliseconds(11'600));
  }
  EXPECT_EQ(closed_, 0);
  peer->run_for(seconds(2));
  EXPECT_EQ(closed_, 1);
}

TEST_F(StoppedServer, T21WhoIsSilentAfterwardsTooIsGivenUp) {
  RawPeer half(world_);
  half.send("GET / HTTP/1.1\r\n");
  half.run_for(seconds(3));
  const auto silent = open();
  stop_while([] {});
  half.run_for(seconds(6));
  EXPECT_FALSE(half.ended());
  half.run_for(seconds(2));
  EXPECT_EQ(statuses_of(parse_answers(half.received())), "408");
  silent->run_for(seconds(50));
  EXPECT_EQ(closed_, 1);
}

}  // namespace
}  // namespace duplex
