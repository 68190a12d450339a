// Ends in the middle: sockets that were never let in, handlers that end the server or throw, and
// what is left of questions.
#include "../support/socket_world.h"
#include "events/answers.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Texts;

class SocketEndsTest : public support::SocketWorld {};

TEST_F(SocketEndsTest, WhoIsRefusedLeavesItsRooms) {
  serve();
  std::string rooms;
  io_->of("/").on_room([&](Namespace&, RoomEvent event, std::string_view room, std::string_view) {
    if (event == RoomEvent::remove) rooms += room;
  });
  io_->use([](Socket& socket, const Next& next) {
    socket.join("x");
    next(Refusal{"no"});
  });
  const auto client = peer();
  client->say("40");
  EXPECT_EQ(client->take().size(), 1U);
  EXPECT_EQ(io_->of("/").room_size("x"), 0U);
  EXPECT_EQ(rooms, "x");
  io_->to("x").emit("n");
}

TEST_F(SocketEndsTest, WhoIsLostBeforeItIsLetInLeavesItsRooms) {
  serve();
  Next later;
  io_->use([&](Socket& socket, Next next) {
    socket.join("x");
    later = std::move(next);
  });
  const auto client = peer();
  client->say("40");
  EXPECT_EQ(io_->of("/").room_size("x"), 1U);
  client->leave();
  run_for(milliseconds(20));
  EXPECT_EQ(io_->of("/").room_size("x"), 0U);
  later({});
  io_->to("x").emit("n");
  EXPECT_EQ(io_->of("/").socket_count(), 0U);
}

class ServerEndsTest : public SocketEndsTest, public testing::WithParamInterface<std::string_view> {
 protected:
  void call(const std::string& name) {
    called_.push_back(name);
    if (name == GetParam()) io_.reset();
  }
  void serve_socket(Socket& socket, const std::string& again) {
    socket.use([=, this](auto, auto) {
      call("filter" + again);
      return std::optional<std::string>();
    });
    socket.on_any([=, this](auto, auto) { call("any" + again); });
    socket.on("a", [=, this](std::string_view) { call("own" + again); });
  }

  Texts called_ = {};
};

