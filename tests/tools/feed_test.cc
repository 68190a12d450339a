// The feed over its four transports, in virtual time.
#include "../../tools/duplex/serve/feed.h"

#include <gtest/gtest.h>

#include "feed_world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// One event every 250 ms, the first one at once.
class FeedTest : public FeedWorld {
 protected:
  void start(FeedOptions options = {}) {
    options.start = world_.world.now();
    feed_.emplace(world_.server_side.loop, *world_.server, options);
    feed_->add_routes();
  }

  struct Pushed {
    std::uint64_t messages = 0;  // which came, in order, none missing
    std::uint64_t writes = 0;    // of the server meanwhile
  };
  // Messages of one event each, five of which are due together, over a WebSocket.
  Pushed push_five_at_once(bool lone_writes) {
    start({.rate = 100, .coalesce = 50ms, .lone_writes = lone_writes, .max_answer = 1});
    Pushed pushed;
    ClientHandlers handlers;
    handlers.websocket.on_message = [&](Connection&, Message message) {
      EXPECT_EQ(ids(message.text()), Ids{++pushed.messages});
    };
    client_.connect("ws://127.0.0.1/feed/ws?after=0", std::move(handlers));
    const net::CallCounts& counts = world_.server_side.loop.kernel().counts();
    const std::uint64_t before = counts.of(net::Call::writev);
    world_.runner.run_for(500ms);
    pushed.writes = counts.of(net::Call::writev) - before;
    return pushed;
  }

  std::optional<Feed> feed_;
};

TEST_F(FeedTest, ShortPollGivesWhatIsNewAndMaybeNothing) {
  start();
  world_.runner.run_for(600ms);
  EXPECT_EQ(ids(ask("/feed/sp?after=0").body), (Ids{1, 2, 3}));
  EXPECT_EQ(ids(ask("/feed/sp?after=2").body), (Ids{3}));
  EXPECT_EQ(ids(ask("/feed/sp").body), (Ids{3}));
  const Answer nothing = ask("/feed/sp?after=3");
  EXPECT_EQ(nothing.status, 200);
  EXPECT_EQ(nothing.body, "");
}

TEST_F(FeedTest, RefusesToGoOnAfterWhatIsNoEvent) {
  start();
  for (const std::string path : {"/feed/sp", "/feed/lp", "/feed/sse"}) {
    for (const std::string after : {"zz", "", "-1", "1x"}) {
      const Answer refused = ask(path + "?after=" + after);
      EXPECT_EQ(refused.status, 400) << path << after;
      EXPECT_EQ(refused.body, "after: expected the id of an event, a whole number\n");
    }
  }
  std::optional<OpeningFailure> failure;
  client_.connect("ws://127.0.0.1/feed/ws?after=zz",
                  {.on_failure = [&](const OpeningFailure& why) { failure = why; }});
  world_.runner.run_until([&] { return failure.has_value(); }, 10s);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->status, 400);
}

// One that is newer than all is of a server before this one, whose clients have missed everything.
TEST_F(FeedTest, GivesAllToAReaderFromAnotherLife) {
  start();
  world_.runner.run_for(600ms);
  EXPECT_EQ(ids(ask("/feed/sp?after=99999999").body), (Ids{1, 2, 3}));
}

