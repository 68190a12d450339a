// A client of Engine.IO against our own server, and against scripted ones, in virtual time.
#include "duplex/events/engine_client.h"

#include <stdexcept>

#include "duplex/http/target.h"
#include "engine_client_stage.h"

namespace duplex::events {
namespace {

class EngineClientTest : public EngineClientStage {};

TEST_F(EngineClientTest, SpeaksOverPolling) {
  serve();
  EngineClient& client = connect(only(Transport::polling));
  EXPECT_FALSE(client.is_open());
  run_for(milliseconds(20));
  EXPECT_TRUE(client.is_open());
  EXPECT_EQ(client.sid().size(), 20U);
  client.send_text("one");
  client.send_bytes(as_bytes("\x01\x02"));
  client.send_text("two");
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open one bytes:\x01\x02 two ");
  run_for(seconds(3));
  EXPECT_TRUE(client.is_open());
  EXPECT_EQ(client.transport(), Transport::polling);
}

TEST_F(EngineClientTest, SpeaksOverWebSocketAlone) {
  serve();
  EngineClient& client = connect(only(Transport::websocket));
  run_for(milliseconds(20));
  client.send_text("one");
  client.send_bytes(as_bytes("\x04\x01"));
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open one bytes:\x04\x01 ");
  run_for(seconds(3));
  EXPECT_TRUE(client.is_open());
}

TEST_F(EngineClientTest, ChangesToWebSocket) {
  serve();
  EngineClient& client = connect();
  run_for(milliseconds(40));
  EXPECT_EQ(log_, "open upgrade ");
  EXPECT_EQ(client.transport(), Transport::websocket);
  EXPECT_EQ(engine_->find(client.sid())->transport(), Transport::websocket);
  client.send_text("after");
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open upgrade after ");
  run_for(seconds(3));
  EXPECT_TRUE(client.is_open());
}

// Messages go both ways all the time, on wires of all kinds: each comes once and in order.
TEST(EngineClientSeeds, LosesNothingWhileItChanges) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    simulation::LinkOptions link = {.delay = std::chrono::microseconds(seed * 137 % 5000),
                                    .jitter = milliseconds(seed % 7),
                                    .split_rate = seed % 3 == 0 ? 0.3 : 0,
                                    .loss_rate = seed % 5 == 0 ? 0.05 : 0};
    SimulatedServer world(seed, {}, link);
    std::string at_server;
    std::string at_client;
    std::string expected;
    EngineHandlers handlers;
    handlers.on_message = [&](EngineSession&, const engineio::Packet& packet) {
      at_server += std::string(packet.text) + ' ';
    };
    EngineOptions options;
    options.session.max_payload = 64;
    EngineServer server(*world.server, std::move(handlers), options);
    EngineClientHandlers client_handlers;
    int upgrades = 0;
    client_handlers.on_message = [&](EngineClient&, const engineio::Packet& packet) {
      at_client += std::string(packet.text) + ' ';
    };
    client_handlers.on_upgrade = [&](EngineClient&) { ++upgrades; };
    client_handlers.on_close = [&](EngineClient&, const EngineClose& close) {
      ADD_FAILURE() << "seed " << seed << ' ' << close.detail;
    };
    EngineClient client(world.client_side.loop, engine_url, std::move(client_handlers));
    ASSERT_TRUE(world.runner.run_until([&] { return client.is_open(); }, seconds(5)));
    int after = 0;
    for (int i = 0; after < 20 && i < 5000; ++i) {
      const std::string text = std::to_string(i);
      client.send_text(text);
      server.find(client.sid())->send_text(text);
      expected += text + ' ';
      after += upgrades;
      world.runner.run_for(std::chrono::microseconds(300 + seed % 11 * 100));
    }
    world.runner.run_for(seconds(3));
    EXPECT_EQ(upgrades, 1) << "seed " << seed;
    EXPECT_EQ(at_server, expected) << "seed " << seed;
    EXPECT_EQ(at_client, expected) << "seed " << seed;
  }
}

TEST_F(EngineClientTest, PollsOnWhereNoWebSocketGetsThrough) {
  script({R"(0{"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200})", "4a",
          "4b"});
  EngineClient& client = connect();
  run_for(milliseconds(50));
  EXPECT_EQ(log_, "open a b ");
  EXPECT_TRUE(client.is_open());
}

