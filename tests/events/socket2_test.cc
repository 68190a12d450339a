// Clients of Socket.IO 2: protocol 4, on sessions of revision 3 of Engine.IO.
#include "../support/socket_world.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Peer;
using support::SocketWorld;
using support::Texts;

class Socket2Test : public SocketWorld {
 protected:
  void serve_all(SocketServerOptions options = {}) {
    options.engine.allow_eio3 = true;
    serve(std::move(options));
    io_->on_connection([this](Socket& socket) { greet(socket); });
    io_->of("/chat").on_connection([this](Socket& socket) { greet(socket); });
    io_->of("/guarded").use([](Socket& socket, const Next& next) {
      const Json* const token = socket.handshake().auth.find("token");
      if (token == nullptr) return next(Refusal{"no token"});
      next(Refusal{"wrong token", codec::JsonObject{{"token", *token}}});
    });
  }
  void greet(Socket& socket) {
    log_ += socket.nsp().name() + codec::write_json(socket.handshake().auth) + ' ';
    socket.on("echo", [&socket](Values values, const Ack& ack) {
      socket.emit("echoed", values[0]);
      ack(values[0]);
    });
    socket.on_disconnect(
        [this](Socket&, DisconnectReason reason) { log_ += std::string(describe(reason)) + ' '; });
  }
};

TEST_F(Socket2Test, AreInTheRootFromTheBeginning) {
  serve_all();
  const auto client = old_peer();
  EXPECT_EQ(client->take(), Texts{"40"});
  EXPECT_EQ(log_, "/{} ");
  EXPECT_NE(io_->of("/").find(client->sid()), nullptr);
  client->say(R"(42["echo",1])").say(R"(4213["echo","x"])");
  EXPECT_EQ(client->take(), (Texts{R"(42["echoed",1])", R"(42["echoed","x"])", R"(4313["x"])"}));
  io_->to(client->sid()).emit("to you");
  run_for(milliseconds(5));
  EXPECT_EQ(client->take(), Texts{R"(42["to you"])"});
  client->say("41");
  EXPECT_EQ(log_, "/{} client namespace disconnect ");
  EXPECT_FALSE(client->closed());
}

TEST_F(Socket2Test, SayInTheQueryWhoTheyAre) {
  serve_all();
  const auto client = old_peer();
  client->take();
  client->say("40/chat?token=a%20b&n=1&n=2&bad=%ff,");
  EXPECT_EQ(client->take(), Texts{"40/chat,"});
  EXPECT_EQ(log_, R"(/{} /chat{"token":"a b","n":"1"} )");
  EXPECT_NE(io_->of("/chat").find("/chat#" + client->sid()), nullptr);
  client->say(R"(42/chat,["echo",1])");
  EXPECT_EQ(client->take(), Texts{R"(42/chat,["echoed",1])"});
}

TEST_F(Socket2Test, AreRefusedInTheirWords) {
  serve_all();
  const auto client = old_peer();
  client->take();
  client->say("40/none,").say("40/guarded,").say("40/guarded?token=x,");
  EXPECT_EQ(client->take(), (Texts{R"(44/none,"Invalid namespace")", R"(44/guarded,"no token")",
                                   R"(44/guarded,{"token":"x"})"}));
  EXPECT_FALSE(client->closed());
}

TEST_F(Socket2Test, SendBytesBehindTheirType) {
  serve_all();
  const auto client = old_peer();
  client->take();
  client->say(R"(451-["echo",{"_placeholder":true,"num":0}])").say_bytes("\x04\x01\x02");
  EXPECT_EQ(client->take(),
            (Texts{R"(451-["echoed",{"_placeholder":true,"num":0}])", "\x04\x01\x02"}));
}

TEST_F(Socket2Test, HearTheSameAsOthers) {
  serve_all();
  const auto old = old_peer();
  const auto client = peer();
  client->join();
  old->take();
  io_->emit("text");
  io_->emit("bytes", as_bytes("\x01"));
  run_for(milliseconds(5));
  const std::string head = R"(451-["bytes",{"_placeholder":true,"num":0}])";
  EXPECT_EQ(client->take(), (Texts{R"(42["text"])", head, "\x01"}));
  EXPECT_EQ(old->take(), (Texts{R"(42["text"])", head, "\x04\x01"}));
}

TEST_F(Socket2Test, MustNotJoinTwice) {
  serve_all();
  for (const char* packet : {"40", "40?a=b", R"(42/chat,["early"])", R"(44"x")"}) {
    const auto client = old_peer();
    client->say(packet);
    EXPECT_TRUE(client->closed()) << packet;
  }
}

TEST_F(Socket2Test, AreRefusedWithoutTheOption) {
  serve();
  const auto client = old_peer();
  EXPECT_EQ(client->sid(), "");
}

TEST_F(Socket2Test, MayBeSentAwayAtOnce) {
  serve_all();
  io_->on_connection([](Socket& socket) { socket.disconnect(true); });
  const auto client = old_peer();
  run_for(milliseconds(5));
  EXPECT_EQ(client->take(), (Texts{"40", "41"}));
  EXPECT_TRUE(client->closed());
}

TEST_F(Socket2Test, WaitForTheMiddlewareOnlySoLong) {
  Next kept;
  serve_all({.connect_timeout = seconds(5)});
  io_->use([&](Socket&, const Next& next) { kept = next; });
  const auto client = old_peer();
  run_for(seconds(6));
  EXPECT_TRUE(client->closed());
}

}  // namespace
}  // namespace duplex::events