TEST_F(FeedTest, TheNewestEventIsAStateWithATag) {
  start();
  EXPECT_EQ(ids(ask("/feed/latest").body), (Ids{1}));
  world_.runner.run_for(600ms);
  EXPECT_EQ(ids(ask("/feed/latest").body), (Ids{3}));
  EXPECT_EQ(ids(ask("/feed/latest").body), (Ids{3}));
  EXPECT_EQ(ids(ask("/feed/latest", {{"If-None-Match", "\"2\""}}).body), (Ids{3}));
  const Answer known = ask("/feed/latest", {{"If-None-Match", "\"1\", W/\"3\""}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(ask("/feed/latest", {{"If-Match", "\"2\""}}).status, 412);
}

TEST_F(FeedTest, LongPollAnswersAtOnceOrWaits) {
  start();
  world_.runner.run_for(600ms);
  EXPECT_EQ(ids(ask("/feed/lp?after=1").body), (Ids{2, 3}));
  EXPECT_EQ(ids(ask("/feed/lp?after=3").body), (Ids{4}));
  EXPECT_EQ(world_.world.elapsed(), 751ms);
  EXPECT_EQ(ids(ask("/feed/lp").body), (Ids{5}));
}

TEST_F(FeedTest, LongPollEndsEmptyAfterItsTime) {
  start({.rate = 0.001, .poll_timeout = 25s});
  world_.runner.run_for(10ms);
  const auto begin = world_.world.now();
  const Answer answer = ask("/feed/lp?after=1");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_GE(world_.world.now() - begin, 25s);
  EXPECT_LT(world_.world.now() - begin, 26s);
}

TEST_F(FeedTest, WebSocketGetsEachEventAndCatchesUp) {
  start();
  world_.runner.run_for(600ms);
  Ids live;
  Ids late;
  const auto listen = [&](const std::string& path, Ids& seen) {
    ClientHandlers handlers;
    handlers.websocket.on_message = [&seen](Connection&, Message message) {
      for (const auto id : ids(message.text())) seen.push_back(id);
    };
    client_.connect("ws://127.0.0.1" + path, std::move(handlers));
  };
  listen("/feed/ws", live);
  listen("/feed/ws?after=1", late);
  world_.runner.run_for(700ms);
  EXPECT_EQ(live, (Ids{4, 5, 6}));
  EXPECT_EQ(late, (Ids{2, 3, 4, 5, 6}));
}

TEST_F(FeedTest, EventStreamGoesOnWhereItWas) {
  start();
  world_.runner.run_for(600ms);
  Ids seen;
  SseHandlers handlers;
  handlers.on_event = [&](const SseEvent& event) {
    for (const auto id : ids(event.data)) seen.push_back(id);
    EXPECT_EQ(event.id, std::to_string(seen.back()));
  };
  EventSource source(http_, "http://127.0.0.1/feed/sse", std::move(handlers),
                     {{.name = "Last-Event-ID", .value = "1"}});
  world_.runner.run_for(500ms);
  EXPECT_EQ(seen, (Ids{2, 3, 4, 5}));
}

TEST_F(FeedTest, CoalescedEventsArriveTogetherAndOnce) {
  start({.rate = 100, .coalesce = 50ms});
  std::vector<Ids> messages;
  ClientHandlers handlers;
  handlers.websocket.on_message = [&](Connection&, Message message) {
    messages.push_back(ids(message.text()));
  };
  client_.connect("ws://127.0.0.1/feed/ws?after=0", std::move(handlers));
  world_.runner.run_for(500ms);
  ASSERT_GT(messages.size(), 3U);
  EXPECT_GE(messages.back().size(), 5U);
  std::uint64_t next = 1;
  for (const Ids& message : messages) {
    for (const auto id : message) EXPECT_EQ(id, next++);
  }
}

TEST_F(FeedTest, NothingIsForgottenWhileItWaitsForCompany) {
  start({.rate = 100, .history = 16, .coalesce = 1s});
  Ids seen;
  ClientHandlers handlers;
  handlers.websocket.on_message = [&](Connection&, Message message) {
    for (const auto id : ids(message.text())) seen.push_back(id);
  };
  client_.connect("ws://127.0.0.1/feed/ws?after=0", std::move(handlers));
  world_.runner.run_for(3s);
  EXPECT_GE(seen.size(), 200U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);
}

TEST_F(FeedTest, WhatIsDueAtOnceSharesAWrite) {
  const Pushed pushed = push_five_at_once(false);
  EXPECT_GE(pushed.messages, 40U);
  EXPECT_LE(pushed.writes, pushed.messages / 4);
}

TEST_F(FeedTest, LoneWritesShareNothing) {
  const Pushed pushed = push_five_at_once(true);
  EXPECT_GE(pushed.messages, 40U);
  EXPECT_GE(pushed.writes, pushed.messages);
}

TEST_F(FeedTest, EventsCarryTheirIntendedInstant) {
  start();
  const auto begin = world_.world.now();
  world_.runner.run_for(600ms);
  Ids seen;
  for_each_line(ask("/feed/sp?after=0").body, [&](std::string_view line) {
    const auto event = decode_event(line);
    ASSERT_TRUE(event);
    EXPECT_EQ(line.size(), 64U);
    EXPECT_EQ(event->generated, (begin + (event->id - 1) * 250ms).time_since_epoch());
    EXPECT_GE(event->emitted, event->generated);
  });
}

TEST_F(FeedTest, StopEndsStreamsAndParkedPolls) {
  start();
  bool stream_ended = false;
  SseHandlers handlers;
  handlers.on_error = [&](const HttpFailure&) { return !(stream_ended = true); };
  EventSource source(http_, "http://127.0.0.1/feed/sse", std::move(handlers));
  int status = 0;
  http_.request({.url = "http://127.0.0.1/feed/lp"},
                {.on_done = [&](int code, std::string_view) { status = code; }});
  world_.runner.run_for(20ms);
  EXPECT_EQ(feed_->parked_count(), 1U);
  feed_->stop();
  world_.runner.run_for(20ms);
  EXPECT_TRUE(stream_ended);
  EXPECT_EQ(status, 204);
}

}  // namespace
}  // namespace duplex::tools
