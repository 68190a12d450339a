// WebSockets in time, and at the pace of their readers: rows T04 to T13.
#include "websocket_flow.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "../support/allocations.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::client_frame;
using support::RawPeer;
using support::server_frame;

TEST_F(WebSocketFlow, T04AMessageThatTrickles) {
  const auto peer = open();
  const std::string frame = client_frame(0x82, std::string(1 << 20, 'x'));
  peer->send(frame.substr(0, 14));
  const auto before = support::live_allocation_size();
  for (std::size_t i = 14; i < 14 + 61 && closed_ == 0; ++i) {
    peer->send(frame.substr(i, 1));
    peer->run_for(seconds(1));
    ASSERT_LE(support::live_allocation_size(), before + (std::size_t{128} << 10));
  }
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.violation, websocket::Violation::message_deadline);
  EXPECT_EQ(messages_, 0);
}

TEST_F(WebSocketFlow, T06R37ASilentPeerIsPingedAndThenDropped) {
  const auto peer = open();
  peer->run_for(milliseconds(24'980));
  EXPECT_EQ(frames_of(*peer), "");
  peer->run_for(milliseconds(30));
  EXPECT_EQ(frames_of(*peer), server_frame(0x89, ""));
  peer->run_for(milliseconds(19'950));
  EXPECT_EQ(closed_, 0);
  peer->run_for(milliseconds(50));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.code, CloseCode::abnormal_closure);
  EXPECT_EQ(event_.violation, websocket::Violation::ping_timeout);
  peer->run_for(seconds(3));
  EXPECT_TRUE(peer->ended());
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST_F(WebSocketFlow, T06WhoAnswersStays) {
  const auto peer = open();
  for (int i = 0; i < 10; ++i) {
    peer->run_for(seconds(26));
    peer->send(client_frame(0x8A, ""));
  }
  peer->run_for(milliseconds(5));
  EXPECT_EQ(closed_, 0);
  EXPECT_EQ(pongs_, 10);
}

// RFC 6455 section 5.5.3: a heartbeat that wants no answer.
TEST_F(WebSocketFlow, APongThatNobodyAskedForIsSentAsItIs) {
  const auto peer = open();
  EXPECT_EQ(connection().pong(as_bytes("alive")), SendStatus::ok);
  EXPECT_EQ(connection().pong(as_bytes(std::string(126, 'x'))), SendStatus::refused);
  peer->run_for(milliseconds(5));
  EXPECT_EQ(frames_of(*peer), server_frame(0x8A, "alive"));
}

// A large message keeps a slow reader from answering; taking it is sign of life enough.
TEST_F(WebSocketFlow, T06ASlowReaderIsNotSilent) {
  const auto peer = open();
  for (const auto& link : world_.world.links())
    link->toward_client().set_options({.bytes_per_second = 20'000});
  const std::string message(3'000'000, 'x');
  connection().send_text(message);
  peer->read_for(seconds(160));
  EXPECT_EQ(closed_, 0);
  EXPECT_TRUE(frames_of(*peer).starts_with(server_frame(0x81, message)));
}

// Our Close frame waits behind the message, and so does what the peer would answer to it.
TEST_F(WebSocketFlow, T10ASlowReaderGetsAllBeforeTheClose) {
  const auto peer = open();
  for (const auto& link : world_.world.links())
    link->toward_client().set_options({.bytes_per_second = 20'000});
  const std::string message(3'000'000, 'x');
  connection().send_text(message);
  connection().close();
  peer->read_for(seconds(160));
  const std::string close_frame = server_frame(0x88, support::close_payload(1000));
  EXPECT_EQ(frames_of(*peer), server_frame(0x81, message) + close_frame);
}

// The same when it is the peer who closes: it has asked for the message, and is taking it.
TEST_F(WebSocketFlow, T11ASlowReaderGetsAllBeforeTheAnswerToItsClose) {
  const auto peer = open();
  for (const auto& link : world_.world.links())
    link->toward_client().set_options({.bytes_per_second = 20'000});
  const std::string message(3'000'000, 'x');
  connection().send_text(message);
  peer->send(client_frame(0x88, support::close_payload(1000)));
  peer->read_for(seconds(160));
  const std::string close_frame = server_frame(0x88, support::close_payload(1000));
  EXPECT_EQ(frames_of(*peer), server_frame(0x81, message) + close_frame);
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

class SmallQueue : public WebSocketFlow {
 protected:
  static constexpr std::size_t limit = std::size_t{1} << 20;
  SmallQueue() : WebSocketFlow(options()) {}
  static ServerOptions options() {
    ServerOptions options;
    options.websocket.send_limit = limit;
    return options;
  }
};

// A megabyte a second for it; meanwhile who stands by has each answer as soon as the link allows.
TEST_F(SmallQueue, T07R20AReaderThatStopsCostsTheLimit) {
  on_message_ = [](Connection& from, Message message) { from.send(message); };
  const auto bystander = open();
  const auto peer = open();
  const std::string message(2000, 'x');
  const auto before = support::live_allocation_size();
  int refused = 0;
  for (int i = 0; i < 2500; ++i) {
    if (connection().send_text(message) == SendStatus::refused) ++refused;
    const std::size_t heard = bystander->received().size();
    bystander->send(client_frame(0x81, "here"));
    bystander->run_for(milliseconds(2));  // there and back
    ASSERT_EQ(bystander->received().substr(heard), server_frame(0x81, "here"));
    ASSERT_LE(world_.server->stats().queued_bytes, limit + message.size() + 10);
  }
  EXPECT_GT(refused, 0);
  // Its queue, and what the simulated kernels hold.
  EXPECT_LE(support::live_allocation_size(), before + limit + (std::size_t{700} << 10));
  EXPECT_EQ(drained_, 0);
}

TEST_F(SmallQueue, T09APauseBelowTheLimitLosesNothing) {
  const auto peer = open();
  std::string expected;
  bool congested = false;
  for (int i = 0; i < 600; ++i) {
    const std::string message = std::to_string(i) + std::string(1000, 'x');
    const SendStatus status = connection().send_text(message);
    ASSERT_NE(status, SendStatus::refused);
    congested = congested || status == SendStatus::congested;
    expected += server_frame(0x81, message);
    world_.runner.run_for(milliseconds(1));
  }
  EXPECT_TRUE(congested);
  world_.runner.run_for(seconds(15));
  EXPECT_EQ(drained_, 0);
  peer->read_for(milliseconds(1000));
  EXPECT_EQ(drained_, 1);
  EXPECT_EQ(frames_of(*peer), expected);
}

// So many that openings alone take longer than a silent peer may be.
class Crowd : public WebSocketFlow {
 protected:
  Crowd() : WebSocketFlow({.websocket = {.ping_interval = std::chrono::hours(1)}}) {}
};

// The payload is held once, whatever the number of those who have not read it; they cost the others
// nothing.
TEST_F(Crowd, T08ABroadcastIsSharedByAllItsReceivers) {
  const auto healthy = open_many(10'000);
  std::vector<std::unique_ptr<RawPeer>> stuck;
  while (stuck.size() < 100) {
    stuck.push_back(open());
    connection().subscribe("stuck");
  }
  const std::string filler(std::size_t{400} << 10, 'f');  // fills both kernels
  EXPECT_EQ(world_.server->publish("stuck", text_message(filler)), stuck.size());
  world_.runner.run_for(milliseconds(50));
  const std::string message(std::size_t{8} << 10, 'm');
  const auto before = support::live_allocation_size();
  EXPECT_EQ(world_.server->broadcast(text_message(message)), stuck.size() + healthy.size());
  EXPECT_LE(support::live_allocation_size(), before + 2 * message.size() + 80 * healthy.size());
  world_.runner.run_for(milliseconds(10));
  for (const auto& peer : healthy) {
    peer->run_for({});
    ASSERT_TRUE(frames_of(*peer) == server_frame(0x81, message));
  }
}

TEST_F(WebSocketFlow, APublishReachesEachSubscriberButTheOneExcepted) {
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 5; ++i) {
    peers.push_back(open());
    if (i != 0) connection().subscribe("news");
  }
  EXPECT_EQ(world_.server->publish("news", text_message("all")), 4U);
  EXPECT_EQ(world_.server->publish("news", text_message("four"), id_), 3U);
  EXPECT_EQ(world_.server->publish("nothing", text_message("none")), 0U);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    peers[i]->run_for(milliseconds(5));
    const std::string all = i == 0 ? "" : server_frame(0x81, "all");
    EXPECT_EQ(frames_of(*peers[i]), i == 0 || i == 4 ? all : all + server_frame(0x81, "four")) << i;
  }
}

TEST_F(WebSocketFlow, T10APeerThatDoesNotAnswerOurClose) {
  const auto peer = open();
  connection().close(CloseCode::normal_closure, "bye");
  peer->run_for(milliseconds(4990));
  EXPECT_EQ(frames_of(*peer), server_frame(0x88, support::close_payload(1000, "bye")));
  EXPECT_EQ(closed_, 0);
  peer->run_for(milliseconds(20));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.code, CloseCode::abnormal_closure);
  EXPECT_EQ(event_.violation, websocket::Violation::close_timeout);
  peer->run_for(seconds(3));
  EXPECT_TRUE(peer->ended());
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST_F(WebSocketFlow, T11TheServerClosesTcpFirst) {
  const auto peer = open();
  peer->send(client_frame(0x88, support::close_payload(1001, "off")));
  peer->run_for(milliseconds(5));
  EXPECT_EQ(frames_of(*peer), server_frame(0x88, support::close_payload(1001)));
  EXPECT_TRUE(peer->ended());
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.code, CloseCode::going_away);
  EXPECT_EQ(world_.server->stats().connections, 1U) << "reads off what is still under way";
  peer->run_for(milliseconds(2010));
  EXPECT_EQ(world_.server->stats().connections, 0U);
  EXPECT_EQ(closed_, 1);
}

TEST_F(WebSocketFlow, T12R32AHalfClosedPeerGetsWhatIsQueued) {
  const auto peer = open();
  const std::string message(std::size_t{400} << 10, 'x');
  connection().send_text(message);
  world_.runner.run_for(milliseconds(10));
  EXPECT_GT(world_.server->stats().queued_bytes, 0U);
  peer->end();
  world_.runner.run_for(milliseconds(10));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.code, CloseCode::abnormal_closure);
  EXPECT_EQ(world_.server->find(id_), nullptr);
  EXPECT_EQ(world_.server->broadcast(text_message("late")), 0U);
  peer->read_for(milliseconds(200));
  EXPECT_EQ(frames_of(*peer), server_frame(0x81, message));
  EXPECT_TRUE(peer->ended());
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST_F(WebSocketFlow, T12AHalfClosedPeerThatReadsNothingIsDropped) {
  const auto peer = open();
  connection().send_text(std::string(std::size_t{400} << 10, 'x'));
  peer->end();
  world_.runner.run_for(seconds(21));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

class EndlessLinger : public WebSocketFlow {
 protected:
  EndlessLinger() : WebSocketFlow({.http = {.linger_timeout = milliseconds(0)}}) {}
};

TEST_F(EndlessLinger, T11ATimeOfZeroWaitsForThePeersEnd) {
  const auto peer = open();
  peer->send(client_frame(0x88, support::close_payload(1000)));
  peer->run_for(seconds(100));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(world_.server->stats().connections, 1U);
  peer->end();
  peer->run_for(milliseconds(5));
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

TEST_F(WebSocketFlow, T13StopSays1001) {
  const auto polite = open();
  const auto silent = open();
  bool stopped = false;
  world_.server->stop([&] { stopped = true; });
  polite->run_for(milliseconds(5));
  EXPECT_EQ(frames_of(*polite), server_frame(0x88, support::close_payload(1001)));
  polite->send(client_frame(0x88, support::close_payload(1001)));
  polite->run_for(seconds(3));
  EXPECT_TRUE(polite->ended());
  EXPECT_EQ(closed_, 1);
  EXPECT_FALSE(stopped);
  silent->run_for(seconds(7));
  EXPECT_TRUE(silent->ended());
  EXPECT_TRUE(stopped);
  EXPECT_EQ(closed_, 2);
}

// An echo to a reader that stops is throttled, and goes on when it reads again, even where the
// kernel is short of memory meanwhile.
TEST_F(WebSocketFlow, EchoIsThrottledByItsReader) {
  for (const bool short_of_memory : {false, true}) {
    const auto peer = open();
    messages_ = 0;
    on_message_ = [](Connection& connection, Message message) { connection.send(message); };
    std::string expected;
    std::string sent;
    for (int i = 0; i < 3000; ++i) {
      const std::string message = std::to_string(i) + std::string(500, 'x');
      sent += client_frame(0x81, message);
      expected += server_frame(0x81, message);
    }
    if (short_of_memory) {
      world_.server_side.kernel.faults().set_rates({.no_buffers = 0.3});
    }
    std::string_view left = sent;
    for (int i = 0; i < 300 && !left.empty(); ++i) {
      left.remove_prefix(peer->offer(left));
      world_.runner.run_for(milliseconds(1));
    }
    EXPECT_LT(messages_, 3000);
    peer->send(left);
    peer->read_for(milliseconds(3000));
    EXPECT_EQ(messages_, 3000);
    EXPECT_TRUE(frames_of(*peer) == expected);
  }
}

}  // namespace
}  // namespace duplex
