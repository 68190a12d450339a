// The feed as events of Socket.IO, in virtual time.
#include "../../tools/duplex/serve/socket_feed.h"

#include <gtest/gtest.h>

#include "feed_world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// One event every 250 ms, the first one at once.
class SocketFeedTest : public FeedWorld {
 protected:
  void start(FeedOptions options = {}) {
    options.start = world_.world.now();
    feed_.emplace(world_.server_side.loop, *world_.server, options);
    socket_feed_.emplace(*world_.server, *feed_, nullptr);
  }
  // Whoever listens from now on, and what it hears: a list for each event of Socket.IO.
  socketio::ClientSocket& listen(socketio::Json auth, std::vector<Ids>& heard) {
    clients_.push_back(std::make_unique<socketio::Client>(
        world_.client_side.loop, "http://127.0.0.1",
        socketio::ClientOptions{.path = "/feed/socket.io/", .reconnect = false}));
    socketio::ClientSocket& socket = clients_.back()->of("/", {.auth = std::move(auth)});
    socket.on("event", [&heard](std::string_view lines) { heard.push_back(ids(lines)); });
    return socket;
  }

  std::optional<Feed> feed_;
  std::optional<SocketFeed> socket_feed_;
  std::vector<std::unique_ptr<socketio::Client>> clients_;
};

TEST_F(SocketFeedTest, TellsEachEventAndWhatWasBefore) {
  start();
  world_.runner.run_for(600ms);
  std::vector<Ids> live;
  std::vector<Ids> late;
  listen({}, live);
  listen(codec::JsonObject{{"after", 1}}, late);
  world_.runner.run_for(700ms);
  EXPECT_EQ(live, (std::vector<Ids>{{4}, {5}, {6}}));
  EXPECT_EQ(late, (std::vector<Ids>{{2}, {3}, {4}, {5}, {6}}));
}

TEST_F(SocketFeedTest, TellsNothingToWhomNothingWasBefore) {
  start();
  std::vector<Ids> heard;
  for (const socketio::Json& after : {socketio::Json(-1), socketio::Json("1")}) {
    listen(codec::JsonObject{{"after", after}}, heard);
  }
  world_.runner.run_for(100ms);
  EXPECT_EQ(heard, std::vector<Ids>{});
}

// What is before would be more than a session may have waiting, all at once.
TEST_F(SocketFeedTest, TellsMuchThatWasBeforePieceByPiece) {
  start({.rate = 50, .event_size = 512 << 10});
  world_.runner.run_for(700ms);
  std::vector<Ids> heard;
  listen(codec::JsonObject{{"after", 0}}, heard);
  for (int i = 0; i < 300; ++i) {
    world_.runner.run_for(5ms);
    EXPECT_LE(world_.server->stats().queued_bytes, 2U << 20);
  }
  ASSERT_GE(heard.size(), 100U);
  for (std::size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i], Ids{i + 1});
}

// Whoever is so slow that what comes next is no longer kept would miss it without a word.
TEST_F(SocketFeedTest, DisconnectsWhoIsTooLate) {
  start({.rate = 50, .event_size = 400 << 10, .history = 40});
  world_.runner.run_for(700ms);
  std::vector<Ids> heard;
  std::string reason;
  auto& socket = listen(codec::JsonObject{{"after", 0}}, heard);
  socket.on_disconnect(
      [&reason](auto&, const socketio::ClientDisconnect& end) { reason = describe(end.reason); });
  socket.on("event", [&](std::string_view) {
    if (heard.size() == 1) world_.world.advance_by(3s);  // the client stands still
  });
  world_.runner.run_for(10s);
  EXPECT_EQ(reason, "io server disconnect");
  ASSERT_GE(heard.size(), 1U);
  for (std::size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i], Ids{heard[0][0] + i});
}

// Who has heard more than there is has heard another server: it gets what is kept.
TEST_F(SocketFeedTest, TellsAllToWhomTheFutureWasBefore) {
  start();
  world_.runner.run_for(50ms);
  std::vector<Ids> heard;
  listen(codec::JsonObject{{"after", 9}}, heard);
  world_.runner.run_for(50ms);
  EXPECT_EQ(heard, (std::vector<Ids>{{1}}));
}

TEST_F(SocketFeedTest, TellsWhatWasCoalescedTogether) {
  start({.rate = 100, .coalesce = 50ms});
  std::vector<Ids> heard;
  listen({}, heard);
  world_.runner.run_for(500ms);
  ASSERT_GT(heard.size(), 3U);
  EXPECT_GE(heard.back().size(), 5U);
}

TEST_F(SocketFeedTest, DisconnectsEverybodyAtTheEnd) {
  start();
  std::vector<Ids> heard;
  std::string reason;
  listen({}, heard).on_disconnect(
      [&reason](auto&, const socketio::ClientDisconnect& end) { reason = describe(end.reason); });
  world_.runner.run_for(100ms);
  socket_feed_->stop();
  world_.runner.run_for(100ms);
  EXPECT_EQ(reason, "transport close");
}

}  // namespace
}  // namespace duplex::tools
