// What the application is asked and told: of every request, of each that is refused, of clients
// that take what was sent again.
#include <map>

#include "../support/wire.h"
#include "engine_test.h"

namespace duplex {
namespace {

class EngineHooksTest : public EngineTest {
 protected:
  EngineHooksTest() {
    options_.on_connection_error = [this](const events::ConnectionError& error) {
      errors_ += std::to_string(error.code) + " " + error.context + ", by " +
                 std::string(error.request.method) + "\n";
    };
  }
  void serve_slowly(std::size_t high_water, std::size_t droppable_limit = 0) {
    options_.high_water = high_water;
    options_.droppable_limit = droppable_limit;
    EngineHandlers handlers;
    handlers.on_drain = [this](EngineSession& session) {
      log_ += "drained " + std::to_string(session.queued_bytes()) + "\n";
    };
    handlers.on_close = [this](EngineSession&, engineio::CloseReason reason) {
      log_ += std::string(describe(reason)) + "\n";
    };
    engine_.emplace(*world_.server, std::move(handlers), options_);
  }
  std::string errors() { return std::exchange(errors_, {}); }

  std::string errors_;
};

constexpr const char* polling = "EIO=4&transport=polling";

// --- Refusals ------------------------------------------------------------------------------------

TEST_F(EngineHooksTest, TellOfEachRefusal) {
  options_.allow_session = [](const http::Request& request) {
    const bool wanted = request.query.find("spy") == std::string_view::npos;
    return wanted ? std::nullopt : std::optional<std::string>("no spies");
  };
  serve();
  struct Row {
    const char* method;
    std::string query;
    const char* error;
  };
  for (const Row& row : {
           Row{"GET", "EIO=4", "0 no transport, by GET\n"},
           {"GET", "EIO=4&transport=foo%0Abar", "0 transport 'foo?bar', by GET\n"},
           {"GET", "EIO=4&transport=websocket",
            "3 transport 'websocket' in a request of the other one, by GET\n"},
           {"GET", "transport=polling", "5 no EIO, by GET\n"},
           {"GET", "transport=polling&EIO=" + std::string(40, '9'),
            "5 EIO '99999999999999999999999999999999...', by GET\n"},
           {"HEAD", polling, "2 HEAD, by HEAD\n"},
           {"POST", polling, "2 POST without sid, by POST\n"},
           {"PUT", polling, "2 PUT, by PUT\n"},
           {"DELETE", polling, "2 DELETE, by DELETE\n"},
           {"GET", std::string(polling) + "&sid=x", "1 sid 'x', by GET\n"},
           {"GET", std::string(polling) + "&spy=1", "4 no spies, by GET\n"},
           {"GET", std::string(polling) + "&j=0", "3 JSONP, by GET\n"},
       }) {
    ask(row.method, row.query);
    EXPECT_EQ(errors(), row.error) << row.query;
  }
  connect("EIO=4&transport=websocket&sid=x");
  EXPECT_EQ(errors(), "1 sid 'x', by GET\n");
  connect("EIO=5&transport=websocket");
  EXPECT_EQ(errors(), "5 EIO '5', by GET\n");
}

TEST_F(EngineHooksTest, TellOfRefusalsWithinASession) {
  serve();
  ask("POST", open(), "4a\x1e");
  EXPECT_EQ(errors(), "3 packet 2: an empty packet, by POST\n");
  const std::string query = open();
  RawPeer first(world_);
  start(first, "GET", query);
  first.run_for(milliseconds(5));
  ask("GET", query);
  EXPECT_EQ(errors(), "3 a poll while another one waits, by GET\n");
  const auto socket = connect("EIO=4&transport=websocket");
  ask("GET", std::string(polling) + "&sid=" + sid_of(*socket));
  EXPECT_EQ(errors(), "3 the session speaks over a WebSocket, by GET\n");
  EXPECT_TRUE(engine_->find(sid_of(*socket))->is_open());
}

TEST_F(EngineHooksTest, TellThatThereIsNoRoom) {
  options_.max_sessions = 1;
  options_.cors = {.origins = {"*"}};
  serve();
  open();
  const Answer answer = ask("GET", polling);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"code":6,"message":"Too many sessions"})");
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(errors(), "6 1 sessions, which is the limit, by GET\n");
  EXPECT_EQ(connect("EIO=4&transport=websocket")->code, CloseCode::try_again_later);
  EXPECT_EQ(errors(), "6 1 sessions, which is the limit, by GET\n");
}

TEST_F(EngineHooksTest, MayThrow) {
  options_.on_connection_error = [](const events::ConnectionError&) {
    throw std::runtime_error("on_connection_error");
  };
  serve();
  EXPECT_EQ(ask("GET", "EIO=4").status, 500);
  EXPECT_FALSE(connect("EIO=4&transport=foo")->failure.empty());
  EXPECT_EQ(ask("GET", polling).status, 200);
}

