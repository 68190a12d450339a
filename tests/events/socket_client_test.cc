// A Socket.IO client against our own server, and against scripted ones.
#include "duplex/events/socket_client.h"

#include <stdexcept>

#include "client_stage.h"

namespace duplex::events {
namespace {

class SocketClientTest : public ClientStage {};

TEST_F(SocketClientTest, ExchangesEventsWithOurServer) {
  std::string served;
  serve().on_connection([&](Socket& socket) {
    socket.on("sum", [](int a, int b, const Ack& ack) { ack("ok", a + b); });
    socket.on("bytes", [&socket](Bytes bytes, const std::string& text) {
      socket.emit("back", bytes, text);
    });
    socket.emit("question", 6, [&](AckReply& reply) { served = codec::write_json(reply.values); });
  });
  for (const bool upgrades : {true, false}) {
    SocketClientOptions options = websocket_only();
    if (upgrades) options.engine = {};
    ClientSocket& socket = connect(std::move(options));
    socket.on("question", [](int n, const Ack& ack) { ack(n * 7); });
    socket.on("back", [this](Bytes bytes, const std::string& text) {
      log_ += std::string(as_text(bytes)) + text + ' ';
    });
    socket.emit("sum", 1, 2, take_reply("sum"));
    run_for(milliseconds(60));
    EXPECT_TRUE(socket.connected());
    EXPECT_EQ(socket.id().size(), 20U);
    EXPECT_NE(socket.id(), session_);
    socket.emit("bytes", as_bytes("\x01\x02"), "text");
    run_for(milliseconds(20));
    EXPECT_EQ(log(), "connect sum0[\"ok\",3] \x01\x02text ");
    EXPECT_EQ(served, "[42]");
    EXPECT_EQ(client_->transport(), Transport::websocket);
  }
}

TEST_F(SocketClientTest, HasNamespacesOnOneConnection) {
  SocketServer& io = serve();
  io.of("/admin").use([](Socket& socket, const Next& next) {
    const Json* const token = socket.handshake().auth.find("token");
    if (token != nullptr && *token == Json("t")) return next({});
    next(Refusal{.message = "who are you", .data = Json(7)});
  });
  ClientSocket& first = connect();
  ClientSocket& admin = watch(client_->of("admin"));
  EXPECT_EQ(&admin, &client_->of("/admin"));
  EXPECT_EQ(admin.nsp(), "/admin");
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "connect (who are you) ");
  EXPECT_FALSE(admin.active());
  admin.set_auth(codec::JsonObject{{"token", "t"}});
  admin.connect();
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "connect ");
  EXPECT_EQ(io.session_count(), 1U);
  first.disconnect();
  EXPECT_EQ(log(), "[io client disconnect] ");
  run_for(milliseconds(20));
  EXPECT_TRUE(admin.connected());
  client_->disconnect();
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "[io client disconnect] ");
  EXPECT_EQ(io.session_count(), 0U);
  EXPECT_FALSE(client_->is_open());
}

// It has crossed the client's own leave, and says nothing of what came behind that.
TEST_F(SocketClientTest, ComesAgainWhateverALateLeaveSays) {
  script();
  lets_in_ = false;
  ClientSocket& socket = connect();
  client_->of("/admin");
  EXPECT_EQ(heard(), "0 0/admin, ");
  say(R"(0{"sid":"x"})");
  say(R"(0/admin,{"sid":"y"})");
  socket.disconnect();
  socket.connect();
  EXPECT_EQ(heard(), "1 0 ");
  say("1");
  say(R"(0{"sid":"z"})");
  EXPECT_EQ(log(), "connect [io client disconnect] connect ");
  EXPECT_TRUE(socket.connected());
}

TEST_F(SocketClientTest, SaysWhatItKnowsAtEachConnect) {
  script();
  int asked = 0;
  ClientSocketOptions options;
  options.make_auth = [&] { return codec::JsonObject{{"n", ++asked}}; };
  ClientSocket& socket = connect(std::move(options));
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(heard(), R"(0{"n":1} )");
  lose_connection();
  run_for(milliseconds(1000));
  EXPECT_EQ(heard(), R"(0{"n":2} )");
  socket.disconnect();
  socket.set_auth(Json("no object"));
  EXPECT_EQ(log(), "connect [transport close] connect [io client disconnect] ");
  socket.connect();
  run_for(milliseconds(10));
  EXPECT_EQ(log(), "(auth is a text, where an object was expected) ");
}

