// Clients that try to be something that other servers cannot be told.
#include "stream_stage.h"

namespace duplex::cluster {
namespace {

using events::Json;

std::string nested(int depth) {
  const auto times = static_cast<std::size_t>(depth);
  return std::string(times, '[') + std::string(times, ']');
}

class HostileClientsTest : public StreamStage, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    constexpr std::array<Make, 3> makes = {redis_pubsub, redis_sharded, streams};
    serve_both(makes[static_cast<std::size_t>(GetParam())], socketio::RecoveryOptions());
  }
  // A client whose bytes are no text.
  void connect(const std::string& query, ConnectOptions options) {
    ClientHandlers handlers;
    handlers.websocket.on_message = [](Connection& connection, Message message) {
      if (message.text().starts_with("0{")) connection.send_text("40");
    };
    client_.connect("ws://127.0.0.1:80/a/?EIO=4&transport=websocket&" + query, std::move(handlers),
                    std::move(options));
    pass(milliseconds(50));
  }
};

INSTANTIATE_TEST_SUITE_P(EachAdapter, HostileClientsTest, testing::Values(0, 1, 2));

TEST_P(HostileClientsTest, DoNotHideAServerByBytesThatAreNoText) {
  connect("x=%ffa&%fe=b", {.fields = {{"X", "\xc3\xa9\xff\xe2\x82.\xe2\x82"}}});
  const auto fetched = fetched_by_b(milliseconds(50));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->silent_servers, 0U);
  ASSERT_EQ(fetched->sockets.size(), 3U);
  for (const auto& socket : fetched->sockets) {
    const Json* const x = socket.handshake.find("headers")->find("x");
    if (x == nullptr) continue;
    log_ += *x->text() + " " + codec::write_json(*socket.handshake.find("query"));
  }
  EXPECT_EQ(log_,
            "\u00e9\ufffd\ufffd\ufffd.\ufffd\ufffd "
            R"({"EIO":"4","transport":"websocket","x":")"
            "\ufffd"
            R"(a",")"
            "\ufffd"
            R"(":"b"})");
  EXPECT_EQ(complaints_, "");
}

TEST_P(HostileClientsTest, DoNotHideAServerByTheDepthOfWhatTheySay) {
  const auto client = peer("/a/");
  client->join("/", R"({"a":)" + nested(63) + "}");
  pass(milliseconds(20));
  const auto fetched = fetched_by_b(milliseconds(50));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->silent_servers, 0U);
  EXPECT_EQ(fetched->sockets.size(), 3U);
  EXPECT_EQ(complaints_, "");
}

TEST_P(HostileClientsTest, AreHeardAsDeepAsTheyMaySpeak) {
  in_a().on("say", [this](events::Values values, const events::Ack&) { a_->emit("n", values[0]); });
  at_a_->say(R"(42["say",)" + nested(63) + "]");
  pass(milliseconds(30));
  EXPECT_EQ(at_b_->take().size(), 1U);
  EXPECT_EQ(complaints_, "");
}

}  // namespace
}  // namespace duplex::cluster
