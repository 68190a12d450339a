// Packets whose attachments do not come, and those that have too many: CVE-2026-33151.
#include "../endpoint/answers.h"
#include "../support/allocations.h"
#include "../support/socket_world.h"
#include "client_stage.h"

namespace duplex::events {
namespace {

using support::Peer;
using support::RawPeer;
using support::SocketWorld;
using support::Texts;

constexpr const char* unfinished = R"(452-["x",{"_placeholder":true,"num":0},)"
                                   R"({"_placeholder":true,"num":1}])";

class AttachmentsTest : public SocketWorld {
 protected:
  void serve_with_log(SocketServerOptions options = {}) {
    serve(std::move(options));
    io_->on_connection([this](Socket& socket) {
      socket.on("x", [this](Bytes one, Bytes two) {
        log_ += std::string(as_text(one)) + std::string(as_text(two)) + ' ';
      });
      socket.on_disconnect([this](Socket&, DisconnectReason reason) {
        log_ += std::string(describe(reason)) + ' ';
      });
    });
  }
  std::string ask(const std::string& method, const std::string& query, const std::string& body) {
    RawPeer peer(world_);
    peer.send(method + " /socket.io/?EIO=4&transport=polling" + query +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    peer.run_for(milliseconds(5));
    const auto answers = parse_answers(peer.received());
    return answers.empty() ? std::string() : answers[0].body;
  }
};

// --- What they hold meanwhile --------------------------------------------------------------------

// 40 bytes in memory for each two of its text.
TEST_F(AttachmentsTest, AreAwaitedWithTheTextOfTheirPacket) {
  serve_with_log();
  const auto client = peer();
  client->join();
  run_for(milliseconds(5));
  std::string packet = R"(451-["x",{"_placeholder":true,"num":0})";
  for (int i = 0; i < 50'000; ++i) packet += ",0";
  packet += "]";
  const std::size_t before = support::live_allocation_size();
  client->say(packet);
  run_for(milliseconds(5));
  EXPECT_LT(support::live_allocation_size() - before, 5 * packet.size());
}

// --- Those that do not come ----------------------------------------------------------------------

TEST_F(AttachmentsTest, AreNotAwaitedForEver) {
  serve_with_log();
  const auto client = peer();
  client->join();
  client->say(unfinished);
  run_for(milliseconds(44'990));
  EXPECT_FALSE(client->closed());
  run_for(milliseconds(15));
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(log_, "parse error ");
}

TEST_F(AttachmentsTest, HaveTheirTimeEachFromTheMessageBefore) {
  serve_with_log({.attachment_timeout = seconds(5)});
  const auto client = peer();
  client->join();
  client->say(unfinished);
  run_for(milliseconds(4'900));
  client->say_bytes("a");
  run_for(milliseconds(4'900));
  client->say_bytes("b");
  EXPECT_EQ(log_, "ab ");
  run_for(seconds(60));
  EXPECT_FALSE(client->closed());
  client->say(unfinished).say_bytes("a");
  run_for(milliseconds(5'000));
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(log_, "ab parse error ");
}

TEST_F(AttachmentsTest, AreNotAwaitedForEverOverPolling) {
  SocketServerOptions options;
  options.engine.session.ping_interval = seconds(1000);
  serve_with_log(std::move(options));
  const std::string opened = ask("GET", "", "");
  const std::string sid = "&sid=" + opened.substr(opened.find(R"("sid":")") + 7, 20);
  EXPECT_EQ(ask("POST", sid, "40"), "ok");
  EXPECT_EQ(ask("POST", sid, unfinished), "ok");
  run_for(seconds(44));
  EXPECT_EQ(io_->session_count(), 1U);
  run_for(seconds(1));
  EXPECT_EQ(log_, "parse error ");
  EXPECT_EQ(io_->session_count(), 0U);
}

// Who hears of it may end the server.
TEST_F(AttachmentsTest, MayBeMissedWhereTheServerEnds) {
  serve();
  io_->on_connection([this](Socket& socket) {
    socket.on_disconnect([this](Socket&, DisconnectReason) { io_.reset(); });
  });
  const auto client = peer();
  client->join();
  client->say(unfinished);
  run_for(seconds(46));
  EXPECT_FALSE(io_);
  EXPECT_TRUE(client->closed());
}

TEST_F(AttachmentsTest, AreMissedByNobodyOnceTheSessionHasEnded) {
  serve_with_log();
  const auto client = peer();
  client->join();
  client->say(unfinished);
  client->leave();
  run_for(seconds(60));
  EXPECT_EQ(log_, "transport close ");
}

// --- Those that are too many ---------------------------------------------------------------------

std::vector<Bytes> so_many(std::size_t count) { return {count, as_bytes("a")}; }

TEST_F(AttachmentsTest, AreNoMoreThanClientsTake) {
  serve_with_log();
  const auto client = peer();
  Socket& socket = *io_->of("/").find(client->join());
  const codec::JsonObject within = {{"deep", codec::JsonArray{socketio::to_json(so_many(11))}}};
  EXPECT_THROW(socket.emit("x", so_many(11)), std::length_error);
  EXPECT_THROW(socket.emit("x", so_many(5), so_many(6)), std::length_error);
  EXPECT_THROW(io_->emit("x", within), std::length_error);
  EXPECT_THROW(io_->to("room").emit("x", so_many(11), [](AckReply&) {}), std::length_error);
  run_for(milliseconds(5));
  EXPECT_EQ(client->take(), Texts());
  socket.emit("x", so_many(10));
  run_for(milliseconds(5));
  EXPECT_EQ(client->take().size(), 11U);
}

TEST_F(AttachmentsTest, SayHowManyAreTooMany) {
  serve({.packets = {.max_attachments = 1}});
  try {
    io_->emit("x", so_many(2));
    FAIL();
  } catch (const std::length_error& error) {
    EXPECT_STREQ(error.what(), "2 attachments, above the limit of 1");
  }
}

TEST_F(AttachmentsTest, OfAnAnswerAreNoMoreEither) {
  serve();
  io_->on_connection([this](Socket& socket) {
    socket.on("ask", [this](const Ack& ack) {
      try {
        ack(so_many(11));
      } catch (const std::length_error& error) {
        log_ += error.what();
      }
    });
  });
  const auto client = peer();
  client->join();
  client->say(R"(421["ask"])");
  EXPECT_EQ(client->take(), Texts());
  EXPECT_EQ(log_, "11 attachments, above the limit of 10");
  EXPECT_FALSE(client->closed());
}

TEST_F(AttachmentsTest, AreNoneInMessagePack) {
  serve({.parser = socketio::Parser::msgpack});
  const auto client = peer();
  client->say_bytes(as_text(socketio::encode_msgpack({.type = socketio::PacketType::connect})));
  client->take();
  io_->emit("x", so_many(11));
  run_for(milliseconds(5));
  EXPECT_EQ(client->take().size(), 1U);
}

class ClientAttachmentsTest : public ClientStage {};

TEST_F(ClientAttachmentsTest, AreNotAwaitedForEver) {
  script();
  SocketClientOptions options = websocket_only();
  options.attachment_timeout = seconds(5);
  ClientSocket& socket = connect(std::move(options));
  std::string detail;
  socket.on_disconnect([&](ClientSocket&, const ClientDisconnect& why) { detail = why.detail; });
  run_for(milliseconds(10));
  say(unfinished + 1);
  run_for(milliseconds(4'990));
  EXPECT_TRUE(socket.connected());
  run_for(milliseconds(10));
  EXPECT_FALSE(socket.connected());
  EXPECT_EQ(detail, "no attachment within 5000 ms");
  run_for(seconds(10));
  EXPECT_TRUE(socket.connected()) << "again, and nothing is missing";
}

TEST_F(ClientAttachmentsTest, AreMissedByNobodyOnceTheConnectionIsLost) {
  script();
  connect();
  run_for(milliseconds(10));
  say(unfinished + 1);
  lose_connection();
  run_for(seconds(60));
  EXPECT_EQ(log(), "connect [transport close] connect ");
}

}  // namespace
}  // namespace duplex::events