TEST_F(SocketClientTest, KeepsEventsForAConnectionInOrder) {
  script();
  lets_in_ = false;
  ClientSocket& socket = connect();
  socket.on_any_outgoing([this](std::string_view event, Values) { log_ += std::string(event); });
  socket.emit("a", 1);
  socket.timeout(milliseconds(10)).emit("late", take_reply("late"));
  socket.droppable().emit("dropped", take_reply("dropped"));
  socket.emit("b", take_reply("b"));
  EXPECT_EQ(heard(), "0 ");
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "dropped2[] late1[] ");
  say(R"(0{"sid":"x"})");
  EXPECT_EQ(heard(), R"(2["a",1] 21["b"] )");
  EXPECT_EQ(log(), "abconnect ");
  say(R"(31["yes"])");
  EXPECT_EQ(log(), R"(b0["yes"] )");
  socket.droppable().emit("c");
  EXPECT_EQ(heard(), R"(2["c"] )");
}

TEST_F(SocketClientTest, KeepsWhatComesBeforeItIsLetIn) {
  script();
  lets_in_ = false;
  ClientSocket& socket = connect();
  socket.on("early", [this](int n, const Ack& ack) {
    log_ += "early" + std::to_string(n) + ' ';
    ack("got");
  });
  run_for(milliseconds(10));
  say(R"(2["early",1])");
  say(R"(27["early",2])");
  EXPECT_EQ(log(), "");
  say(R"(0{"sid":"x"})");
  EXPECT_EQ(log(), "connect early1 early2 ");
  EXPECT_EQ(heard(), R"(0 37["got"] )");
}

TEST_F(SocketClientTest, TellsWhoWaitsThatTheConnectionIsLost) {
  script();
  ClientSocket& socket = connect();
  run_for(milliseconds(10));
  socket.emit("sent", take_reply("sent"));
  heard();
  lose_connection();
  EXPECT_EQ(log(), "connect [transport close] sent2[] ");
  socket.emit("kept", take_reply("kept"));
  run_for(milliseconds(1020));
  EXPECT_EQ(heard(), R"(0 21["kept"] )");
  say(R"(30["answer to sent"])");
  say(R"(31[])");
  EXPECT_EQ(log(), "connect kept0[] ");
}

TEST_F(SocketClientTest, SendsAgainUntilItIsAnswered) {
  script();
  ClientSocketOptions options;
  options.retries = 2;
  options.ack_timeout = milliseconds(100);
  ClientSocket& socket = connect(std::move(options));
  socket.emit("a", take_reply("a"));
  socket.emit("b", take_reply("b"));
  socket.emit("c", take_reply("c"));
  EXPECT_EQ(heard(), R"(0 20["a"] )");
  say(R"(30["yes"])");
  EXPECT_EQ(heard(), R"(21["b"] )");
  run_for(milliseconds(100));
  EXPECT_EQ(heard(), R"(22["b"] )");
  run_for(milliseconds(100));
  EXPECT_EQ(heard(), R"(23["b"] )");
  EXPECT_EQ(log(), R"(connect a0["yes"] )");
  run_for(milliseconds(100));
  EXPECT_EQ(heard(), R"(24["c"] )");
  EXPECT_EQ(log(), "b1[] ");
  lose_connection();
  run_for(milliseconds(1000));
  EXPECT_EQ(heard(), R"(0 25["c"] )");
  say(R"(35[])");
  EXPECT_EQ(log(), "[transport close] connect c0[] ");
}

