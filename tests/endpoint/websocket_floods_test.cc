// Peers that send as fast as they can: what they ask for is done in turns with everybody else.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../support/allocations.h"
#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::client_frame;
using support::RawPeer;
using support::repeated;
using support::server_frame;

class Budget : public WebSocketFlow {
 protected:
  static constexpr int budget = 33;  // 10,923 pongs, of one read, are a multiple of it
  static constexpr int count = 1'000'000;
  Budget() : WebSocketFlow({.max_events_per_turn = budget}) {}
};

TEST_F(Budget, T14AMillionPongsThatNobodyAskedForAreIgnored) {
  const auto greedy = open();
  const auto modest = open();
  int pongs_before_modest = -1;
  on_message_ = [&](Connection& peer, Message message) {
    if (message.text() == "hi") pongs_before_modest = pongs_;
    peer.send(message);
  };
  int most_in_a_round = 0;
  world_.runner.on_round([&, before = 0]() mutable {
    most_in_a_round = std::max(most_in_a_round, pongs_ - std::exchange(before, pongs_));
  });
  const std::string flood = repeated(client_frame(0x8A, ""), count) + client_frame(0x81, "last");
  const support::PeakAllocation peak;
  const std::size_t offered = greedy->offer(flood);
  modest->send(client_frame(0x81, "hi"));
  greedy->send(std::string_view(flood).substr(offered));
  greedy->read_for(seconds(1));
  EXPECT_EQ(pongs_, count);
  EXPECT_LE(most_in_a_round, budget);
  EXPECT_GE(pongs_before_modest, 0);
  EXPECT_LE(pongs_before_modest, 4 * budget);
  EXPECT_LE(peak.size(), std::size_t{1} << 20) << "the simulated kernels' buffers";
  EXPECT_EQ(frames_of(*greedy), server_frame(0x81, "last")) << "nothing is answered";
  EXPECT_EQ(closed_, 0);
}

// There is something to read in each turn.
TEST_F(Budget, T10AFloodInsteadOfAnAnswerToOurClose) {
  const auto greedy = open();
  connection().close(CloseCode::normal_closure);
  const std::string burst = repeated(client_frame(0x82, ""), 10'000);
  const auto end = world_.world.now() + milliseconds(5200);
  world_.runner.on_round([&, left = std::string_view()]() mutable {
    if (world_.world.now() >= end) return;
    world_.world.advance_by(milliseconds(50));
    if (left.empty()) left = burst;
    left.remove_prefix(greedy->offer(left));
  });
  world_.runner.run_for(milliseconds(5200));
  world_.runner.on_round({});
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.violation, websocket::Violation::close_timeout);
}

TEST_F(Budget, T16ABurstLeavesRoomForOthers) {
  const auto greedy = open();
  const ConnectionId greedy_id = id_;
  const auto modest = open();
  int in_this_round = 0;
  int most_in_a_round = 0;
  int before_modest = -1;
  std::uint32_t last = 0;
  bool in_order = true;
  on_message_ = [&](Connection& peer, Message message) {
    if (peer.id() != greedy_id) {
      before_modest = messages_;
      return;
    }
    ++in_this_round;
    const auto next = static_cast<std::uint8_t>(message.payload[0]);
    in_order = in_order && next == (last++ & 0xFF);
  };
  world_.runner.on_round(
      [&] { most_in_a_round = std::max(most_in_a_round, std::exchange(in_this_round, 0)); });
  std::string burst;
  for (int i = 0; i < count; ++i) burst += client_frame(0x82, std::string(1, static_cast<char>(i)));
  modest->send(client_frame(0x81, "me too"));
  greedy->send(burst);
  greedy->read_for(seconds(1));
  EXPECT_EQ(messages_, count + 1);
  EXPECT_TRUE(in_order);
  EXPECT_LE(most_in_a_round, budget);
  EXPECT_GE(before_modest, 0);
  EXPECT_LE(before_modest, 4 * budget);
}

// A thousand clients that say something, hear it back, and wait for 10 ms before they say more.
class Talkers {
 public:
  Talkers(support::SimulatedServer& world, std::string_view url)
      : world_(world), client_(world.client_side.loop) {
    for (std::size_t i = 0; i < count; ++i) client_.connect(url, handlers(i));
  }

  static constexpr std::size_t count = 1000;
  std::size_t echoes() const noexcept { return echoes_; }
  net::Clock::duration longest_echo() const noexcept { return longest_echo_; }

 private:
  ClientHandlers handlers(std::size_t i) {
    return {.websocket = {.on_open = [this, i](Connection& peer, const auto&) { say(peer, i); },
                          .on_message =
                              [this, i](Connection& peer, const Message&) {
                                ++echoes_;
                                longest_echo_ =
                                    std::max(longest_echo_, world_.world.now() - said_[i]);
                                say_later(peer.id(), i);
                              }}};
  }
  void say(Connection& peer, std::size_t i) {
    said_[i] = world_.world.now();
    peer.send_text("hi");
  }
  void say_later(ConnectionId id, std::size_t i) {
    world_.client_side.loop.run_after(milliseconds(10), [this, id, i] {
      if (Connection* peer = client_.find(id)) say(*peer, i);
    });
  }

  support::SimulatedServer& world_;
  std::vector<net::Clock::time_point> said_{count};
  std::size_t echoes_ = 0;
  net::Clock::duration longest_echo_{0};
  Client client_;
};

// Each event takes the server a microsecond, so that it is never done with the pings, of which a
// million come in a second. What they delay the others is time of the world.
TEST(Floods, T15PingsAsFastAsTheyGoBesideAThousandOthers) {
  constexpr int budget = 128;  // of a turn, by default
  constexpr auto time = milliseconds(200);
  support::SimulatedServer world;
  int pings = 0;
  const auto take_time = [&] { world.world.advance_by(microseconds(1)); };
  world.server->websocket("/ws", {.on_message =
                                      [&](Connection& peer, Message message) {
                                        take_time();
                                        peer.send(message);
                                      },
                                  .on_ping =
                                      [&](Connection&, Bytes) {
                                        take_time();
                                        ++pings;
                                      }});
  RawPeer greedy(world);
  greedy.send(support::opening_request("/ws"));
  const Talkers talkers(world, "ws://127.0.0.1/ws");
  world.runner.run_for(milliseconds(20));
  const std::size_t echoes_before = talkers.echoes();
  EXPECT_GE(echoes_before, Talkers::count);
  const std::string burst = repeated(client_frame(0x89, ""), 10'000);
  const auto end = world.world.now() + time;
  int most_in_a_round = 0;
  world.runner.on_round([&, left = std::string_view(), before = 0]() mutable {
    most_in_a_round = std::max(most_in_a_round, pings - std::exchange(before, pings));
    if (world.world.now() >= end) return;
    if (left.empty()) left = burst;
    left.remove_prefix(greedy.offer(left));
  });
  world.runner.run_for(time);
  EXPECT_GE(pings, 100'000 * time / seconds(1));
  EXPECT_LE(most_in_a_round, budget);
  EXPECT_GE(talkers.echoes(), echoes_before + 10 * Talkers::count);
  EXPECT_LT(talkers.longest_echo(), milliseconds(10));
  world.runner.on_round({});
}

}  // namespace
}  // namespace duplex
