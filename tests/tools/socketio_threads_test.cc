// Socket.IO of `serve` over real sockets and two threads that share a port: the requests of one
// session land on either, and rooms span both.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "two_serve_loops.h"

namespace duplex::tools {
namespace {

class SocketioThreadsTest : public TwoServeLoops {
 protected:
  SocketioThreadsTest() : TwoServeLoops(with_rooms()) {}

  static ServeOptions with_rooms() {
    ServeOptions options;
    options.socketio = std::make_shared<SocketCluster>();
    options.socketio->is_alone = false;
    return options;
  }
  // So many clients over these transports, all of them in room "r".
  std::vector<socketio::ClientSocket*> join(std::size_t count,
                                            std::vector<engineio::Transport> transports) {
    std::vector<socketio::ClientSocket*> sockets;
    std::size_t joined = 0;
    for (std::size_t i = 0; i < count; ++i) {
      socketio::ClientOptions options;
      options.engine.transports = transports;
      sockets.push_back(&clients_.emplace_back(loop_, "http://" + base_, options).of("/"));
      sockets.back()->emit("join", "r", [&](const socketio::AckReply&) { ++joined; });
    }
    until([&] { return joined == count; });
    return sockets;
  }
  // Each one says ten things to the others: everybody hears all of them, those of one in order.
  void chat(const std::vector<socketio::ClientSocket*>& sockets) {
    constexpr int each = 10;
    std::size_t heard = 0;
    std::map<std::pair<std::size_t, std::string>, int> next;
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      sockets[i]->on("chat",
                     [&, i](const std::string&, const std::string& from, const std::string& text) {
                       EXPECT_EQ(text, std::to_string(next[{i, from}]++));
                       ++heard;
                     });
    }
    for (int n = 0; n < each; ++n) {
      for (auto* const socket : sockets) socket->emit("chat", "r", std::to_string(n));
    }
    until([&] { return heard >= sockets.size() * (sockets.size() - 1) * each; });
    for (auto* const socket : sockets) socket->off("chat");
    EXPECT_EQ(heard, sockets.size() * (sockets.size() - 1) * each);
  }

  std::deque<socketio::Client> clients_;
};

TEST_F(SocketioThreadsTest, PollsFindTheirSessionOnEitherThread) {
  chat(join(8, {engineio::Transport::polling}));
}

TEST_F(SocketioThreadsTest, SessionsChangeTheirTransportOnEitherThread) {
  const auto sockets = join(8, {engineio::Transport::polling, engineio::Transport::websocket});
  chat(sockets);
  until([&] {
    return std::ranges::all_of(clients_, [](const socketio::Client& client) {
      return client.transport() == engineio::Transport::websocket;
    });
  });
  chat(sockets);
}

TEST_F(SocketioThreadsTest, RoomsSpanBothThreads) {
  const auto sockets = join(8, {engineio::Transport::websocket});
  chat(sockets);
  std::optional<std::int64_t> there;
  sockets[0]->emit("join", "r", [&](const socketio::AckReply& reply) {
    there = reply.values.empty() ? 0 : reply.values[0].integer();
  });
  until([&] { return there.has_value(); });
  EXPECT_EQ(there, 8);  // on both
}

}  // namespace
}  // namespace duplex::tools
