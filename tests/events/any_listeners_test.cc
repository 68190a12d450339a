// Handlers that hear every event of a socket, on both sides.
#include "../support/socket_world.h"
#include "client_stage.h"

namespace duplex::events {
namespace {

AnyHandler noting_in(std::string& log, char name) {
  return [&log, name](std::string_view event, Values) { log += name + std::string(event) + ' '; };
}

class ServerAnyTest : public support::SocketWorld {
 protected:
  AnyHandler noting(char name) { return noting_in(log_, name); }
};

TEST_F(ServerAnyTest, HearInTheirOrderUntilTheyAreRemoved) {
  serve();
  io_->on_connection([this](Socket& socket) {
    socket.on_any(noting('2')).prepend_any(noting('1')).on("e", [this] { log_ += "own "; });
    socket.on("off", [&socket] { socket.off_any(); });
  });
  const auto client = peer();
  client->join();
  client->say(R"(42["e"])");
  EXPECT_EQ(log_, "1e 2e own ");
  client->say(R"(42["off"])").say(R"(42["e"])");
  EXPECT_EQ(log_, "1e 2e own 1off 2off own ");
}

TEST_F(ServerAnyTest, HearWhatIsSentUntilTheyAreRemoved) {
  serve();
  const auto client = peer();
  Socket& socket = *io_->of("/").find(client->join());
  socket.prepend_any_outgoing(noting('2')).prepend_any_outgoing(noting('1'));
  socket.on_any_outgoing(noting('3'));
  socket.emit("a");
  io_->emit("b");
  EXPECT_EQ(log_, "1a 2a 3a 1b 2b 3b ");
  log_.clear();
  socket.off_any_outgoing();
  socket.emit("a");
  io_->emit("b");
  EXPECT_EQ(log_, "");
}

// The rest of them hear no more of an event that sends their listeners away.
TEST_F(ServerAnyTest, MayBeRemovedFromWithin) {
  serve();
  io_->on_connection([this](Socket& socket) {
    socket.on_any([this, &socket](std::string_view, Values) {
      socket.off_any().on_any(noting('n'));
      log_ += "off ";
    });
    socket.on_any(noting('2'));
  });
  const auto client = peer();
  client->join();
  client->say(R"(42["e"])").say(R"(42["e"])");
  EXPECT_EQ(log_, "off ne ");
}

class ClientAnyTest : public ClientStage {
 protected:
  AnyHandler noting(char name) { return noting_in(log_, name); }
};

TEST_F(ClientAnyTest, HearInTheirOrderUntilTheyAreRemoved) {
  script();
  ClientSocket& socket = connect();
  socket.on_any(noting('2')).prepend_any(noting('1'));
  socket.on_any_outgoing(noting('4')).prepend_any_outgoing(noting('3'));
  run_for(milliseconds(10));
  log();
  say(R"(2["in"])");
  socket.emit("out");
  EXPECT_EQ(log(), "1in 2in 3out 4out ");
  socket.off_any().off_any_outgoing();
  say(R"(2["in"])");
  socket.emit("out");
  EXPECT_EQ(log(), "");
}

TEST_F(ClientAnyTest, HearNoMoreOnceItHasLeft) {
  script();
  ClientSocket& socket = connect();
  socket.on_any([&socket](std::string_view, Values) { socket.disconnect(); });
  socket.on_any(noting('2'));
  run_for(milliseconds(10));
  log();
  say(R"(2["in"])");
  EXPECT_EQ(log(), "[io client disconnect] ");
}

}  // namespace
}  // namespace duplex::events