// "No handler is called": not those behind the one that ends the server, either.
TEST_P(ServerEndsTest, NobodyIsCalledBehindWhoEndsIt) {
  serve();
  io_->of("/").on("a", [this](Socket&, int) { call("never"); });
  io_->of("/").on("a", [this](Socket&, std::string_view) { call("of the namespace"); });
  io_->of("/").on("a", [this](Socket&, std::string_view) { call("another one"); });
  io_->of("/").on_error([this](Socket&, auto, auto) { call("error"); });
  io_->on_connection([this](Socket& socket) {
    serve_socket(socket, "");
    serve_socket(socket, " again");
  });
  const auto client = peer();
  client->say("40");
  client->say(R"(42["a","b"])");
  ASSERT_FALSE(called_.empty());
  EXPECT_EQ(called_.back(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Enders, ServerEndsTest,
                         testing::Values("filter", "any", "of the namespace", "own"));

// Both are still asked who they are when one of them is refused.
TEST_F(SocketEndsTest, ADynamicNamespaceStaysForWhoIsStillAsked) {
  serve();
  std::vector<Next> asked;
  io_->of_matching([](auto, const auto&) { return true; }).use([&](Socket&, Next next) {
    asked.push_back(std::move(next));
  });
  const auto one = peer();
  const auto other = peer();
  one->say("40/d,");
  other->say("40/d,");
  ASSERT_EQ(asked.size(), 2U);
  asked[0](Refusal{"no"});
  run_for(milliseconds(20));
  asked[1]({});
  run_for(milliseconds(20));
  const Texts heard = other->take();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_TRUE(heard[0].starts_with(R"(40/d,{"sid":)")) << heard[0];
}

TEST_F(SocketEndsTest, ADynamicNamespaceGoesWithWhoIsLostBeforeItIsLetIn) {
  serve({.max_namespaces = 1});
  io_->of_matching([](auto, const auto&) { return true; }).use([](Socket&, const Next&) {});
  const auto one = peer();
  one->say("40/one,");
  one->leave();
  run_for(milliseconds(20));
  const auto other = peer();
  other->say("40/other,");
  EXPECT_EQ(other->take(), Texts());  // it is asked, and not told that there are too many
}

TEST_F(SocketEndsTest, AHandlerThatThrowsLeavesNobodyBehind) {
  serve({.recovery = socketio::RecoveryOptions()});
  io_->on_connection([](Socket& socket) {
    socket.on_disconnect([](Socket&, DisconnectReason) { throw std::runtime_error("mine"); });
  });
  const auto client = peer();
  client->say("40");
  const std::string joined = client->take().at(0);
  EXPECT_EQ(io_->of("/").socket_count(), 1U);
  client->leave();
  run_for(milliseconds(20));
  EXPECT_EQ(io_->of("/").socket_count(), 0U);
  const auto again = peer();
  const std::string pid = joined.substr(joined.find(R"("pid":")") + 7, 20);
  again->say(R"(40{"pid":")" + pid + R"(","offset":"x"})");
  EXPECT_EQ(again->take().size(), 1U);
}

TEST_F(SocketEndsTest, WhoWaitsForAnAnswerMayEndTheServer) {
  serve();
  int told = 0;
  io_->on_connection([&](Socket& socket) {
    for (int i = 0; i < 2; ++i) {
      socket.emit("q", [&](const AckReply&) {
        ++told;
        io_.reset();
      });
    }
  });
  const auto client = peer();
  client->join();
  client->leave();
  run_for(milliseconds(20));
  EXPECT_EQ(told, 1);
}

TEST_F(SocketEndsTest, WhoHearsOfAQuestionMayEndTheServer) {
  for (const int time : {0, 50}) {
    serve();
    io_->on_connection([&](Socket& socket) {
      socket.on_any_outgoing([&](std::string_view, Values) { io_.reset(); });
    });
    const auto client = peer();
    client->join();
    const Emitter all = io_->everybody();
    all.timeout(milliseconds(time)).emit("q", [](const AckReply&) { ADD_FAILURE(); });
    run_for(milliseconds(100));
    EXPECT_FALSE(io_);
    world_.server.emplace(world_.server_side.loop, ServerOptions{.port = 80});
  }
}

// A socket that comes again sends its old connection away, whose handler ends the server.
TEST_F(SocketEndsTest, WhoComesAgainMayFindTheServerGone) {
  serve({.recovery = socketio::RecoveryOptions()});
  io_->on_connection([&](Socket& socket) {
    socket.on_disconnect([&](Socket&, DisconnectReason) { io_.reset(); });
  });
  const auto client = peer();
  client->say("40");
  const std::string joined = client->take().at(0);
  const std::string pid = joined.substr(joined.find(R"("pid":")") + 7, 20);
  const auto again = peer();
  again->say(R"(40{"pid":")" + pid + R"(","offset":"x"})");
  EXPECT_FALSE(io_);
}

// In Socket.IO 2 a client is connected by the request that opens its session.
TEST_F(SocketEndsTest, APollIsAnsweredThoughItsServerHasGone) {
  SocketServerOptions options;
  options.engine.allow_eio3 = true;
  serve(std::move(options));
  io_->on_connection([&](Socket&) { io_.reset(); });
  support::RawPeer poll(world_);
  poll.send("GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n");
  poll.run_for(milliseconds(5));
  EXPECT_TRUE(poll.received().starts_with("HTTP/1.1 400 ")) << poll.received();
}

TEST_F(SocketEndsTest, FullSocketsDoNotKeepOthersFromJoining) {
  serve({.max_rooms_per_socket = 1});
  std::vector<std::unique_ptr<support::Peer>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(peer());
    const std::string id = clients.back()->join();
    if (i % 2 == 0) io_->of("/").find(id)->join("a");
  }
  EXPECT_THROW(io_->everybody().sockets_join("b"), std::length_error);
  EXPECT_EQ(io_->of("/").room_size("b"), 3U);
}

// --- Answers of several servers ------------------------------------------------------------------

TEST(Answers, AServerThatIsGivenUpStillCountsOnce) {
  int told = 0;
  Answers answers([&](const AckReply& reply) {
    ++told;
    EXPECT_EQ(reply.values.size(), 2U);
  });
  answers.expect_unknown_servers();
  answers.expect_clients(1);
  answers.expect_servers(1);
  answers.give_up_on_servers();
  answers.server_has(1);
  answers.take(AckStatus::answered, 1);
  answers.take(AckStatus::answered, 2);
  EXPECT_EQ(told, 1);
}

TEST(Answers, ACountThatCannotBeTrueDoesNotOverflow) {
  Answers answers([](const AckReply&) {});
  answers.expect_unknown_servers();
  for (int i = 0; i < 8; ++i) answers.server_has(std::numeric_limits<std::size_t>::max() / 2);
  answers.expect_servers(8);
  answers.finish_if_complete();
  EXPECT_FALSE(answers.is_finished());
}

// A handler that throws does not keep the others, nor the server, from hearing of the end.
TEST_F(SocketEndsTest, AHandlerThatThrowsIsNotTheLastOne) {
  serve();
  int heard = 0;
  int settled = 0;
  for (const char* name : {"/", "/a", "/b"}) {
    io_->of(name)
        .on_connection([&](Socket& socket) {
          socket.on_disconnect([](Socket&, DisconnectReason) { throw std::runtime_error("on"); });
          for (int i = 0; i < 2; ++i) {
            socket.emit("really?", [&](const AckReply&) {
              ++settled;
              throw std::runtime_error("ack");
            });
          }
        })
        .on_disconnect([&](Socket&, DisconnectReason) { ++heard; });
  }
  const auto client = peer();
  for (const char* name : {"/", "/a", "/b"}) client->join(name);
  client->leave();
  run_for(milliseconds(20));
  EXPECT_EQ(heard, 3);
  EXPECT_EQ(settled, 6);
  for (const char* name : {"/", "/a", "/b"}) EXPECT_EQ(io_->of(name).socket_count(), 0U);
}

// Who is told of the first one in a room sends the second away, which was about to join it.
TEST_F(SocketEndsTest, WhoHasGoneJoinsNothing) {
  serve();
  std::vector<std::string> ids;
  io_->on_connection([&](Socket& socket) { ids.emplace_back(socket.id()); });
  io_->of("/").on_room([&](Namespace& nsp, RoomEvent event, std::string_view, std::string_view id) {
    if (event != RoomEvent::join) return;
    for (const std::string& other : ids) {
      if (other == id) continue;
      if (Socket* const socket = nsp.find(other)) socket->disconnect();
    }
  });
  const auto one = peer();
  const auto other = peer();
  one->join();
  other->join();
  io_->of("/").everybody().sockets_join("x");
  EXPECT_EQ(io_->of("/").socket_count(), 1U);
  EXPECT_EQ(io_->of("/").room_size("x"), 1U);
  io_->to("x").emit("n");
}

TEST_F(SocketEndsTest, ANamespaceThatWasAskedForStays) {
  serve({.max_namespaces = 1});
  io_->of_matching([](auto, const auto&) { return true; });
  const auto client = peer();
  client->join("/d");
  Namespace& kept = io_->of("/d");
  client->leave();
  run_for(milliseconds(20));
  EXPECT_EQ(kept.socket_count(), 0U);
  const auto again = peer();
  again->join("/d");
  EXPECT_EQ(kept.socket_count(), 1U);
  EXPECT_NE(again->join("/e"), "") << "which is the only dynamic one now";
}

TEST_F(SocketEndsTest, WhoIsSentAwayBeforeItIsLetInIsRefused) {
  serve();
  io_->use([](Socket& socket, const Next&) { socket.disconnect(); });
  const auto client = peer();
  client->say("40");
  EXPECT_EQ(client->take(), Texts{R"(44{"message":"disconnected"})"});
}

}  // namespace
}  // namespace duplex::events
