// The lab page's own WebSocket, and what it asks once a second.
#include "../../tools/duplex/lab/lab_socket.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/lab/lab_state.h"
#include "../support/simulated.h"
#include "duplex/codec/json.h"

namespace duplex::tools::lab {
namespace {

using namespace std::chrono_literals;

class LabSocketTest : public testing::Test {
 protected:
  LabSocketTest() {
    socket_.add_route();
    ClientHandlers handlers;
    handlers.websocket.on_open = [this](Connection& peer, const auto&) { id_ = peer.id(); };
    handlers.websocket.on_message = [this](Connection&, Message message) {
      heard_ = message.text();
    };
    client_.connect("ws://127.0.0.1/lab/socket?x", std::move(handlers),
                    {.fields = {{"Cookie", "secret=1"}, {"X-Plain", "shown"}}});
    world_.runner.run_for(20ms);
  }

  codec::JsonValue ask(std::string_view question) {
    client_.find(id_)->send_text(question);
    world_.runner.run_for(20ms);
    auto answer = codec::parse_json(heard_);
    EXPECT_TRUE(answer.has_value()) << heard_;
    return answer.has_value() ? std::move(*answer) : codec::JsonValue();
  }

  support::SimulatedServer world_;
  LabSocket socket_{*world_.server};
  Client client_{world_.client_side.loop};
  ConnectionId id_ = {};
  std::string heard_;
};

TEST_F(LabSocketTest, TellsTheClockThatStampsEvents) {
  const auto before = world_.world.now().time_since_epoch().count();
  const auto answer = ask("clock 7");
  EXPECT_EQ(*answer.find("clock")->text(), "7");
  EXPECT_EQ(*answer.find("now")->integer() - before, std::chrono::nanoseconds(1ms).count());
}

TEST_F(LabSocketTest, ALongTokenComesBackCut) {
  EXPECT_EQ(ask("clock " + std::string(900, '7')).find("clock")->text()->size(), 64U);
}

TEST_F(LabSocketTest, SaysHowItBegan) {
  const auto answer = ask("hello");
  const codec::JsonValue& hello = *answer.find("hello");
  EXPECT_EQ(*hello.find("request")->find("target")->text(), "/lab/socket?x");
  EXPECT_EQ(hello.find("accept")->text()->size(), 28U);
  EXPECT_NE(heard_.find("\"shown\""), std::string::npos);
  EXPECT_EQ(heard_.find("secret"), std::string::npos) << "cookies are not shown";
}

TEST_F(LabSocketTest, WithoutTcpThereIsNothingToTell) {
  const auto answer = ask("tcp");
  EXPECT_TRUE(answer.find("tcp")->is_null());
  EXPECT_EQ(*answer.find("address")->text(), "127.0.0.1");
}

TEST_F(LabSocketTest, EchoesAText) {
  EXPECT_EQ(*ask("echo a \"b\" c").find("echo")->text(), "a \"b\" c");
  EXPECT_EQ(*ask("echo").find("echo")->text(), "");
}

TEST_F(LabSocketTest, SaysWhatMayBeAsked) {
  for (const char* question : {"", "time", "Clock 1", "clock1"}) {
    EXPECT_NE(ask(question).find("error"), nullptr) << question;
  }
}

TEST(LabState, IsTheCountersAndTheLanes) {
  LabState state;
  state.server.stats.requests = 3;
  state.server.calls[0] = 4;
  state.server.calls[5] = 5;
  state.now = std::chrono::nanoseconds(123);
  state.cpu_seconds = 1.5;
  state.resident_size = 4096;
  state.lanes[static_cast<std::size_t>(LaneName::lp)].bytes_received = 77;
  const auto json = codec::parse_json(state_json(state));
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->find("now")->integer(), 123);
  EXPECT_EQ(json->find("server")->find("requests")->integer(), 3);
  EXPECT_EQ(json->find("server")->find("syscalls")->integer(), 9);
  EXPECT_EQ(json->find("server")->find("cpu_seconds")->number(), 1.5);
  EXPECT_EQ(json->find("server")->find("resident_bytes")->integer(), 4096);
  EXPECT_EQ(json->find("lanes")->find("lp")->find("bytes_received")->integer(), 77);
  EXPECT_EQ(json->find("lanes")->find("ws")->find("bytes_received")->integer(), 0);
}

}  // namespace
}  // namespace duplex::tools::lab