// --- Whose they are ------------------------------------------------------------------------------

class EngineAddressTest : public EngineTest {
 protected:
  // All come from 127.0.0.1, which is believed to be a proxy.
  EngineAddressTest() {
    ServerOptions options = {.port = 80};
    options.trusted_proxies = {"127.0.0.1"};
    world_.server.emplace(world_.server_side.loop, std::move(options));
    options_.on_connection_error = [this](const events::ConnectionError& error) {
      log_ += std::to_string(error.code) + " of " + error.peer_address.host() + "\n";
    };
  }
  Answer ask_for(const std::string& client, const std::string& method, const std::string& query,
                 const std::string& body = {}) {
    RawPeer peer(world_);
    start(peer, method, query, body, "X-Forwarded-For: " + client + "\r\n");
    peer.run_for(milliseconds(20));
    return answer_of(peer);
  }
  int upgrade_for(const std::string& client, const std::string& query) {
    RawPeer peer(world_);
    peer.send(support::opening_request("/engine.io/?EIO=4&transport=websocket" + query,
                                       "X-Forwarded-For: " + client + "\r\n"));
    peer.run_for(milliseconds(20));
    return std::stoi(peer.received().substr(9, 3));
  }
};

TEST_F(EngineAddressTest, LimitsTheSessionsOfOneAddress) {
  std::map<std::string, int> counts;
  options_.allow_session = [&](const PeerRequest& asked) {
    EXPECT_EQ(asked.request.path, "/engine.io/");
    const bool is_room = counts[asked.peer_address.host()]++ < 2;
    return is_room ? std::nullopt : std::optional<std::string>("too many sessions of yours");
  };
  serve();
  EXPECT_EQ(ask_for("10.0.0.1", "GET", polling).status, 200);
  EXPECT_EQ(upgrade_for("10.0.0.1", ""), 101);
  EXPECT_EQ(ask_for("10.0.0.1", "GET", polling).status, 403);
  EXPECT_EQ(upgrade_for("10.0.0.1", ""), 400);
  EXPECT_EQ(ask_for("10.0.0.2", "GET", polling).status, 200);
  EXPECT_EQ(log_.substr(log_.find('4')), "4 of 10.0.0.1\n4 of 10.0.0.1\nopen /engine.io/\n");
}

TEST_F(EngineAddressTest, IsKnownOfEachRequest) {
  std::string asked;
  options_.allow_request = [&](const PeerRequest& request) {
    asked += request.peer_address.host() + ' ';
    return std::optional<std::string>();
  };
  options_.max_sessions = 1;
  serve();
  const std::string query =
      std::string(polling) + "&sid=" +
      ask_for("10.0.0.1", "GET", polling).body.substr(std::string_view(R"(0{"sid":")").size(), 20);
  ask_for("10.0.0.2", "POST", query, std::string(400, 'x') + "\x1e");
  ask_for("10.0.0.3", "GET", query);
  upgrade_for("10.0.0.4", "&sid=" + sid_of(query));
  EXPECT_EQ(asked, "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 ");
  log_.clear();
  ask_for("10.0.0.5", "GET", polling);
  upgrade_for("10.0.0.6", "");
  EXPECT_EQ(log_, "open /engine.io/\n6 of 10.0.0.6\n");
}

// Long ones are read in several turns.
TEST_F(EngineAddressTest, IsKnownOfAPostThatIsRefusedLate) {
  serve();
  const std::string query =
      std::string(polling) + "&sid=" +
      ask_for("10.0.0.1", "GET", polling).body.substr(std::string_view(R"(0{"sid":")").size(), 20);
  std::string body = "4a";
  for (int i = 0; i < 300; ++i)
    body +=
        "\x1e"
        "4a";
  log_.clear();
  EXPECT_EQ(ask_for("10.0.0.2", "POST", query, body + "\x1e").status, 400);
  EXPECT_EQ(log_, "parse error\n3 of 10.0.0.2\n");
}

TEST_F(EngineHooksTest, TellOfABodyThatIsTooLarge) {
  options_.session.max_payload = 10;
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("POST", query, "41234567890").status, 413);
  EXPECT_EQ(errors(), "3 a body of 11 bytes, above the limit of 10, by POST\n");
}

// --- Each request --------------------------------------------------------------------------------

TEST_F(EngineHooksTest, AreAskedAboutEveryRequestFirst) {
  int asked = 0;
  options_.allow_request = [&](const http::Request&) {
    ++asked;
    return std::optional<std::string>();
  };
  serve();
  const auto asks = [&] { return std::exchange(asked, 0); };
  const std::string query = open();
  EXPECT_EQ(asks(), 1);
  ask("POST", query, "4a");
  EXPECT_EQ(asks(), 1);
  ask("GET", query);
  EXPECT_EQ(asks(), 1);
  connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  EXPECT_EQ(asks(), 1);
  connect("EIO=4&transport=websocket");
  EXPECT_EQ(asks(), 1);
  ask("GET", "EIO=4&transport=foo");
  EXPECT_EQ(asks(), 1);
  ask("POST", query, "4say bye");
  ask("GET", query);  // of a session that has ended
  EXPECT_EQ(asks(), 2);
}

TEST_F(EngineHooksTest, KeepTheLastWordsFromWhoIsRefused) {
  bool open_for_all = true;
  options_.allow_request = [&](const http::Request&) {
    return open_for_all ? std::nullopt : std::optional<std::string>("closed");
  };
  serve();
  const std::string query = open();
  ask("POST", query, "4say bye");
  open_for_all = false;
  EXPECT_EQ(ask("GET", query).status, 403);
  EXPECT_EQ(errors(), "4 closed, by GET\n");
  open_for_all = true;
  EXPECT_EQ(ask("GET", query).body, "4bye");
}

// --- Clients that are slow -----------------------------------------------------------------------

TEST_F(EngineHooksTest, TellThatAPollHasTakenWhatWaited) {
  serve_slowly(1000);
  const std::string query = open();
  EngineSession& session = *engine_->find(sid_of(query));
  session.send_text("few");
  EXPECT_EQ(ask("GET", query).body, "4few");
  EXPECT_EQ(log_, "");
  session.send_text(std::string(2000, 'x'));
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "");
  ask("GET", query);
  EXPECT_EQ(log_, "drained 0\n");
}

