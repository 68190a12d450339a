// What a server's user hears of why a socket has left: the reason, and in words what was wrong.
#include "../endpoint/answers.h"
#include "../support/socket_world.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Peer;
using support::RawPeer;

class DisconnectDetailTest : public support::SocketWorld {
 protected:
  void serve_with_log(SocketServerOptions options = {}) {
    serve(std::move(options));
    io_->on_connection([this](Socket& socket) {
      socket.on_disconnect([this](Socket&, const Disconnect& why) {
        log_ += std::string(describe(why.reason)) + ": " + why.detail;
      });
    });
    io_->of("/").on_disconnect([this](Socket&, const Disconnect& why) {
      EXPECT_NE(log_.find(why.detail), std::string::npos);
    });
  }
  std::unique_ptr<Peer> joined() {
    log_.clear();
    auto client = peer();
    client->join();
    return client;
  }
  std::string after(std::string_view packet) {
    const auto client = joined();
    client->say(packet);
    return log_;
  }
};

TEST_F(DisconnectDetailTest, NamesWhatIsNoPacket) {
  serve_with_log();
  EXPECT_EQ(after("x"), "parse error: packet type 'x' is not 0 to 6");
  EXPECT_EQ(after(R"(4511-["a"])"), "parse error: 11 attachments, above the limit of 10");
  EXPECT_EQ(after("2"), R"(transport error: the packet "ping")");
  // A browser's text that was cut within a character.
  const std::string cut = after(R"(42["chat","\ud83d"])");
  EXPECT_TRUE(cut.starts_with("parse error: ") && cut.find("surrogate") != std::string::npos)
      << cut;
  const auto client = joined();
  client->say_bytes("a");
  EXPECT_EQ(log_, "parse error: bytes where no attachment was to come");
}

TEST_F(DisconnectDetailTest, NamesTheRuleThatWasBroken) {
  serve_with_log({.max_namespaces_per_client = 1});
  const std::string reason = "forced server close: ";
  EXPECT_EQ(after("40"), reason + "a second connect to '/'");
  EXPECT_EQ(after("40/b,"), reason + "more than 1 namespaces");
  EXPECT_EQ(after("42/\x07,[\"a\"]"), reason + "a packet for '/?', which it has not joined");
  EXPECT_EQ(after(R"(44{"message":"x"})"), reason + "a connect error from a client");
}

TEST_F(DisconnectDetailTest, NamesLimitsAndTimes) {
  SocketServerOptions options = {.attachment_timeout = seconds(1)};
  options.engine.session.max_payload = 100;
  options.engine.send_limit = 1000;
  serve_with_log(std::move(options));
  const std::string large = after(std::string(101, '4'));
  EXPECT_TRUE(large.starts_with("transport error: the WebSocket was closed: 1006, ")) << large;
  EXPECT_NE(large.find(websocket::describe(websocket::Violation::message_too_big)),
            std::string::npos)
      << large;
  const auto waiting = joined();
  waiting->say(R"(451-["a",{"_placeholder":true,"num":0}])");
  run_for(seconds(1));
  EXPECT_EQ(log_, "parse error: no attachment within 1000 ms");
  const auto slow = joined();
  io_->emit("much", std::string(1001, 'x'));
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "transport error: more than 1000 bytes wait for it");
}

TEST_F(DisconnectDetailTest, NamesTheSilence) {
  serve_with_log();
  RawPeer peer(world_);
  const auto ask = [&peer](const std::string& method, const std::string& query,
                           const std::string& body) {
    peer.send(method + " /socket.io/?EIO=4&transport=polling" + query +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    peer.run_for(milliseconds(5));
    return parse_answers(peer.received()).back().body;
  };
  const std::string opened = ask("GET", "", "");
  const std::string sid = "&sid=" + opened.substr(opened.find(R"("sid":")") + 7, 20);
  EXPECT_EQ(ask("POST", sid, "40"), "ok");
  run_for(seconds(45));
  EXPECT_EQ(log_, "ping timeout: no heartbeat for 45000 ms");
}

TEST_F(DisconnectDetailTest, IsSilentWhereThereIsNothingToSay) {
  serve_with_log();
  EXPECT_EQ(after("41"), "client namespace disconnect: ");
  EXPECT_EQ(after("1"), R"(transport close: the packet "close")");
  const auto client = joined();
  io_->close();
  EXPECT_EQ(log_, "server shutting down: ");
}

}  // namespace
}  // namespace duplex::events