TEST_F(SocketClientTest, ConnectsAgainLaterAndLater) {
  SocketClientOptions options = websocket_only();
  options.max_attempts = 3;
  connect(std::move(options));
  client_->on_reconnect_attempt([this](std::size_t n) { log_ += "try" + std::to_string(n) + ' '; })
      .on_reconnect_failed([this] { log_ += "failed "; });
  client_->of("/").on_connect_error([this](ClientSocket&, const ConnectError&) { log_ += "x "; });
  run_for(milliseconds(990));
  EXPECT_EQ(log(), "x ");
  run_for(milliseconds(40));
  EXPECT_EQ(log(), "try1 x ");
  run_for(milliseconds(1960));
  EXPECT_EQ(log(), "");
  run_for(milliseconds(60));
  EXPECT_EQ(log(), "try2 x ");
  run_for(milliseconds(4040));
  EXPECT_EQ(log(), "try3 x failed ");
  run_for(seconds(60));
  EXPECT_EQ(log(), "");
  script();
  client_->of("/").connect();
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "connect ");
}

TEST_F(SocketClientTest, SaysThatItHasConnectedAgain) {
  script();
  SocketClientOptions options = websocket_only();
  options.stable_time = milliseconds(0);
  connect(std::move(options));
  client_->on_reconnect([this](std::size_t n) { log_ += "again" + std::to_string(n) + ' '; });
  run_for(milliseconds(10));
  for (int i = 0; i < 3; ++i) {
    lose_connection();
    run_for(milliseconds(1010));
    EXPECT_EQ(log(), (i == 0 ? "connect " : "") + std::string("[transport close] again1 connect "));
  }
}

TEST_F(SocketClientTest, StaysAwayWhenItIsSentAway) {
  script();
  ClientSocket& socket = connect();
  run_for(milliseconds(10));
  say("1");
  run_for(seconds(20));
  EXPECT_EQ(log(), "connect [io server disconnect] ");
  EXPECT_FALSE(socket.active());
  EXPECT_EQ(sessions_, 1);
  EXPECT_EQ(engine_->session_count(), 0U);
  socket.connect();
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "connect ");
}

TEST_F(SocketClientTest, NeverConnectsAgainIfItMayNot) {
  script();
  SocketClientOptions options = websocket_only();
  options.reconnect = false;
  ClientSocket& socket = connect(std::move(options));
  run_for(milliseconds(10));
  EXPECT_TRUE(socket.active());
  lose_connection();
  run_for(seconds(20));
  EXPECT_EQ(log(), "connect [transport close] ");
  EXPECT_FALSE(socket.active());
  socket.connect();
  EXPECT_TRUE(socket.active());
  run_for(milliseconds(20));
  EXPECT_EQ(log(), "connect ");
}

TEST_F(SocketClientTest, SaysWhenItHasGivenUp) {
  SocketClientOptions options = websocket_only();
  for (const std::size_t attempts : {std::size_t{0}, std::size_t{1}}) {
    options.max_attempts = attempts;
    ClientSocket& socket = connect(options);
    run_for(seconds(5));
    EXPECT_FALSE(socket.active());
    std::string text = log();
    EXPECT_TRUE(text.ends_with(") ") && !text.ends_with(", again) ")) << text;
    EXPECT_EQ(text.find(", again) ") != std::string::npos, attempts > 0) << text;
  }
}

TEST_F(SocketClientTest, SaysWhetherItStillHasSomethingToSend) {
  script();
  SocketClientOptions options = websocket_only();
  options.engine.transports = {Transport::polling};
  ClientSocket& socket = connect(options);
  run_for(milliseconds(20));
  heard();
  EXPECT_EQ(client_->queued_bytes(), 0U);
  socket.emit("a");
  socket.emit("b");
  EXPECT_GT(client_->queued_bytes(), 0U);
  socket.disconnect();
  EXPECT_FALSE(client_->is_open());
  EXPECT_TRUE(client_->is_leaving());
  EXPECT_EQ(heard(), R"(2["a"] 2["b"] 1 )");
  run_for(milliseconds(20));
  EXPECT_FALSE(client_->is_leaving());
  EXPECT_EQ(client_->queued_bytes(), 0U);
}

