// What a Socket.IO client may be told of its connections: what is compressed, what they begin with,
// what their requests say, and when they count as ones that last.
#include "client_stage.h"
#include "duplex/http/target.h"

namespace duplex::events {
namespace {

class SocketClientOptionsTest : public ClientStage {
 protected:
  // Keeps the query, a field and the transport of each session that is opened, and lets it in.
  void record(EngineOptions options = {}) {
    options.path = "/socket.io/";
    EngineHandlers handlers;
    handlers.on_open = [this](EngineSession& session, const http::Request& request) {
      session_ = session.sid();
      seen_ += http::query_parameter(request.query, "token").value_or("-") + ' ' +
               std::string(request.fields.find("X-Token").value_or("-")) + ' ' +
               (session.transport() == Transport::polling ? "polling " : "websocket ");
    };
    handlers.on_message = [this](EngineSession& session, const engineio::Packet& packet) {
      if (!packet.text.starts_with("0")) return;
      session.send_text(R"(0{"sid":"x"})");
      if (drops_) session.close();
    };
    engine_.emplace(*world_.server, std::move(handlers), std::move(options));
  }
  // It is opened again meanwhile.
  void cut_connection() {
    lose_connection();
    run_for(milliseconds(1020));
  }
  std::string seen() { return std::exchange(seen_, {}); }
  // Milliseconds from each loss to the next attempt.
  void watch_delays() {
    const auto now = [this] { return world_.client_side.loop.now(); };
    client_->of("/").on_disconnect([=, this](auto&&...) { lost_at_ = now(); });
    client_->on_reconnect_attempt([=, this](std::size_t) {
      const auto time = std::chrono::duration_cast<milliseconds>(now() - lost_at_);
      delays_ += std::to_string(time.count()) + ' ';
    });
  }
  std::string delays() { return std::exchange(delays_, {}); }

