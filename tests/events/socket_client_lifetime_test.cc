// How clients of Socket.IO leave, are destroyed, and go on when handlers throw.
#include <stdexcept>

#include "client_stage.h"

namespace duplex::events {
namespace {

class SocketClientLifetime : public ClientStage {};

TEST_F(SocketClientLifetime, LeavesBeforeItIsLetIn) {
  script();
  lets_in_ = false;
  ClientSocket& other = connect();
  ClientSocket& socket = watch(client_->of("/a"));
  run_for(milliseconds(10));
  say(R"(0{"sid":"x"})");
  heard();
  socket.disconnect();
  EXPECT_EQ(heard(), "");
  say(R"(0/a,{"sid":"y"})");
  EXPECT_EQ(heard(), "1/a, ");
  EXPECT_FALSE(socket.connected());
  EXPECT_TRUE(other.connected());
  socket.connect();
  EXPECT_EQ(heard(), "0/a, ");
}

TEST_F(SocketClientLifetime, IsDestroyedByAnyHandler) {
  script();
  const auto destroy = [this](auto&&...) {
    client_.reset();
    log_ += "gone ";
  };
  for (int which = 0; which < 7; ++which) {
    ClientSocket& socket = connect();
    if (which == 0) socket.on_connect(destroy);
    if (which == 1) socket.on_disconnect(destroy);
    if (which == 2) socket.on("e", [destroy](const Ack&) { destroy(); });
    if (which == 3) socket.emit("ask", destroy);
    if (which == 4) socket.on_any(destroy);
    if (which == 5) socket.on_any_outgoing(destroy);
    if (which == 6) client_->on_reconnect_attempt(destroy);
    if (which == 5) socket.emit("e");
    run_for(milliseconds(20));
    say(R"(21["e"])");
    say(R"(30[])");
    lose_connection();
    run_for(seconds(2));
    EXPECT_EQ(client_, nullptr) << which;
    EXPECT_TRUE(log().ends_with("gone ")) << which;
    EXPECT_EQ(engine_->session_count(), 0U) << which;
  }
}

TEST_F(SocketClientLifetime, LeavesAndComesBackFromWithinHandlers) {
  script();
  ClientSocket& socket = connect();
  int rounds = 0;
  socket.on_connect([&](ClientSocket& self) {
    log_ += "connect ";
    if (++rounds < 4) self.disconnect();
  });
  socket.on_disconnect([&](ClientSocket& self, const ClientDisconnect&) { self.connect(); });
  run_for(milliseconds(100));
  EXPECT_EQ(log(), "connect connect connect connect ");
  EXPECT_TRUE(socket.connected());
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(SocketClientLifetime, LosesNothingToAHandlerThatThrows) {
  script();
  lets_in_ = false;
  int thrown = 0;
  world_.client_side.loop.on_exception([&](std::exception_ptr) { ++thrown; });
  ClientSocket& socket = connect();
  socket.on_any_outgoing([](std::string_view, Values) { throw std::runtime_error("no"); });
  socket.on("early", [this](int n) {
    log_ += std::to_string(n) + ' ';
    throw std::runtime_error("no");
  });
  socket.on_connect([this](ClientSocket&) {
    log_ += "connect ";
    throw std::runtime_error("no");
  });
  socket.emit("a");
  socket.emit("b");
  run_for(milliseconds(10));
  say(R"(2["early",1])");
  say(R"(2["early",2])");
  say(R"(0{"sid":"x"})");
  EXPECT_EQ(log(), "connect 1 2 ");
  EXPECT_EQ(heard(), R"(0 2["a"] 2["b"] )");
  EXPECT_EQ(thrown, 5);
}

}  // namespace
}  // namespace duplex::events