TEST_F(EngineClientTest, LeavesAProbeThatIsNotAnswered) {
  script({R"(0{"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200})"});
  int closed = 0;
  WebSocketHandlers silent;
  silent.on_close = [&](Connection&, const CloseEvent&) { ++closed; };
  world_.server->websocket("/engine.io/", std::move(silent));
  EngineClientOptions options;
  options.session.upgrade_timeout = milliseconds(100);
  EngineClient& client = connect(std::move(options));
  run_for(milliseconds(90));
  EXPECT_EQ(closed, 0);
  run_for(milliseconds(30));
  EXPECT_EQ(closed, 1);
  client.send_text("still polling");
  run_for(milliseconds(20));
  EXPECT_EQ(served_, "4still polling ");
}

TEST_F(EngineClientTest, GoesOnPollingWhenTheProbeIsLostInTheMiddle) {
  script({R"(0{"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200})"});
  ConnectionId probe;
  WebSocketHandlers answering;
  answering.on_message = [&](Connection& connection, Message) {
    probe = connection.id();
    connection.send_text("3probe");
  };
  world_.server->websocket("/engine.io/", std::move(answering));
  EngineClient& client = connect();
  run_for(milliseconds(50));
  // Its GET is open, and this waits for the change.
  client.send_text("waits");
  run_for(milliseconds(20));
  EXPECT_EQ(served_, "");
  world_.server->find(probe)->abort();
  run_for(milliseconds(20));
  EXPECT_EQ(served_, "4waits ");
  EXPECT_EQ(log_, "open ");
}

TEST_F(EngineClientTest, ToleratesOldServers) {
  script({polling_only, "4a", "2"});
  EngineClient& client = connect();
  run_for(milliseconds(20));
  client.send_text("b");
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open a ");
  EXPECT_EQ(served_, "3 4b ");
}

TEST_F(EngineClientTest, EndsWithoutPing) {
  script({polling_only});
  connect();
  run_for(milliseconds(490));
  EXPECT_EQ(log_, "open ");
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open (ping timeout: no ping for 500 ms)");
}

TEST_F(EngineClientTest, EndsOnWhatIsNoPacket) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"4a\x1e"
       "x",
       "a (parse error: packet 2: packet type 'x' is not 0 to 6)"},
      {"", "(parse error: packet 1: an empty packet)"},
      {"4\xff", "(parse error: a payload that is not UTF-8)"},
      {"1", "(transport close: the server closed the session)"}};
  script({});
  for (const auto& [answer, expected] : rows) {
    gets_ = {polling_only, answer};
    log_.clear();
    connect();
    run_for(milliseconds(20));
    EXPECT_EQ(log_, "open " + expected);
  }
}

TEST_F(EngineClientTest, SaysWhyItCannotOpen) {
  connect();
  run_for(milliseconds(20));
  EXPECT_EQ(log_.substr(0, 50), "(transport error: GET: the server answered 404: no");
  log_.clear();
  connect(only(Transport::websocket));
  run_for(milliseconds(20));
  EXPECT_EQ(log_.substr(0, 29), "(transport error: WebSocket: ");
  log_.clear();
  world_.server->get("/engine.io/", [](Exchange&) {});
  connect();
  run_for(seconds(19));
  EXPECT_EQ(log_, "");
  run_for(milliseconds(1010));
  EXPECT_EQ(log_, "(transport error: not open after 20000 ms)");
}

TEST_F(EngineClientTest, EndsWithAPostThatIsRefused) {
  script({polling_only}, 413);
  EngineClient& client = connect();
  run_for(milliseconds(20));
  client.send_text("a");
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open (transport error: POST: the server answered 413: OK)");
  EXPECT_FALSE(client.is_open());
}

TEST_F(EngineClientTest, EndsWithItsServer) {
  serve();
  for (const Transport transport : {Transport::polling, Transport::websocket}) {
    log_.clear();
    EngineClient& client = connect(only(transport));
    run_for(milliseconds(20));
    client.send_text("close me");
    run_for(milliseconds(20));
    EXPECT_EQ(log_.substr(0, 22), "open (transport close:");
  }
}

TEST_F(EngineClientTest, TriesTheNextTransport) {
  // Openings of WebSockets get an answer, too.
  script({polling_only, polling_only, polling_only});
  EngineClientOptions options;
  options.transports = {Transport::websocket, Transport::polling};
  connect(options);
  run_for(milliseconds(20));
  EXPECT_EQ(log_.substr(0, 17), "(transport error:");
  log_.clear();
  options.try_all_transports = true;
  connect(options);
  run_for(milliseconds(50));
  EXPECT_EQ(log_, "open ");
}

