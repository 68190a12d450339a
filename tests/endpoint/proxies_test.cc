// Behind proxies: whose address a handler sees, and who may say so.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "../support/simulated.h"
#include "../support/wire.h"
#include "answers.h"

namespace duplex {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

// Raw peers come from 127.0.0.1.
ServerOptions behind(std::vector<std::string> proxies, bool proxy_protocol = false) {
  ServerOptions options;
  options.trusted_proxies = std::move(proxies);
  options.proxy_protocol = proxy_protocol;
  return options;
}

void serve_addresses(Server& server) {
  server.get("/who", [](Exchange& exchange) {
    exchange.respond(200, "text/plain", exchange.peer_address().host());
  });
  server.get("/endpoint", [](Exchange& exchange) {
    exchange.respond(200, "text/plain", exchange.peer_address().text());
  });
  server.get("/later", [&server](Exchange& exchange) {
    server.loop().run_after(milliseconds(100), [&server, id = exchange.id()] {
      Exchange* const waiting = server.find(id);
      waiting->respond(200, "text/plain", waiting->peer_address().host());
    });
  });
  server.websocket("/ws", {.on_message = [](Connection& peer, Message) {
                     peer.send_text(peer.peer_address().text());
                   }});
}

std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string from(const std::string& list) { return "X-Forwarded-For: " + list + "\r\n"; }

// The bodies of the answers to `bytes`, or the status of one that is an error.
std::string answers_to(SimulatedServer& world, const std::string& bytes, std::size_t cut = 0) {
  RawPeer peer(world);
  peer.send(bytes, cut);
  peer.run_for(seconds(1));
  std::string text;
  for (const Answer& answer : parse_answers(peer.received())) {
    text += (text.empty() ? "" : " ") +
            (answer.status == 200 ? answer.body : std::to_string(answer.status));
  }
  return text;
}

struct World : SimulatedServer {
  explicit World(const ServerOptions& options) : SimulatedServer(1, options) {
    serve_addresses(*server);
  }
};

// --- X-Forwarded-For

TEST(Proxies, AreNotBelievedUnlessListed) {
  for (const auto& list :
       {std::vector<std::string>{}, std::vector{"10.0.0.0/8"s}, std::vector{"unix"s}}) {
    World world(behind(list));
    EXPECT_EQ(answers_to(world, get("/who", from("203.0.113.7"))), "127.0.0.1");
  }
}

TEST(Proxies, AreBelievedWhenListed) {
  for (const char* entry : {"127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1", "::/0"}) {
    World world(behind({"10.0.0.0/8", entry}));
    EXPECT_EQ(answers_to(world, get("/who", from("203.0.113.7"))), "203.0.113.7") << entry;
    EXPECT_EQ(answers_to(world, get("/endpoint", from("2001:db8::7"))), "[2001:db8::7]:0");
  }
}

TEST(Proxies, ArePassedOverFromTheRight) {
  World world(behind({"127.0.0.1", "10.0.0.0/8"}));
  EXPECT_EQ(answers_to(world, get("/who", from("1.1.1.1, 203.0.113.7, 10.0.0.1"))), "203.0.113.7");
  EXPECT_EQ(answers_to(world, get("/who", from("1.1.1.1") + from("203.0.113.7"))), "203.0.113.7");
}

TEST(Proxies, ThatNameNobodyAreTheClient) {
  World world(behind({"127.0.0.1"}));
  for (const char* list : {"", ",", " , ,", "unknown", "203.0.113.7, x", "203.0.113.7:80"}) {
    EXPECT_EQ(answers_to(world, get("/who", from(list))), "127.0.0.1") << list;
  }
  EXPECT_EQ(answers_to(world, get("/who")), "127.0.0.1");
  EXPECT_EQ(answers_to(world, get("/who", "X_Forwarded_For: 203.0.113.7\r\n")), "127.0.0.1");
}

TEST(Proxies, MaySpeakForAnotherWithEachRequest) {
  World world(behind({"127.0.0.1"}));
  EXPECT_EQ(
      answers_to(world, get("/who", from("203.0.113.7")) + get("/who") +
                            get("/later", from("203.0.113.8")) + get("/who", from("203.0.113.9"))),
      "203.0.113.7 127.0.0.1 203.0.113.8 203.0.113.9");
}

std::string message_on(RawPeer& peer) {
  const std::size_t before = peer.received().size();
  peer.send(support::client_frame(0x81, "who?"));
  peer.run_for(milliseconds(50));
  return support::decode_frames(peer.received().substr(before)).at(0).payload;
}

TEST(Proxies, OpenWebSocketsForTheirClients) {
  World world(behind({"127.0.0.1"}));
  RawPeer peer(world);
  peer.send(get("/who", from("203.0.113.6")) +
            support::opening_request("/ws", from("203.0.113.7")));
  peer.run_for(milliseconds(50));
  EXPECT_EQ(message_on(peer), "203.0.113.7:0");
  RawPeer direct(world);
  direct.send(support::opening_request());
  direct.run_for(milliseconds(50));
  EXPECT_TRUE(message_on(direct).starts_with("127.0.0.1:"));
  EXPECT_EQ(message_on(peer), "203.0.113.7:0");
}

// The place of a connection that has gone is used again, by somebody else.
TEST(Proxies, LeaveNothingBehind) {
  World world(behind({"127.0.0.1"}));
  for (const char* client : {"203.0.113.7", "", "203.0.113.8"}) {
    const std::string expected = *client == '\0' ? "127.0.0.1" : client;
    EXPECT_EQ(answers_to(world, get("/who", from(client))), expected);
  }
}

TEST(Proxies, OnThisMachineAreListedAsUnix) {
  for (const bool listed : {true, false}) {
    ServerOptions options = behind({listed ? "unix" : "127.0.0.1"});
    options.unix_path = "/run/test";
    World world(options);
    HttpClient client(world.client_side.loop);
    std::string body;
    client.request(
        {.url = "http+unix:/run/test:/who", .fields = {{"X-Forwarded-For", "203.0.113.7"}}},
        {.on_done = [&](int, std::string_view text) { body = text; }});
    world.runner.run_for(seconds(1));
    EXPECT_EQ(body, listed ? "203.0.113.7" : "");
  }
}

// --- The PROXY protocol

const std::string line = "PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n";
const std::string binary_start = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string binary =
    binary_start + "\x21\x11\0\x0C\xCB\0\x71\x07\x0A\0\0\x01\xDC\x04\x01\xBB"s;
const std::string local = binary_start + "\x20\0\0\0"s;

TEST(ProxyProtocol, NamesTheClientOfTheWholeConnection) {
  World world(behind({"127.0.0.1"}, true));
  for (const std::string& header : {line, binary}) {
    EXPECT_EQ(answers_to(world, header + get("/endpoint") + get("/later")),
              "203.0.113.7:56324 203.0.113.7");
    RawPeer peer(world);
    peer.send(header + support::opening_request());
    peer.run_for(milliseconds(50));
    EXPECT_EQ(message_on(peer), "203.0.113.7:56324");
  }
}

TEST(ProxyProtocol, MayComeInAnySplit) {
  for (const std::string& header : {line, binary}) {
    for (std::size_t cut = 1; cut <= header.size() + 1; ++cut) {
      World world(behind({"127.0.0.1"}, true));
      EXPECT_EQ(answers_to(world, header + get("/who"), cut), "203.0.113.7") << cut;
    }
  }
}

TEST(ProxyProtocol, MayNameNobody) {
  World world(behind({"127.0.0.1"}, true));
  EXPECT_EQ(answers_to(world, local + get("/who")), "127.0.0.1");
  EXPECT_EQ(answers_to(world, "PROXY UNKNOWN\r\n" + get("/who")), "127.0.0.1");
}

TEST(ProxyProtocol, IsAskedOfListedPeers) {
  World world(behind({"127.0.0.1"}, true));
  EXPECT_EQ(answers_to(world, get("/who")), "400");
  EXPECT_EQ(answers_to(world, "\r\n" + get("/who")), "400");
  EXPECT_EQ(answers_to(world, "PROXY TCP4 203.0.113.7\r\n" + get("/who")), "400");
  EXPECT_EQ(answers_to(world, binary_start + "\x31\x11\0\0"s + get("/who")), "400");
  EXPECT_EQ(world.server->stats().requests, 0U);
}

TEST(ProxyProtocol, SaysWhatIsWrongAndCloses) {
  World world(behind({"127.0.0.1"}, true));
  RawPeer peer(world);
  peer.send("PROXY " + std::string(200, 'x') + get("/who") + get("/who"));
  peer.run_for(seconds(1));
  const auto answers = parse_answers(peer.received());
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 400);
  EXPECT_EQ(answers[0].body, "PROXY protocol: no CRLF within 107 bytes\n");
  EXPECT_TRUE(answers[0].has("Connection: close"));
  peer.run_for(seconds(3));
  EXPECT_TRUE(peer.ended());
  EXPECT_FALSE(peer.was_reset());
  EXPECT_EQ(world.server->stats().connections, 0U);
}

