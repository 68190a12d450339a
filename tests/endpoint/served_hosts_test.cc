// A page whose own name points here is of the server's own origin: Host tells it (RFC 9110 section
// 15.5.20).
#include <gtest/gtest.h>

#include <stdexcept>

#include "../support/simulated.h"
#include "answers.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using support::RawPeer;
using support::SimulatedServer;

const std::string opening =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

ServerOptions serving(std::vector<std::string> hosts) {
  ServerOptions options;
  options.hosts = std::move(hosts);
  return options;
}

class ServedHosts : public testing::Test {
 protected:
  ServedHosts() : world_(1, serving({"localhost", "127.0.0.1"})) {
    world_.server->get("/", [this](Exchange& exchange) {
      ++answered_;
      exchange.respond(200, "text/plain", "");
    });
    world_.server->websocket(
        "/ws", {.on_open = [this](Connection&, const http::Request&) { ++answered_; }});
  }

  std::string statuses(const std::string& bytes) {
    RawPeer peer(world_);
    peer.send(bytes);
    peer.run_for(milliseconds(10));
    return statuses_of(parse_answers(peer.received()));
  }

  SimulatedServer world_;
  int answered_ = 0;
};

TEST_F(ServedHosts, AreAnswered) {
  EXPECT_EQ(statuses("GET / HTTP/1.1\r\nHost: LocalHost:80\r\n\r\n"), "200");
  EXPECT_EQ(statuses("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), "200");
  EXPECT_EQ(statuses("GET / HTTP/1.0\r\n\r\n"), "200");
  EXPECT_EQ(statuses("GET /ws HTTP/1.1\r\nHost: localhost\r\n" + opening + "\r\n"), "101");
  EXPECT_EQ(answered_, 4);
}

TEST_F(ServedHosts, KeepAPageOutWhoseNameWasMadeToPointHere) {
  const std::string host = "Host: evil.example\r\n";
  EXPECT_EQ(statuses("GET / HTTP/1.1\r\n" + host + "\r\n"), "421");
  EXPECT_EQ(statuses("GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n"), "421");
  EXPECT_EQ(statuses("OPTIONS * HTTP/1.1\r\n" + host + "\r\n"), "421");
  EXPECT_EQ(statuses("GET /nothing HTTP/1.1\r\n" + host + "\r\n"), "421");
  const std::string origin = "Origin: http://evil.example\r\nCookie: a=b\r\n";
  EXPECT_EQ(statuses("GET /ws HTTP/1.1\r\n" + host + origin + opening + "\r\n"), "421");
  EXPECT_EQ(answered_, 0);
}

// The rest could be anything, so nothing after the refusal is a request.
TEST_F(ServedHosts, NothingFollowsARefusal) {
  const std::string body = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  EXPECT_EQ(statuses("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body + body),
            "421");
  EXPECT_EQ(answered_, 0);
}

TEST(ServedHostsOption, IsAHostWithoutAPort) {
  try {
    SimulatedServer world(1, serving({"a", "b:80"}));
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "hosts: 'b:80' is not a host without a port");
  }
}

}  // namespace
}  // namespace duplex
