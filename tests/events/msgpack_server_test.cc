// A Socket.IO server whose parser is msgpack: every packet is one message of bytes.
#include "../endpoint/answers.h"
#include "../support/socket_world.h"
#include "duplex/codec/base64.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {
namespace {

using socketio::Packet;
using socketio::PacketType;
using std::chrono::milliseconds;
using support::Peer;
using support::RawPeer;
using support::SocketWorld;
using support::Texts;

class MsgpackServerTest : public SocketWorld {
 protected:
  void serve_msgpack(socketio::PacketLimits limits = {}) {
    SocketServerOptions options;
    options.parser = socketio::Parser::msgpack;
    options.packets = limits;
    serve(std::move(options));
    io_->on_connection([this](Socket& socket) {
      socket.on("echo", [&socket](const Json& value, const Ack& ack) {
        socket.emit("echoed", value);
        ack(value);
      });
      socket.on_disconnect([this](Socket&, DisconnectReason reason) {
        log_ += std::string(describe(reason)) + ' ';
      });
    });
  }
  static void say(Peer& peer, const Packet& packet) {
    peer.say_bytes(as_text(socketio::encode_msgpack(packet)));
  }
  static Packet event(codec::JsonArray values, std::optional<std::uint64_t> id = {}) {
    return {.ack_id = id, .data = Json(std::move(values))};
  }
  // What has been heard, as text: "2[...]".
  static Texts take(Peer& peer) {
    Texts all;
    for (const std::string& message : peer.take()) {
      const auto packet = socketio::decode_msgpack(as_bytes(message));
      all.push_back(packet ? socketio::encode(*packet).text : packet.error());
    }
    return all;
  }
  std::unique_ptr<Peer> joined() {
    auto client = peer();
    say(*client, {.type = PacketType::connect});
    take(*client);
    return client;
  }
};

TEST_F(MsgpackServerTest, SpeaksInMessagesOfBytes) {
  serve_msgpack();
  const auto client = peer();
  say(*client, {.type = PacketType::connect});
  EXPECT_TRUE(take(*client).at(0).starts_with(R"(0{"sid":")"));
  say(*client, event({"echo", codec::JsonObject{{"a", 1}}}, 7));
  EXPECT_EQ(take(*client), (Texts{R"(2["echoed",{"a":1}])", R"(37[{"a":1}])"}));
  say(*client, {.type = PacketType::connect, .nsp = "/none"});
  EXPECT_EQ(take(*client), Texts{R"(4/none,{"message":"Invalid namespace"})"});
}

TEST_F(MsgpackServerTest, HasBytesWithinThePacket) {
  serve_msgpack();
  const auto client = joined();
  const codec::JsonBytes bytes = {std::byte{1}, std::byte{2}};
  say(*client, event({"echo", bytes}));
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0], as_text(socketio::encode_msgpack(event({"echoed", bytes}))));
}

TEST_F(MsgpackServerTest, EmitsToMany) {
  serve_msgpack();
  const auto one = joined();
  const auto two = joined();
  io_->emit("news", "all");
  run_for(milliseconds(5));
  EXPECT_EQ(take(*one), Texts{R"(2["news","all"])"});
  EXPECT_EQ(take(*two), Texts{R"(2["news","all"])"});
}

TEST_F(MsgpackServerTest, SpeaksBase64OverPolling) {
  serve_msgpack();
  const auto ask = [this](const std::string& method, const std::string& query,
                          const std::string& body) {
    RawPeer peer(world_);
    peer.send(method + " /socket.io/?EIO=4&transport=polling" + query +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    peer.run_for(milliseconds(5));
    return parse_answers(peer.received()).at(0).body;
  };
  const std::string opened = ask("GET", "", "");
  const std::string sid = "&sid=" + opened.substr(opened.find(R"("sid":")") + 7, 20);
  const std::string connect =
      "b" + codec::base64_encode(socketio::encode_msgpack({.type = PacketType::connect}));
  EXPECT_EQ(ask("POST", sid, connect), "ok");
  const std::string answer = ask("GET", sid, "");
  ASSERT_TRUE(answer.starts_with("b")) << answer;
  const auto bytes = codec::base64_decode(answer.substr(1));
  ASSERT_TRUE(bytes);
  const auto packet = socketio::decode_msgpack(*bytes);
  ASSERT_TRUE(packet) << packet.error();
  EXPECT_EQ(packet->type, PacketType::connect);
}

TEST_F(MsgpackServerTest, ClosesForWhatIsNoPacket) {
  serve_msgpack({.max_nsp_size = 8, .json = {.max_depth = 8, .max_values = 20}});
  const auto bytes_of = [](const Packet& packet) {
    return std::string(as_text(socketio::encode_msgpack(packet)));
  };
  const std::string rows[] = {
      "",
      "\xc1",
      "\x80",
      std::string("\x81\xa4type\x05"),
      bytes_of(event({"connect"})),
      bytes_of({.nsp = "/too-long", .data = Json(codec::JsonArray{"echo", 1})}),
      bytes_of(event({"echo", codec::JsonArray(30)}))};
  for (const std::string& row : rows) {
    log_.clear();
    const auto client = joined();
    client->say_bytes(row);
    EXPECT_TRUE(client->closed()) << row;
    EXPECT_EQ(log_, "parse error ") << row;
  }
  log_.clear();
  const auto client = joined();
  client->say(R"(42["echo",1])");
  EXPECT_EQ(log_, "parse error ");
  EXPECT_TRUE(client->closed());
}

}  // namespace
}  // namespace duplex::events