// A line is a request with a method that nobody knows; the other is preceded by empty lines.
std::string refusal_of(const std::string& header) { return header == line ? "501" : "400"; }

TEST(ProxyProtocol, ComesOnce) {
  World world(behind({"127.0.0.1"}, true));
  for (const std::string& first : {line, binary, local}) {
    const std::string client = first == local ? "127.0.0.1" : "203.0.113.7";
    for (const std::string& second : {line, binary, local}) {
      EXPECT_EQ(answers_to(world, first + second + get("/who")), refusal_of(second));
      EXPECT_EQ(answers_to(world, first + get("/who") + second + get("/who")),
                client + " " + refusal_of(second));
    }
  }
}

TEST(ProxyProtocol, IsABadRequestFromAnybodyElse) {
  for (const std::string& header : {line, binary, local}) {
    World unlisted(behind({"10.0.0.1"}, true));
    EXPECT_EQ(answers_to(unlisted, header + get("/who")), refusal_of(header));
    EXPECT_EQ(answers_to(unlisted, get("/who")), "127.0.0.1");
    World unexpected(behind({"127.0.0.1"}, false));
    EXPECT_EQ(answers_to(unexpected, header + get("/who")), refusal_of(header));
    EXPECT_EQ(answers_to(unexpected, get("/who")), "127.0.0.1");
  }
}

