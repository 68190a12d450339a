// Sockets of a Socket.IO server: joining, events, acknowledgements, leaving.
#include "duplex/events/socket_server.h"

#include "../support/socket_world.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Peer;
using support::SocketWorld;
using support::Texts;

class SocketServerTest : public SocketWorld {
 protected:
  // Says what happens to sockets of "/".
  void serve_with_log(std::function<void(Socket&)> more = {}, SocketServerOptions options = {}) {
    serve(std::move(options));
    io_->on_connection([this, more](Socket& socket) {
      log_ += "in ";
      socket.on_disconnect([this](Socket&, DisconnectReason reason) {
        log_ += std::string(describe(reason)) + ' ';
      });
      socket.on_error([this](std::string_view event, std::string_view why) {
        log_ += std::string(event) + ": " + std::string(why) + ' ';
      });
      if (more) more(socket);
    });
  }
};

TEST_F(SocketServerTest, LetsClientsJoin) {
  serve_with_log();
  const auto client = peer();
  client->say("40");
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].substr(0, 10), R"(40{"sid":")");
  EXPECT_EQ(heard[0].size(), 10 + 20 + 2U);
  EXPECT_EQ(log_, "in ");
  EXPECT_EQ(io_->of("/").socket_count(), 1U);
}

TEST_F(SocketServerTest, EchoesEventsByteForByte) {
  serve_with_log([](Socket& socket) {
    socket.on("message", [&socket](Values values) {
      Event event = socketio::make_event("message-back");
      event.values.insert(event.values.end(), values.begin(), values.end());
      socket.send(std::move(event));
    });
  });
  const auto client = peer();
  client->join();
  client->say(R"(42["message",1,"2",{"3":[true,null]}])");
  EXPECT_EQ(client->take(), Texts{R"(42["message-back",1,"2",{"3":[true,null]}])"});
  client->say(R"(452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  client->say_bytes("\x01\x02").say_bytes("\x03");
  EXPECT_EQ(client->take(), (Texts{R"(452-["message-back",{"_placeholder":true,"num":0},)"
                                   R"({"_placeholder":true,"num":1}])",
                                   "\x01\x02", "\x03"}));
}

TEST_F(SocketServerTest, AnswersAcknowledgements) {
  serve_with_log([](Socket& socket) {
    socket.on("sum", [](int a, int b, const Ack& ack) { ack("ok", a + b); });
    socket.on("bytes", [](Bytes bytes, const Ack& ack) { ack(bytes); });
  });
  const auto client = peer();
  client->join();
  client->say(R"(420["sum",1,2])").say(R"(42["sum",1,2])");
  EXPECT_EQ(client->take(), Texts{R"(430["ok",3])"});
  client->say(R"(451-789["bytes",{"_placeholder":true,"num":0}])").say_bytes("\x07");
  EXPECT_EQ(client->take(), (Texts{R"(461-789[{"_placeholder":true,"num":0}])", "\x07"}));
}

TEST_F(SocketServerTest, AnswersLaterUnlessTheClientHasGone) {
  Ack kept;
  serve_with_log(
      [&](Socket& socket) { socket.on("later", [&kept](const Ack& ack) { kept = ack; }); });
  const auto client = peer();
  client->join();
  client->say(R"(427["later"])");
  kept(1);
  kept(2);
  run_for(milliseconds(5));
  EXPECT_EQ(client->take(), Texts{"437[1]"});
  client->say(R"(428["later"])");
  client->leave();
  kept(3);
  EXPECT_EQ(log_, "in transport close ");
}

TEST_F(SocketServerTest, AsksForAcknowledgements) {
  std::string replies;
  serve_with_log([&](Socket& socket) {
    const auto taker = [&](AckReply& reply) {
      replies += std::to_string(static_cast<int>(reply.status)) +
                 codec::write_json(Json(reply.values)) + ' ';
    };
    socket.emit("first", 1, taker);
    socket.timeout(milliseconds(100)).emit("second", taker);
    socket.emit("third", taker);
  });
  const auto client = peer();
  client->say("40");
  Texts heard = client->take();
  ASSERT_EQ(heard.size(), 4U);
  EXPECT_EQ(heard[1], R"(420["first",1])");
  EXPECT_EQ(heard[2], R"(421["second"])");
  client->say(R"(430["a",2])").say(R"(430["again"])").say("4399[]");
  EXPECT_EQ(replies, R"(0["a",2] )");
  run_for(milliseconds(100));
  EXPECT_EQ(replies, R"(0["a",2] 1[] )");
  client->say(R"(431["late"])");
  client->leave();
  EXPECT_EQ(replies, R"(0["a",2] 1[] 2[] )");
}

TEST_F(SocketServerTest, TellsWhoIsGoneThatItIs) {
  std::string replies;
  serve_with_log([&](Socket& socket) {
    socket.disconnect();
    socket.emit("late", [&](AckReply& reply) {
      replies += std::to_string(static_cast<int>(reply.status));
    });
    EXPECT_EQ(replies, "");  // not from inside the call
  });
  const auto client = peer();
  client->say("40");
  EXPECT_EQ(replies, "2");
  EXPECT_EQ(client->take().back(), "41");
  EXPECT_FALSE(client->closed());
  EXPECT_EQ(log_, "in server namespace disconnect ");
}

TEST_F(SocketServerTest, KeepsOtherShapesFromHandlers) {
  serve_with_log([](Socket& socket) { socket.on("move", [](int, const std::string&) {}); });
  const auto client = peer();
  client->join();
  client->say(R"(42["move","far"])");
  EXPECT_EQ(log_, "in move: argument 1 is a text, where an integer in range was expected ");
  EXPECT_FALSE(client->closed());
}

TEST_F(SocketServerTest, FiltersEvents) {
  serve_with_log([&](Socket& socket) {
    socket.use([](std::string_view event, Values) {
      return event == "secret" ? std::optional<std::string>("not for you") : std::nullopt;
    });
    socket.on_any([&](std::string_view event, Values values) {
      log_ += "any " + std::string(event) + std::to_string(values.size()) + ' ';
    });
    socket.on("open", [&] { log_ += "open "; });
    socket.on("secret", [&] { log_ += "secret "; });
  });
  const auto client = peer();
  client->join();
  client->say(R"(42["open",1])").say(R"(42["secret"])").say(R"(42[7,8])");
  EXPECT_EQ(log_, "in any open1 open secret: not for you any 71 ");
}

TEST_F(SocketServerTest, HearsWhatIsSent) {
  serve_with_log([&](Socket& socket) {
    socket.on_any_outgoing([&](std::string_view event, Values values) {
      log_ += std::string(event) + std::to_string(values.size()) + ' ';
    });
    socket.emit("one", 1, 2);
  });
  const auto client = peer();
  client->join();
  io_->emit("all", 1);
  EXPECT_EQ(log_, "in one2 all1 ");
}

TEST_F(SocketServerTest, ForgetsListeners) {
  serve_with_log([&](Socket& socket) {
    socket.once("a", [&] { log_ += "once "; });
    socket.on("b", [&] { log_ += "b "; });
    socket.on("off", [&socket] { socket.off("b"); });
  });
  const auto client = peer();
  client->join();
  client->say(R"(42["a"])").say(R"(42["a"])").say(R"(42["b"])");
  client->say(R"(42["off"])").say(R"(42["b"])");
  EXPECT_EQ(log_, "in once b ");
}

// What Socket.IO's own server closes for, row by row.
TEST_F(SocketServerTest, ClosesForWhatBreaksTheRules) {
  serve_with_log({}, {.max_namespaces_per_client = 1});
  for (const char* const packet :
       {"40", "42", "42[]", "42{}", R"(42["connect"])", R"(42["disconnecting"])", "4abc",
        R"(42abc["a"])", R"(42/other,["a"])", R"(44{"message":"x"})", "40/other", R"(450-["a"])",
        "4", "7", "2", R"(4511-["a"])"}) {
    const auto client = peer();
    client->join();
    client->say(packet);
    EXPECT_TRUE(client->closed()) << packet;
  }
  for (const char* const packet : {R"(42["a"])", R"(40[])", R"(40"x")", "41", R"(430[])"}) {
    const auto client = peer();
    client->say(packet);
    EXPECT_TRUE(client->closed()) << packet;
  }
}

TEST_F(SocketServerTest, ToleratesWhatItsClientsAreKnownToSend) {
  serve_with_log();
  const auto client = peer();
  client->join();
  client->say("3").say("6").say("4399[1]").say("42[1,2]");
  EXPECT_FALSE(client->closed());
}

TEST_F(SocketServerTest, SaysWhySocketsLeave) {
  serve_with_log([](Socket& socket) {
    socket.on("kick", [&socket] { socket.disconnect(); });
    socket.on("close", [&socket] { socket.disconnect(true); });
  });
  const auto left = [this](std::string_view packet) {
    log_.clear();
    const auto client = peer();
    client->join();
    client->say(packet);
    return log_;
  };
  EXPECT_EQ(left("41"), "in client namespace disconnect ");
  EXPECT_EQ(left(R"(42["kick"])"), "in server namespace disconnect ");
  EXPECT_EQ(left(R"(42["close"])"), "in server namespace disconnect ");
  EXPECT_EQ(left("1"), "in transport close ");
  EXPECT_EQ(left("4x"), "in parse error ");
  EXPECT_EQ(left("x"), "in parse error ");
  EXPECT_EQ(left("40"), "in forced server close ");
  EXPECT_EQ(left("2"), "in transport error ");
}

TEST_F(SocketServerTest, JoinsAgainAfterLeaving) {
  serve_with_log();
  const auto client = peer();
  const std::string first = client->join();
  client->say("41");
  const std::string second = client->join();
  EXPECT_EQ(second.size(), 20U);
  EXPECT_NE(first, second);
  EXPECT_EQ(log_, "in client namespace disconnect in ");
}

TEST_F(SocketServerTest, WaitsForAClientToJoin) {
  serve_with_log({}, {.connect_timeout = seconds(5)});
  const auto idle = peer();
  const auto joined = peer();
  joined->join();
  run_for(seconds(6));
  EXPECT_TRUE(idle->closed());
  EXPECT_FALSE(joined->closed());
}

TEST_F(SocketServerTest, KnowsWhatTheClientSaidWhenItCame) {
  serve_with_log([&](Socket& socket) {
    log_ += codec::write_json(socket.handshake().auth) +
            std::string(socket.handshake().request->view().target) + ' ' +
            socket.handshake().address.host();
  });
  const auto client = peer();
  client->join("/", R"({"token":"abc"})");
  EXPECT_EQ(log_, R"(in {"token":"abc"}/socket.io/?EIO=4&transport=websocket&token=a 127.0.0.1)");
}

TEST_F(SocketServerTest, HasAnObjectForWhoSaidNothing) {
  serve_with_log([&](Socket& socket) { log_ += codec::write_json(socket.handshake().auth) + ' '; });
  const auto client = peer();
  client->join();
  EXPECT_EQ(log_, "in {} ");
}

// It is kept, in all namespaces.
TEST_F(SocketServerTest, HoldsNoMoreAuthThanItMay) {
  serve_with_log({}, {.max_auth_bytes = 4096});
  io_->of("/other");
  const auto client = peer();
  const std::string auth = R"({"a":")" + std::string(1900, 'a') + R"("})";
  client->join("/", auth);
  client->join("/other", auth);
  EXPECT_FALSE(client->closed());
  const auto greedy = peer();
  greedy->say("40" + auth);
  std::string numbers = "0";  // 40 bytes each
  for (int i = 0; i < 60; ++i) numbers += ",0";
  greedy->say(R"(40/other,{"a":[)" + numbers + "]}");
  run_for(milliseconds(5));
  EXPECT_TRUE(greedy->closed());
}

TEST_F(SocketServerTest, EndsWithItsServer) {
  serve_with_log();
  const auto client = peer();
  client->join();
  io_->close();
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "in server shutting down ");
  EXPECT_TRUE(client->closed());
  const auto next = peer();
  next->join();
  io_.reset();
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "in server shutting down in ");  // nobody is left who could hear more
  EXPECT_TRUE(next->closed());
}

TEST_F(SocketServerTest, MayBeDestroyedFromWithinItsHandlers) {
  for (const char* const event : {"destroy", "close", "kick", "asked"}) {
    serve_with_log([&](Socket& socket) {
      socket.on("destroy", [this] { io_.reset(); });
      socket.on("close", [&socket] { socket.disconnect(true); });
      socket.on("kick", [this] { io_->everybody().disconnect_sockets(); });
      socket.on("asked", [this](const Ack& ack) {
        io_.reset();
        ack(1);
      });
      socket.on_any_outgoing([](std::string_view, Values) {});
    });
    const auto client = peer();
    client->join();
    client->say(std::string(R"(421[")") + event + R"("])");
    const bool is_there = event == std::string_view("kick");
    EXPECT_EQ(client->closed(), !is_there) << event;
    io_.reset();
    world_.server.emplace(world_.server_side.loop, ServerOptions{.port = 80});
  }
}

TEST_F(SocketServerTest, RefusesReservedNames) {
  serve_with_log();
  EXPECT_THROW(io_->emit("connect"), std::invalid_argument);
  EXPECT_THROW(io_->everybody().send({}), std::invalid_argument);
}

}  // namespace
}  // namespace duplex::events