TEST_F(EngineClientTest, ClosesAboveItsLimitInALaterTurn) {
  serve();
  EngineClientOptions options = only(Transport::polling);
  options.session.max_queued_bytes = 10;
  EngineClient& client = connect(std::move(options));
  run_for(milliseconds(20));
  client.send_text("leaves at once");
  EXPECT_EQ(log_, "open ");
  run_for(milliseconds(1));
  EXPECT_EQ(log_, "open (transport error: more than 10 bytes wait to be sent)");
}

TEST_F(EngineClientTest, RefusesUrlsThatItCannotServe) {
  net::EventLoop& loop = world_.client_side.loop;
  for (const char* const bad : {"https://a", "a", "http://a/path"}) {
    EXPECT_THROW(EngineClient(loop, bad, {}), std::invalid_argument) << bad;
  }
  EXPECT_THROW(EngineClient(loop, "http://a", {}, {.path = "x"}), std::invalid_argument);
  EXPECT_THROW(EngineClient(loop, "http://a", {}, {.transports = {}}), std::invalid_argument);
}

// A load balancer sets one with the first answer, to know its server again.
TEST_F(EngineClientTest, SaysCookiesOfTheServerAgain) {
  std::string seen;
  const auto look = [&seen](std::string_view what, const http::Request& request) {
    EXPECT_LE(request.fields.count("Cookie"), 1U);
    seen +=
        std::string(what) + '[' + std::string(request.fields.find("Cookie").value_or("")) + "] ";
  };
  world_.server->get("/engine.io/", [&](Exchange& exchange) {
    look("GET", exchange.request());
    if (gets_.empty()) return;
    exchange.respond(
        200, "text/plain", gets_.front(),
        {{"Set-Cookie", "route=7; Path=/; HttpOnly"}, {"set-cookie", "io=s; SameSite=Lax"}});
    gets_.pop_front();
  });
  world_.server->post("/engine.io/", [&](Exchange& exchange) {
    look("POST", exchange.request());
    exchange.respond(200, "text/html", "ok", {{"Set-Cookie", "route=8"}});
  });
  for (const std::size_t most : {std::size_t{4096}, std::size_t{7}}) {
    gets_ = {polling_only};
    EngineClientOptions options;
    options.max_cookie_size = most;
    if (most > 7) options.fields = {{"cookie", "mine=1"}};
    EngineClient& client = connect(std::move(options));
    run_for(milliseconds(20));
    client.send_text("a");
    run_for(milliseconds(20));
    client.send_text("b");
    run_for(milliseconds(20));
  }
  EXPECT_EQ(seen,
            "GET[mine=1] GET[mine=1; route=7; io=s] POST[mine=1; route=7; io=s] "
            "POST[mine=1; route=8; io=s] GET[] GET[route=7] POST[route=7] POST[route=8] ");
}

TEST_F(EngineClientTest, SaysCookiesWhenItChangesItsTransport) {
  std::string seen;
  world_.server->websocket("/engine.io/",
                           {.on_open = [&](Connection&, const http::Request& request) {
                             seen = std::string(request.fields.find("Cookie").value_or("none"));
                           }});
  world_.server->get("/engine.io/", [&](Exchange& exchange) {
    if (exchange.request().query.find("sid=") != std::string_view::npos) return;
    exchange.respond(
        200, "text/plain",
        R"(0{"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200})",
        {{"Set-Cookie", "route=7"}});
  });
  connect();
  run_for(milliseconds(40));
  EXPECT_EQ(seen, "route=7");
}

TEST_F(EngineClientTest, SendsItsQueryAndFieldsWithEachRequest) {
  std::string seen;
  EngineHandlers handlers;
  handlers.on_open = [&](EngineSession&, const http::Request& request) {
    seen += std::string(*http::query_parameter(request.query, "a")) +
            std::string(*http::query_parameter(request.query, "b")) +
            std::string(*request.fields.find("X-Token")) + ' ';
  };
  engine_.emplace(*world_.server, std::move(handlers));
  for (const Transport transport : {Transport::polling, Transport::websocket}) {
    EngineClientOptions options = only(transport);
    options.query = "b=2";
    options.fields = {{"X-Token", "t"}};
    client_ = std::make_unique<EngineClient>(world_.client_side.loop, "ws://127.0.0.1/?a=1",
                                             logging(), std::move(options));
    run_for(milliseconds(20));
  }
  EXPECT_EQ(seen, "12t 12t ");
}

}  // namespace
}  // namespace duplex::events