// Whom the header names is whose word X-Forwarded-For is.
TEST(ProxyProtocol, MayStandBeforeAnotherProxy) {
  const std::string request = get("/who", from("198.51.100.9"));
  World near(behind({"127.0.0.1"}, true));
  EXPECT_EQ(answers_to(near, line + request), "203.0.113.7");
  EXPECT_EQ(answers_to(near, local + request), "198.51.100.9");
  World both(behind({"127.0.0.1", "203.0.113.7"}, true));
  EXPECT_EQ(answers_to(both, line + request), "198.51.100.9");
  EXPECT_EQ(answers_to(both, line + get("/endpoint")), "203.0.113.7:56324");
}

TEST(ProxyProtocol, HasTheTimeOfAHead) {
  for (const bool limited : {true, false}) {
    ServerOptions options = behind({"127.0.0.1"}, true);
    if (!limited) options.http.head_timeout = milliseconds(0);
    World world(options);
    RawPeer peer(world);
    peer.send("PROXY TCP4 ");
    peer.run_for(seconds(9));
    EXPECT_FALSE(peer.ended());
    peer.run_for(seconds(2));
    EXPECT_EQ(peer.ended(), limited);
    EXPECT_EQ(peer.received(), "");
  }
}

// The deadlines of HTTP begin behind it.
TEST(ProxyProtocol, LeavesItsTimeBehind) {
  World world(behind({"127.0.0.1"}, true));
  RawPeer peer(world);
  peer.run_for(seconds(9));
  peer.send(line + get("/who"));
  peer.run_for(seconds(60));
  peer.send(get("/nothing"));
  peer.run_for(seconds(1));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200 404");
}

TEST(ProxyProtocol, IsNotWaitedForAtTheEnd) {
  World world(behind({"127.0.0.1"}, true));
  RawPeer half(world);
  half.send("PROXY ");
  half.end();
  half.run_for(seconds(1));
  EXPECT_TRUE(half.ended());
  RawPeer silent(world);
  bool stopped = false;
  world.server->stop([&] { stopped = true; });
  silent.run_for(seconds(1));
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(stopped);
}

// --- What means nothing

TEST(Proxies, AreRefusedWhenMalformed) {
  for (const char* entry : {"", "localhost", "10.0.0.1/8", "10.0.0.0/33", "[::1]"}) {
    try {
      const World world(behind({"127.0.0.1", entry}));
      ADD_FAILURE() << "taken: " << entry;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_NE(std::string(refusal.what()).find("'" + std::string(entry) + "'"),
                std::string::npos);
    }
  }
  EXPECT_THROW(World(behind({}, true)), std::invalid_argument);
}

}  // namespace
}  // namespace duplex