TEST_F(SocketClientTest, TakesUpWhereItLeftOff) {
  script();
  lets_in_ = false;
  ClientSocket& socket = connect();
  socket.on("e", [this](const std::string& text) { log_ += text + ' '; });
  run_for(milliseconds(10));
  say(R"(0{"sid":"x","pid":"secret"})");
  say(R"(2["e","one","offset-1"])");
  say(R"(27["e","no offset"])");
  EXPECT_FALSE(socket.recovered());
  lose_connection();
  heard();
  run_for(milliseconds(1000));
  EXPECT_EQ(heard(), R"(0{"pid":"secret","offset":"offset-1"} )");
  say(R"(2["e","missed","offset-2"])");
  say(R"(0{"sid":"x","pid":"secret"})");
  EXPECT_TRUE(socket.recovered());
  EXPECT_EQ(log(), "connect one no offset [transport close] connect missed ");
  lose_connection();
  run_for(milliseconds(2000));
  EXPECT_EQ(heard(), R"(0{"pid":"secret","offset":"offset-2"} )");
  say(R"(0{"sid":"y","pid":"another"})");
  EXPECT_FALSE(socket.recovered());
  socket.disconnect();
  socket.connect();
  run_for(milliseconds(20));
  EXPECT_EQ(heard(), "1 0 ");
}

TEST_F(SocketClientTest, ClosesOnWhatNoServerSends) {
  script();
  for (const char* const bad :
       {"9", "2", R"(2["connect"])", "40", R"(4{"message":"late"})", R"(51-["x"])"}) {
    connect();
    run_for(milliseconds(10));
    log();
    say(bad);
    if (std::string_view(bad) == R"(51-["x"])") say("2[\"text\"]");
    EXPECT_EQ(log(), "[parse error] ") << bad;
  }
}

TEST_F(SocketClientTest, SaysWhatItCannotSendOrTake) {
  script();
  ClientSocketOptions options;
  options.max_waiting = 1;
  ClientSocket& socket = connect(std::move(options));
  socket.emit("a");
  socket.emit("b", take_reply("b"));
  EXPECT_EQ(log(), "b: more than 1 events wait for a connection ");
  EXPECT_THROW(socket.emit("connect"), std::invalid_argument);
  run_for(milliseconds(10));
  EXPECT_EQ(log(), "b2[] connect ");
  heard();
  std::vector<Bytes> many(11, as_bytes("x"));
  socket.emit("many", many, take_reply("many"));
  EXPECT_EQ(heard(), "");
  EXPECT_EQ(log(), "many: 11 attachments, above the limit of 10 many2[] ");
  socket.on("typed", [](int) {});
  say(R"(2["typed","text"])");
  EXPECT_EQ(log(), "typed: argument 1 is a text, where an integer in range was expected ");
}

TEST_F(SocketClientTest, HearsEveryEvent) {
  script();
  ClientSocket& socket = connect();
  socket.on_any([this](std::string_view event, Values values) {
    log_ += std::string(event) + std::to_string(values.size()) + ' ';
  });
  socket.once("e", [this] { log_ += "once "; });
  socket.on("f", [this] { log_ += "never "; });
  socket.off("f");
  run_for(milliseconds(10));
  for (const char* const packet : {R"(2["e",1])", R"(2["e"])", R"(2["f"])", R"(2[5])"}) say(packet);
  EXPECT_EQ(log(), "connect e1 once e0 f0 50 ");
}

TEST_F(SocketClientTest, SpeaksMessagePack) {
  EngineHandlers handlers;
  handlers.on_message = [](EngineSession& session, const engineio::Packet& message) {
    auto packet = socketio::decode_msgpack(*message.bytes);
    if (packet->type == socketio::PacketType::connect) {
      packet->data = codec::JsonObject{{"sid", "x"}};
    }
    session.send_bytes(socketio::encode_msgpack(*packet));
  };
  engine_.emplace(*world_.server, std::move(handlers), EngineOptions{.path = "/socket.io/"});
  for (const Transport transport : {Transport::websocket, Transport::polling}) {
    SocketClientOptions options = websocket_only();
    options.engine.transports = {transport};
    options.parser = socketio::Parser::msgpack;
    ClientSocket& socket = connect(std::move(options));
    socket.on("e", [this](Bytes bytes, int n) {
      log_ += std::string(as_text(bytes)) + std::to_string(n) + ' ';
    });
    socket.emit("e", as_bytes("ab"), 3);
    run_for(milliseconds(40));
    EXPECT_EQ(log(), "connect ab3 ");
  }
}

}  // namespace
}  // namespace duplex::events