  bool drops_ = false;  // whom it has let in
  std::string seen_;
  net::Clock::time_point lost_at_ = {};
  std::string delays_;
};

// --- What is compressed --------------------------------------------------------------------------

TEST_F(SocketClientOptionsTest, CompressesWhatMayBe) {
  const websocket::DeflateOptions deflate = {.threshold = 10, .context_takeover = true};
  EngineOptions server;
  server.deflate = deflate;
  record(std::move(server));
  SocketClientOptions options = websocket_only();
  options.engine.deflate = deflate;
  ClientSocket& socket = connect(std::move(options));
  run_for(milliseconds(20));
  const std::string text(3000, 'x');
  const auto cost_of = [&](const auto& emit) {
    const auto before = world_.server->stats().bytes_received;
    emit();
    run_for(milliseconds(20));
    return world_.server->stats().bytes_received - before;
  };
  EXPECT_LT(cost_of([&] { socket.emit("a", text); }), 200U);
  EXPECT_GT(cost_of([&] { socket.compress(false).emit("a", text); }), 3000U);
  EXPECT_GT(cost_of([&] { socket.timeout(seconds(9)).compress(false).emit("a", text); }), 3000U);
  EXPECT_GT(cost_of([&] { socket.compress(false).emit("a", as_bytes(text)); }), 3000U);
  EXPECT_LT(cost_of([&] { socket.compress(false).compress(true).emit("a", text); }), 200U);
}

TEST_F(SocketClientOptionsTest, RemembersForAnEventThatWaitsThatItIsNotCompressed) {
  EngineOptions server;
  server.deflate = websocket::DeflateOptions{.threshold = 10};
  record(std::move(server));
  SocketClientOptions options = websocket_only();
  options.engine.deflate = websocket::DeflateOptions{.threshold = 10};
  for (const bool sends_again : {false, true}) {
    ClientSocketOptions socket_options;
    if (sends_again) socket_options.retries = 3;
    ClientSocket& socket = connect(options, std::move(socket_options));
    const auto before = world_.server->stats().bytes_received;
    socket.compress(false).emit("a", std::string(3000, 'x'));
    run_for(milliseconds(20));
    EXPECT_GT(world_.server->stats().bytes_received - before, 3000U) << sends_again;
  }
}

TEST_F(SocketClientOptionsTest, CompressesNoMessageOfEngineIoThatMayNotBe) {
  EngineOptions server;
  server.deflate = websocket::DeflateOptions{.threshold = 10};
  record(std::move(server));
  EngineClientOptions options;
  options.path = "/socket.io/";
  options.transports = {Transport::websocket};
  options.deflate = websocket::DeflateOptions{.threshold = 10};
  EngineClient client(world_.client_side.loop, "http://127.0.0.1", {}, std::move(options));
  run_for(milliseconds(20));
  for (const bool is_bytes : {false, true}) {
    const auto before = world_.server->stats().bytes_received;
    client.send({.content = std::string(3000, 'x'), .is_bytes = is_bytes, .compress = false});
    run_for(milliseconds(20));
    EXPECT_GT(world_.server->stats().bytes_received - before, 3000U) << is_bytes;
  }
}

// --- What a connection begins with ---------------------------------------------------------------

TEST_F(SocketClientOptionsTest, BeginsWithWebSocketWhereThatHasWorked) {
  record();
  SocketClientOptions options = websocket_only();
  options.engine = {};
  options.stable_time = milliseconds(0);
  for (const bool remembers : {false, true}) {
    options.remember_upgrade = remembers;
    connect(options);
    run_for(milliseconds(60));
    EXPECT_EQ(client_->transport(), Transport::websocket);
    cut_connection();
    cut_connection();
    EXPECT_EQ(seen(), remembers ? "- - polling - - websocket - - websocket "
                                : "- - polling - - polling - - polling ");
  }
}

TEST_F(SocketClientOptionsTest, ForgetsAWebSocketThatDoesNotWorkAnyMore) {
  record();
  SocketClientOptions options = websocket_only();
  options.engine = {};
  options.stable_time = milliseconds(0);
  options.remember_upgrade = true;
  connect(std::move(options));
  run_for(milliseconds(60));
  EXPECT_EQ(seen(), "- - polling ");
  engine_.reset();
  world_.server.emplace(world_.server_side.loop, ServerOptions{.port = 80});
  EngineOptions without;
  without.allow_session = [](const http::Request& request) {
    const bool is_upgrade = request.query.find("websocket") != std::string_view::npos;
    return is_upgrade ? std::optional<std::string>("no") : std::nullopt;
  };
  record(std::move(without));
  log();
  run_for(seconds(10));
  EXPECT_EQ(seen(), "- - polling ");
  EXPECT_TRUE(log().ends_with(", again) connect "));
}

TEST_F(SocketClientOptionsTest, RemembersAWebSocketThatWasTriedNext) {
  int refused = 0;
  EngineOptions without;
  without.allow_session = [&](const http::Request& request) {
    const bool is_upgrade = request.query.find("websocket") != std::string_view::npos;
    refused += is_upgrade ? 0 : 1;
    return is_upgrade ? std::nullopt : std::optional<std::string>("no");
  };
  record(std::move(without));
  SocketClientOptions options = websocket_only();
  options.engine.transports = {Transport::polling, Transport::websocket};
  options.engine.try_all_transports = true;
  options.stable_time = milliseconds(0);
  options.remember_upgrade = true;
  connect(std::move(options));
  run_for(milliseconds(60));
  cut_connection();
  EXPECT_EQ(seen(), "- - websocket - - websocket ");
  EXPECT_EQ(refused, 1);
}

TEST_F(SocketClientOptionsTest, RemembersNothingWithoutWebSocketAmongItsTransports) {
  record();
  SocketClientOptions options = websocket_only();
  options.engine.transports = {Transport::polling};
  options.stable_time = milliseconds(0);
  options.remember_upgrade = true;
  connect(std::move(options));
  run_for(milliseconds(60));
  cut_connection();
  EXPECT_EQ(seen(), "- - polling - - polling ");
}

// --- What its requests say -----------------------------------------------------------------------

TEST_F(SocketClientOptionsTest, SaysAnotherTokenWithTheNextConnection) {
  record();
  for (const Transport transport : {Transport::polling, Transport::websocket}) {
    SocketClientOptions options = websocket_only();
    options.engine.transports = {transport};
    options.engine.query = "token=a";
    options.engine.fields = {{"X-Token", "A"}};
    options.stable_time = milliseconds(0);
    connect(std::move(options));
    run_for(milliseconds(60));
    client_->set_query("token=b");
    cut_connection();
    client_->on_reconnect_attempt([this](std::size_t) {
      client_->set_query("token=c");
      client_->set_fields({{"X-Token", "C"}});
    });
    cut_connection();
    client_->disconnect();
    run_for(milliseconds(60));
    const std::string name = transport == Transport::polling ? "polling " : "websocket ";
    EXPECT_EQ(seen(), "a A " + name + "b A " + name + "c C " + name);
  }
}

// --- When a connection lasts ---------------------------------------------------------------------

// A server that takes everybody and drops everybody at once is not asked for ever at the first
// delay.
TEST_F(SocketClientOptionsTest, WaitsLongerForAServerThatDropsItAtOnce) {
  record();
  drops_ = true;
  connect();
  watch_delays();
  run_for(seconds(20));
  EXPECT_EQ(delays(), "1000 2000 4000 5000 5000 ");
  drops_ = false;
  run_for(seconds(6));
  EXPECT_EQ(delays(), "5000 ");
  lose_connection();
  run_for(seconds(6));
  EXPECT_EQ(delays(), "5000 ") << "it was there for 4 s";
  run_for(seconds(7));
  lose_connection();
  run_for(seconds(2));
  EXPECT_EQ(delays(), "1000 ") << "it was there for more than 5 s";
}

TEST_F(SocketClientOptionsTest, GivesUpAServerThatDropsItAtOnce) {
  record();
  drops_ = true;
  SocketClientOptions options = websocket_only();
  options.max_attempts = 3;
  connect(std::move(options));
  watch_delays();
  client_->on_reconnect_failed([this] { delays_ += "failed "; });
  run_for(seconds(60));
  EXPECT_EQ(delays(), "1000 2000 4000 failed ");
}

TEST_F(SocketClientOptionsTest, MayCountEachConnectionAsOneThatLasts) {
  record();
  drops_ = true;
  SocketClientOptions options = websocket_only();
  options.stable_time = milliseconds(0);
  connect(std::move(options));
  watch_delays();
  run_for(milliseconds(4500));
  EXPECT_EQ(delays(), "1000 1000 1000 1000 ");
}

// --- What a server says before it has let the client in ------------------------------------------

TEST_F(SocketClientOptionsTest, KeepSoManyBytesOfEarlyEvents) {
  script();
  lets_in_ = false;
  connect(websocket_only(), {.max_early_bytes = 4000});
  run_for(milliseconds(10));
  const std::string event = R"(2["x",")" + std::string(1500, 'x') + R"("])";
  say(event);
  say(event);
  EXPECT_EQ(log(), "");
  say(event);
  EXPECT_EQ(log(),
            "(lost before it was let in: parse error (events of more than 4000 bytes in "
            "memory before the answer), again) ");
}

TEST_F(SocketClientOptionsTest, CountEarlyEventsOfEachConnectionAnew) {
  script();
  lets_in_ = false;
  connect(websocket_only(), {.max_early_bytes = 4000});
  run_for(milliseconds(10));
  const std::string event = R"(2["x",")" + std::string(1500, 'x') + R"("])";
  for (int i = 0; i < 3; ++i) {
    say(event);
    say(event);
    lose_connection();
    run_for(seconds(6));
  }
  const std::string lost =
      "(lost before it was let in: transport close (the WebSocket was closed: 1000), again) ";
  EXPECT_EQ(log(), lost + lost + lost);
}

TEST_F(SocketClientOptionsTest, TellOfAConnectionThatIsLostBeforeTheAnswer) {
  script();
  lets_in_ = false;
  SocketClientOptions options = websocket_only();
  options.reconnect = false;
  ClientSocket& socket = connect(std::move(options));
  run_for(milliseconds(10));
  lose_connection();
  EXPECT_EQ(log(),
            "(lost before it was let in: transport close (the WebSocket was closed: 1000)) ");
  EXPECT_FALSE(socket.active());
}

}  // namespace
}  // namespace duplex::events
