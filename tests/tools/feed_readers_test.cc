// Readers of the feed who are slow, late or many; in virtual time.
#include "../../tools/duplex/serve/feed_readers.h"

#include <gtest/gtest.h>

#include <memory>

#include "../../tools/duplex/bench/poll_arm.h"
#include "../../tools/duplex/serve/feed.h"
#include "../support/allocations.h"
#include "../support/wire.h"
#include "feed_world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using support::RawPeer;

constexpr std::size_t kib = 1024;

// 200 events a second, of 8 KiB each.
class FeedReadersTest : public FeedWorld {
 protected:
  void start(FeedOptions options = {}) {
    options.rate = 200;
    options.event_size = 8 * kib;
    options.start = world_.world.now();
    feed_.emplace(world_.server_side.loop, *world_.server, options);
    feed_->add_routes();
  }
  // A WebSocket that does not read before it shall.
  void open_paused(const std::string& path) {
    ClientHandlers handlers;
    handlers.websocket = {
        .on_open = [](Connection& peer, const http::Request&) { peer.pause_reading(); },
        .on_message =
            [this](Connection&, Message message) {
              for (const auto id : ids(message.text())) seen_.push_back(id);
            },
        .on_close =
            [this](Connection&, const CloseEvent& event) {
              code_ = event.code;
              reason_ = event.reason;
            }};
    id_ = client_.connect("ws://127.0.0.1" + path, std::move(handlers));
    world_.runner.run_for(5ms);
  }
  void read() { client_.find(id_)->resume_reading(); }
  // A stream that does not read before it shall.
  std::unique_ptr<RawPeer> open_stream(const std::string& query = {}) {
    auto peer = std::make_unique<RawPeer>(world_);
    peer->send("GET /feed/sse" + query + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return peer;
  }
  static Ids ids_of(const RawPeer& stream) {
    Ids found;
    for_each_line(stream.received(), [&found](std::string_view line) {
      if (!line.starts_with("data: ")) return;
      if (const auto event = decode_event(line.substr(6))) found.push_back(event->id);
    });
    return found;
  }
  static void expect_consecutive(const Ids& ids, std::uint64_t first, std::size_t at_least) {
    ASSERT_GE(ids.size(), at_least);
    for (std::size_t i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], first + i);
  }
  void run_below(std::size_t limit, net::Clock::duration time) {
    for (auto left = time; left > 0ms; left -= 5ms) {
      world_.runner.run_for(5ms);
      ASSERT_LE(world_.server->stats().queued_bytes, limit);
    }
  }
  std::uint64_t queued() { return world_.server->stats().queued_bytes; }

  std::optional<Feed> feed_;
  ConnectionId id_;
  Ids seen_;
  CloseCode code_ = CloseCode::no_status_received;
  std::string reason_;
};

TEST_F(FeedReadersTest, T07ASlowWebSocketCostsALimitAndMissesNothing) {
  start();
  open_paused("/feed/ws");
  run_below(max_waiting, 2s);
  EXPECT_GT(queued(), max_waiting / 2);
  EXPECT_GT(feed_->listener_count(), 0U);
  read();
  world_.runner.run_for(1s);
  expect_consecutive(seen_, 2, 590);
  EXPECT_EQ(queued(), 0U);
}

// A stream may have one event more: it is refused when there is too much, not when there would be.
TEST_F(FeedReadersTest, T07P12ASlowStreamCostsALimitAndMissesNothing) {
  start();
  const auto peer = open_stream();
  const auto first = feed_->event_count() + 1;
  run_below(feed_protocol().send_limit + 9 * kib, 2s);
  EXPECT_GT(queued(), max_waiting / 2);
  peer->read_for(1s);
  expect_consecutive(ids_of(*peer), first, 590);
  EXPECT_EQ(queued(), 0U);
}

TEST_F(FeedReadersTest, T07AWebSocketThatIsTooLateIsToldToComeAgain) {
  start({.history = 4});
  open_paused("/feed/ws");
  run_below(max_waiting + kib, 2s);
  EXPECT_EQ(feed_->listener_count(), 0U);
  read();
  world_.runner.run_for(1s);
  expect_consecutive(seen_, 2, 100);
  EXPECT_EQ(code_, CloseCode::try_again_later);
  EXPECT_EQ(reason_, "too slow: the next event is no longer kept");
}

TEST_F(FeedReadersTest, T07AStreamThatIsTooLateEnds) {
  start({.history = 4});
  const auto peer = open_stream();
  const auto first = feed_->event_count() + 1;
  run_below(feed_protocol().send_limit + 9 * kib, 2s);
  EXPECT_EQ(feed_->listener_count(), 0U);
  peer->read_for(1s);
  expect_consecutive(ids_of(*peer), first, 100);
  EXPECT_TRUE(peer->received().ends_with("\n\r\n0\r\n\r\n"));
}

