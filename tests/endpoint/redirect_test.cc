// Connections that move to a server on another loop, with the request that belongs there.
#include <gtest/gtest.h>

#include "../support/simulated.h"
#include "answers.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using support::RawPeer;
using support::SimulatedServer;

// The server on port 80 sends everything below /b to the one on port 81, which has another loop.
class RedirectTest : public testing::Test {
 protected:
  RedirectTest() {
    world_.server->get("/{name}", say("a"));
    other_.server->get("/b/{name}", say("b"));
    other_.server->post("/b/{name}", [](Exchange& exchange) {
      exchange.respond(200, "text/plain", "b took " + std::string(as_text(exchange.body())));
    });
    WebSocketHandlers echo;
    echo.on_message = [](Connection& connection, Message message) { connection.send(message); };
    other_.server->websocket("/b/socket", std::move(echo));
    world_.server->redirect([this](const http::Request& request) {
      return request.path.starts_with("/b/") ? std::optional(entrance_) : std::nullopt;
    });
  }

  static endpoint::ExchangeHandler say(const std::string& who) {
    return [who](Exchange& exchange) {
      exchange.respond(200, "text/plain", who + std::string(exchange.parameter("name")));
    };
  }
  static std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  static std::string bodies(const RawPeer& peer) {
    std::string all;
    for (const Answer& answer : parse_answers(peer.received())) all += answer.body + " ";
    return all;
  }

  SimulatedServer world_;
  support::SecondServer other_{world_, 81};
  Entrance entrance_ = other_.server->entrance();
};

TEST_F(RedirectTest, MovesAConnectionThatStaysThere) {
  RawPeer peer(world_);
  peer.send(get("/x"));
  peer.run_for(milliseconds(5));
  EXPECT_EQ(other_.server->stats().connections, 0U);
  peer.send(get("/b/y"));
  peer.run_for(milliseconds(5));
  EXPECT_EQ(other_.server->stats().connections, 1U);
  EXPECT_EQ(world_.server->stats().connections, 0U);
  peer.send(get("/b/z"));
  peer.run_for(milliseconds(5));
  EXPECT_EQ(bodies(peer), "ax by bz ");
  EXPECT_EQ(world_.server->stats().accepted, 1U);
}

TEST_F(RedirectTest, LosesNothingWhereverItIsCut) {
  const std::string bytes = get("/x") +
                            "POST /b/y HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" +
                            "POST /b/y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "3\r\nbye\r\n0\r\n\r\n" +
                            get("/b/z");
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    RawPeer peer(world_);
    peer.send(bytes.substr(0, cut));
    peer.run_for(milliseconds(3));
    peer.send(bytes.substr(cut));
    peer.run_for(milliseconds(10));
    ASSERT_EQ(bodies(peer), "ax b took hello b took bye bz ") << "cut at " << cut;
  }
}

TEST_F(RedirectTest, MovesAnOpeningHandshake) {
  Client client(world_.client_side.loop);
  std::string heard;
  ClientHandlers handlers;
  handlers.websocket.on_open = [](Connection& connection, const http::Request&) {
    connection.send_text("hello");
  };
  handlers.websocket.on_message = [&](Connection&, Message message) { heard = message.text(); };
  client.connect("ws://127.0.0.1:80/b/socket", std::move(handlers));
  world_.runner.run_for(milliseconds(20));
  EXPECT_EQ(heard, "hello");
  EXPECT_EQ(other_.server->stats().websockets, 1U);
}

// As long as the limit allows, and written as it often is not: no space behind the colons.
TEST_F(RedirectTest, MovesTheLongestHead) {
  std::string head = "GET /b/y HTTP/1.1\r\nHost:a\r\n";
  const std::size_t limit = endpoint::HttpLimits().max_head_size;
  for (int i = 0; i < 90; ++i) head += "x" + std::to_string(i) + ":y\r\n";
  head += "z:" + std::string(limit - head.size() - 6, 'z') + "\r\n\r\n";
  RawPeer peer(world_);
  peer.send(head);
  peer.run_for(milliseconds(20));
  EXPECT_EQ(bodies(peer), "by ");
}

// What waits for a peer that does not read would be lost. HEAD gets no content, here neither.
TEST_F(RedirectTest, RefusesToMoveBehindAnswersThatAreNotTaken) {
  const std::string large(300'000, 'x');
  world_.server->get("/large",
                     [&](Exchange& exchange) { exchange.respond(200, "text/plain", large); });
  for (const bool head : {false, true}) {
    RawPeer peer(world_);
    const std::string last = head ? "HEAD /b/y HTTP/1.1\r\nHost: a\r\n\r\n" : get("/b/y");
    for (const std::string& request : {get("/large"), last}) {
      peer.offer(request);
      world_.runner.run_for(milliseconds(20));
    }
    peer.read_for(milliseconds(200));
    const auto at = peer.received().find("HTTP/1.1 503");
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(peer.received().ends_with("\r\n\r\n"), head);
  }
}

TEST_F(RedirectTest, ClosesWhatCannotMove) {
  ServerOptions options;
  options.port = 82;
  options.max_connections = 1;
  other_.restart(options);
  RawPeer peer(world_);
  peer.send(get("/b/y"));  // that server has gone
  peer.run_for(milliseconds(5));
  EXPECT_TRUE(peer.ended());
  entrance_ = other_.server->entrance();
  RawPeer first(world_, 82);
  first.run_for(milliseconds(5));
  RawPeer second(world_);
  second.send(get("/b/y"));
  second.run_for(milliseconds(5));
  EXPECT_TRUE(second.ended());
  EXPECT_EQ(other_.server->stats().refused, 1U);
  // Two listeners and the first.
  EXPECT_EQ(world_.server_side.kernel.descriptors("socket").size(), 3U);
}

}  // namespace
}  // namespace duplex
