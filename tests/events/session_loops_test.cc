// Sessions of several loops, whose clients come to any of them.
#include "duplex/events/session_loops.h"

#include <map>

#include "../support/socket_world.h"
#include "duplex/events/loop_group.h"
#include "duplex/events/socket_client.h"
#include "events/ids.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using support::RawPeer;
using support::SocketWorld;

TEST(SessionLoops, AreTheNumbersInIds) {
  simulation::World world({.seed = 1});
  simulation::Kernel kernel(world, {.name = "a"});
  for (const std::uint16_t number : std::initializer_list<std::uint16_t>{0, 1, 255, 256, 65535}) {
    EXPECT_EQ(SessionLoops::number_in(SessionLoops::with_number(new_id(kernel), number)), number);
  }
  EXPECT_FALSE(SessionLoops::number_in("short"));
  EXPECT_FALSE(SessionLoops::number_in("00000000000000000000xyz0"));
}

// A server on port 80 and one on port 81, each on a loop of its own.
class TwoLoops : public SocketWorld {
 protected:
  TwoLoops() {
    for (Server* const server : {&*world_.server, &*other_.server}) {
      ios_.push_back(std::make_unique<SocketServer>(
          *server, SocketServerOptions{.engine = {.loops = loops_}, .adapter = group_.adapter()}));
      ios_.back()->on_connection([this](Socket& socket) {
        socket.on("say", [&socket](int number) { socket.nsp().emit("said", number); });
        log_ += "+";
      });
    }
  }

  std::string ask(std::uint16_t port, const std::string& method, const std::string& query,
                  const std::string& body = {}) {
    RawPeer peer(world_, port);
    peer.send(method + " /socket.io/?EIO=4&transport=polling" + query +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    peer.run_for(milliseconds(5));
    const std::string& all = peer.received();
    return all.substr(all.find("\r\n\r\n") + 4);
  }

  support::SecondServer other_{world_, 81};
  LoopGroup group_;
  std::shared_ptr<SessionLoops> loops_ = std::make_shared<SessionLoops>();
  std::vector<std::unique_ptr<SocketServer>> ios_;
  std::map<int, std::vector<int>> heard_;  // by the port of the client's server
};

TEST_F(TwoLoops, ServeEachOthersPolls) {
  const std::string opened = ask(80, "GET", "");
  const std::string query = "&sid=" + opened.substr(opened.find(R"("sid":")") + 7, 24);
  EXPECT_EQ(ask(81, "POST", query, "40"), "ok");
  EXPECT_TRUE(ask(81, "GET", query).starts_with(R"(40{"sid":)"));
  EXPECT_EQ(ask(80, "POST", query, R"(42["say",7])"), "ok");
  EXPECT_EQ(ask(81, "GET", query), R"(42["said",7])");
  EXPECT_EQ(ios_[0]->session_count(), 1U);
  EXPECT_EQ(ios_[1]->session_count(), 0U);
}

// Of a loop that is not there, and of one whose session has gone.
TEST_F(TwoLoops, KnowWhoIsNotThere) {
  const std::string unknown = R"({"code":1,"message":"Session ID unknown"})";
  for (const std::uint16_t number : std::initializer_list<std::uint16_t>{0, 1, 2, 999}) {
    EXPECT_EQ(ask(80, "GET",
                  "&sid=" + SessionLoops::with_number(new_id(world_.server_side.kernel), number)),
              unknown);
  }
}

TEST_F(TwoLoops, BroadcastToEachOther) {
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (const int port : {80, 81}) {
    clients.push_back(std::make_unique<SocketClient>(world_.client_side.loop,
                                                     "http://127.0.0.1:" + std::to_string(port)));
    ClientSocket& socket = clients.back()->of("/");
    socket.on("said", [this, port](int number) { heard_[port].push_back(number); });
    socket.connect();
  }
  run_for(milliseconds(50));
  clients[0]->of("/").emit("say", 1);
  run_for(milliseconds(20));
  clients[1]->of("/").emit("say", 2);
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "++");
  EXPECT_EQ(heard_[80], (std::vector<int>{1, 2}));
  EXPECT_EQ(heard_[81], (std::vector<int>{1, 2}));
}

// With half of the requests on either loop a session changes to WebSocket and loses nothing.
TEST_F(TwoLoops, ShareOnePort) {
  world_.server->redirect([](const http::Request&) { return std::nullopt; });
  const std::string opened = ask(81, "GET", "");
  const std::string sid = opened.substr(opened.find(R"("sid":")") + 7, 24);
  EXPECT_EQ(ask(80, "POST", "&sid=" + sid, "40"), "ok");
  std::vector<std::string> heard;
  ClientHandlers handlers;
  handlers.websocket.on_message = [&](Connection&, Message message) {
    heard.emplace_back(message.text());
  };
  const ConnectionId id = client_.connect(
      "ws://127.0.0.1:80/socket.io/?EIO=4&transport=websocket&sid=" + sid, std::move(handlers));
  run_for(milliseconds(10));
  client_.find(id)->send_text("2probe");
  run_for(milliseconds(5));
  EXPECT_TRUE(ask(80, "GET", "&sid=" + sid).starts_with("40{"));
  client_.find(id)->send_text("5");
  client_.find(id)->send_text(R"(42["say",3])");
  run_for(milliseconds(10));
  EXPECT_EQ(heard, (std::vector<std::string>{"3probe", R"(42["said",3])"}));
}

}  // namespace
}  // namespace duplex::events