TEST_F(EngineHooksTest, FindASessionWritableWhosePollWaits) {
  EngineHandlers handlers;
  handlers.on_message = [this](EngineSession& session, const engineio::Packet&) {
    log_ += session.is_writable() ? "writable\n" : "not writable\n";
  };
  engine_.emplace(*world_.server, std::move(handlers), options_);
  const std::string query = open();
  ask("POST", query, "4a");
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(5));
  ask("POST", query, "4a");
  EXPECT_EQ(log_, "not writable\nwritable\n");
}

TEST_F(EngineHooksTest, TellThatAWebSocketHasTakenWhatWaited) {
  options_.session.ping_interval = std::chrono::minutes(1);
  serve_slowly(10'000);
  const auto socket = connect("EIO=4&transport=websocket");
  for (const auto& link : world_.world.links()) {
    link->toward_client().set_options({.bytes_per_second = 1'000'000});
  }
  EngineSession& session = *engine_->find(sid_of(*socket));
  for (int i = 0; i < 600; ++i) session.send_text(std::string(10'000, 'x'));
  EXPECT_EQ(log_, "");
  run_for(milliseconds(100));
  EXPECT_EQ(log_, "");
  run_for(milliseconds(10'000));
  EXPECT_EQ(log_.substr(0, 8), "drained ");
  EXPECT_EQ(log_.find("drained", 1), std::string::npos);
}

TEST_F(EngineHooksTest, TellItAlsoOfWhatChangedItsTransport) {
  serve_slowly(1000);
  const std::string query = open();
  const auto socket = connect("EIO=4&transport=websocket&sid=" + sid_of(query));
  say(*socket, "2probe");
  for (int i = 0; i < 100; ++i) engine_->find(sid_of(query))->send_text("x");
  EXPECT_EQ(log_, "");
  say(*socket, "5");
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "drained 0\n");
}

TEST_F(EngineHooksTest, MaySendWhenTheyAreToldThatThereIsRoom) {
  options_.high_water = 100;
  int rounds = 0;
  EngineHandlers handlers;
  handlers.on_drain = [&](EngineSession& session) {
    if (++rounds < 3) session.send_text(std::string(200, 'x'));
  };
  engine_.emplace(*world_.server, std::move(handlers), options_);
  const std::string query = open();
  engine_->find(sid_of(query))->send_text(std::string(200, 'x'));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("GET", query).body.size(), 201U);
  EXPECT_EQ(rounds, 3);
}

TEST_F(EngineHooksTest, AreNotToldOfWhoIsGone) {
  serve_slowly(1000);
  const std::string query = open();
  engine_->find(sid_of(query))->send_text(std::string(2000, 'x'));
  engine_->find(sid_of(query))->close();
  ask("GET", query);
  EXPECT_EQ(log_, "forced close\n");
}

TEST_F(EngineHooksTest, SayUpToWhereASessionIsWritable) {
  serve_slowly(100'000, 1000);
  const std::string query = open();
  EngineSession& session = *engine_->find(sid_of(query));
  EXPECT_TRUE(session.is_writable());  // though no poll waits
  session.send_text(std::string(500, 'x'));
  EXPECT_TRUE(session.is_writable());
  session.send_text(std::string(500, 'x'));
  EXPECT_FALSE(session.is_writable());
  ask("GET", query);
  EXPECT_TRUE(session.is_writable());
}

}  // namespace
}  // namespace duplex