// As deflate makes of it what it likes, nobody knows beforehand what waits.
TEST_F(FeedReadersTest, T07ASlowWebSocketThatCompressesMissesNothing) {
  start({.content = ContentKind::random, .deflate = true});
  RawPeer peer(world_);
  peer.send(support::opening_request(
      "/feed/ws", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"));
  const auto before = feed_->event_count();
  run_below(feed_protocol().send_limit, 2s);
  EXPECT_GT(queued(), max_waiting / 2);
  peer.read_for(1s);
  EXPECT_NE(peer.received().find("permessage-deflate"), std::string::npos);
  EXPECT_EQ(queued(), 0U);
  EXPECT_EQ(world_.server->stats().messages_sent, feed_->event_count() - before);
}

TEST_F(FeedReadersTest, GivesAWebSocketWhatWasBeforeAsFastAsItReads) {
  start();
  world_.runner.run_for(2s);
  open_paused("/feed/ws?after=0");
  run_below(160 * kib, 500ms);
  read();
  world_.runner.run_for(1s);
  expect_consecutive(seen_, 1, 690);
}

TEST_F(FeedReadersTest, GivesAStreamWhatWasBeforeAsFastAsItReads) {
  start();
  world_.runner.run_for(2s);
  const auto peer = open_stream("?after=0");
  run_below(160 * kib, 500ms);
  peer->read_for(1s);
  expect_consecutive(ids_of(*peer), 1, 690);
}

TEST_F(FeedReadersTest, EndsThoseThatAreLateWhenItStops) {
  start();
  world_.runner.run_for(2s);
  const auto peer = open_stream("?after=0");
  world_.runner.run_for(5ms);
  EXPECT_EQ(feed_->listener_count(), 1U);
  feed_->stop();
  EXPECT_EQ(feed_->listener_count(), 0U);
  peer->read_for(1s);
  EXPECT_TRUE(peer->received().ends_with("\n\r\n0\r\n\r\n"));
}

TEST_F(FeedReadersTest, ForgetsThoseThatWentWhileTheyWereLate) {
  start();
  world_.runner.run_for(2s);
  auto peer = open_stream("?after=0");
  open_paused("/feed/ws?after=0");
  EXPECT_EQ(feed_->listener_count(), 2U);
  peer->reset();
  client_.find(id_)->abort();
  world_.runner.run_for(100ms);
  EXPECT_EQ(feed_->listener_count(), 0U);
}

// What the simulated kernel takes is copied for each of them; what waits behind that is not.
TEST_F(FeedReadersTest, T08StuckStreamsShareWhatWaitsForThem) {
  start();
  std::vector<std::unique_ptr<RawPeer>> peers;
  while (peers.size() < 20) peers.push_back(open_stream());
  while (queued() < peers.size() * 200 * kib) world_.runner.run_for(5ms);
  const auto queued_before = queued();
  const auto live_before = support::live_allocation_size();
  world_.runner.run_for(300ms);
  const auto grown = queued() - queued_before;
  EXPECT_GT(grown, peers.size() * 400 * kib);
  EXPECT_LT(support::live_allocation_size() - live_before, grown / 5);
}

TEST_F(FeedReadersTest, PollsGetPartOfWhatWasBeforeAndAskForTheRest) {
  start();
  world_.runner.run_for(500ms);
  for (const std::string path : {"/feed/sp?after=", "/feed/lp?after="}) {
    Ids seen;
    for (std::size_t polls = 1; polls <= 3; ++polls) {
      const std::uint64_t after = seen.empty() ? 0 : seen.back();
      const Answer answer = ask(path + std::to_string(after));
      EXPECT_LE(answer.body.size(), default_max_answer);
      for (const auto id : ids(answer.body)) seen.push_back(id);
      expect_consecutive(seen, 1, polls * 31);
    }
  }
}

TEST_F(FeedReadersTest, PollsGetOneEventHoweverLarge) {
  start({.max_answer = kib});
  world_.runner.run_for(100ms);
  EXPECT_EQ(ids(ask("/feed/sp?after=3").body), Ids{4});
  EXPECT_EQ(ids(ask("/feed/lp?after=4").body), Ids{5});
}

TEST_F(FeedReadersTest, AShortPollerOfTheBenchAsksForTheRestAtOnce) {
  start();
  Ids seen;
  const Poller poller(world_.client_side.loop, {.url = "http://127.0.0.1/feed/", .interval = 1s},
                      {.on_ready = [] {},
                       .on_lines =
                           [&](std::string_view lines) {
                             for (const auto id : ids(lines)) seen.push_back(id);
                           },
                       .on_failure = [](const std::string& why) { ADD_FAILURE() << why; }},
                      0ns);
  world_.runner.run_for(3200ms);
  expect_consecutive(seen, 1, 600);
}

TEST_F(FeedReadersTest, CoalescedMessagesHaveALimit) {
  start({.coalesce = 500ms});
  std::vector<Ids> messages;
  ClientHandlers handlers;
  handlers.websocket.on_message = [&](Connection&, Message message) {
    EXPECT_LE(message.payload.size(), default_max_answer);
    messages.push_back(ids(message.text()));
  };
  client_.connect("ws://127.0.0.1/feed/ws", std::move(handlers));
  world_.runner.run_for(1100ms);
  ASSERT_GT(messages.size(), 6U);
  EXPECT_EQ(messages[1].size(), 31U);
  Ids all;
  for (const Ids& message : messages) all.insert(all.end(), message.begin(), message.end());
  expect_consecutive(all, all.front(), 190);
}

}  // namespace
}  // namespace duplex::tools
