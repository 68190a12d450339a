// The hostile openings against a whole server: 101 or not, and no trace of those refused.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "../support/rows.h"
#include "../support/simulated.h"
#include "../support/wire.h"
#include "answers.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

const std::string sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // RFC 6455 section 1.3

struct Row {
  std::string id;
  std::string bytes;
  int status = 0;
};

// Where a row leaves a choice, this is ours; the rest is the number it begins with.
int required_status(const support::Json& row) {
  static const std::map<std::string, int> ours = {{"W27", 426}, {"W60", 400}, {"W66", 426}};
  const auto found = ours.find(row["id"].string);
  return found != ours.end() ? found->second : std::stoi(row["required"].string);
}

std::vector<Row> load() {
  std::vector<Row> rows;
  for (const auto& json : support::load_rows("http_requests.json").array) {
    if (!json["id"].string.starts_with('W')) continue;
    rows.push_back({json["id"].string, support::bytes_of(json["bytes"]), required_status(json)});
  }
  return rows;
}

// What the application sees of the rows.
struct Events {
  int opened = 0;
  int closed = 0;
  int smuggled = 0;
  std::string messages = {};
};

void serve(Server& server, Events& events) {
  server.websocket("/ws",
                   {.on_open = [&](Connection&, const http::Request&) { ++events.opened; },
                    .on_message =
                        [&](Connection& peer, Message message) {
                          events.messages += std::string(message.text()) + '|';
                          peer.send(message);
                        },
                    .on_close = [&](Connection&, const CloseEvent&) { ++events.closed; }},
                   {.subprotocols = {"chat"}, .allowed_origins = {"https://good.example"}});
  server.get("/smuggled", [&](Exchange& exchange) {
    ++events.smuggled;
    exchange.respond(200, "text/plain", "smuggled");
  });
}

void expect_refusal(const Row& row, const Answer& answer, RawPeer& peer) {
  EXPECT_TRUE(answer.whole);
  EXPECT_TRUE(answer.has("Connection: close") || answer.has("Connection: Upgrade, close") ||
              answer.has("Connection: close, Upgrade"))
      << answer.head;
  EXPECT_EQ(answer.field("Content-Length"), std::to_string(answer.body.size()));
  if (row.status == 405) {
    EXPECT_TRUE(answer.has("Allow: GET"));
  }
  if (row.status == 426) {
    EXPECT_TRUE(answer.has("Upgrade: websocket"));
    EXPECT_TRUE(answer.has("Sec-WebSocket-Version: 13"));
  }
  peer.run_for(seconds(3));
  EXPECT_TRUE(peer.ended());
  EXPECT_FALSE(peer.was_reset());
}

void expect_opening(const Row& row, const Answer& answer, RawPeer& peer) {
  if (row.id != "W16") {
    EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), sample_accept);
  }
  EXPECT_EQ(answer.field("Sec-WebSocket-Protocol"), row.id == "W35" ? "chat" : "");
  EXPECT_EQ(answer.head.find("Sec-WebSocket-Extensions"), std::string::npos);
  EXPECT_EQ(answer.head.find("Content-Length"), std::string::npos);
  EXPECT_FALSE(peer.ended());
  const std::string close = support::client_frame(0x88, support::close_payload(1000));
  peer.send(support::client_frame(0x81, "hi") + close);
  peer.run_for(milliseconds(20));
  EXPECT_TRUE(peer.ended());
  EXPECT_TRUE(peer.received().ends_with(support::server_frame(0x81, "hi") +
                                        support::server_frame(0x88, support::close_payload(1000))));
}

void expect_row(const Row& row, std::size_t cut) {
  SCOPED_TRACE(row.id + (cut == 0 ? " whole" : " byte by byte"));
  SimulatedServer world;
  Events events;
  serve(*world.server, events);
  const bool opens = row.status == 101;
  {
    RawPeer peer(world);
    peer.send(row.bytes, cut);
    peer.run_for(milliseconds(50));
    EXPECT_EQ(world.server->stats().websockets, opens ? 1U : 0U);
    const auto end = peer.received().find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos);
    const auto answers = parse_answers(opens ? peer.received().substr(0, end + 4) : peer.received(),
                                       row.bytes.starts_with("HEAD"));
    ASSERT_EQ(statuses_of(answers), std::to_string(row.status));
    opens ? expect_opening(row, answers[0], peer) : expect_refusal(row, answers[0], peer);
  }
  world.runner.run_for(seconds(3));
  EXPECT_EQ(events.opened, opens ? 1 : 0);
  EXPECT_EQ(events.closed, events.opened);
  EXPECT_EQ(events.messages, !opens ? "" : row.id == "W61" ? "hello|hi|" : "hi|");
  EXPECT_EQ(events.smuggled, 0);
  EXPECT_EQ(world.server->stats().websockets, 0U);
  EXPECT_EQ(world.server->stats().connections, 0U);
}

class WebSocketRows : public testing::TestWithParam<Row> {};

TEST_P(WebSocketRows, AreAnsweredAsRequiredAndLeaveNoTrace) {
  const Row& row = GetParam();
  constexpr std::size_t small = 1500;  // more would take longer than the head may
  expect_row(row, 0);
  if (row.bytes.size() <= small) expect_row(row, 1);
}

INSTANTIATE_TEST_SUITE_P(Table, WebSocketRows, testing::ValuesIn(load()),
                         [](const auto& row) { return row.param.id; });

const std::string opening = support::opening_request();

// W06 to W08: a path that serves both answers what is not an opening as plain HTTP.
TEST(WebSocketOpening, LeavesPlainRequestsToThePlainRoute) {
  SimulatedServer world;
  Events events;
  serve(*world.server, events);
  world.server->get("/ws", [](Exchange& exchange) { exchange.respond(200, "text/plain", "page"); });
  for (const Row& row : load()) {
    if (row.id != "W06" && row.id != "W07" && row.id != "W08") continue;
    RawPeer peer(world);
    peer.send(row.bytes);
    peer.run_for(milliseconds(5));
    EXPECT_EQ(statuses_of(parse_answers(peer.received())), "200") << row.id;
  }
  RawPeer peer(world);
  peer.send(opening);
  peer.run_for(milliseconds(5));
  EXPECT_EQ(peer.received().substr(0, 12), "HTTP/1.1 101");
}

TEST(WebSocketOpening, T03ASlowOneIsGivenUpLikeAnyRequest) {
  SimulatedServer world;
  Events events;
  serve(*world.server, events);
  RawPeer peer(world);
  for (int i = 0; i < 12 && peer.received().empty(); ++i) {
    peer.send(opening.substr(static_cast<std::size_t>(i), 1));
    peer.run_for(seconds(1));
  }
  EXPECT_EQ(peer.received().substr(0, 12), "HTTP/1.1 408");
  EXPECT_EQ(events.opened, 0);
}

TEST(WebSocketOpening, TheApplicationMayRefuseWithAStatusOrAnException) {
  for (const int status : {403, 500}) {
    SimulatedServer world;
    world.server->websocket("/ws", {}, {.authorize = [&](const http::Request&) {
                              if (status == 500) throw std::runtime_error("no");
                              return status;
                            }});
    RawPeer peer(world);
    peer.send(opening + support::client_frame(0x81, "hello"));
    peer.run_for(seconds(3));
    EXPECT_EQ(statuses_of(parse_answers(peer.received())), std::to_string(status));
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(world.server->stats().connections, 0U);
  }
}

// Cross-site WebSocket hijacking: RFC 6455 section 10.2.
TEST(WebSocketOpening, APageOfAnotherSiteBringsNoCookies) {
  SimulatedServer world;
  world.server->websocket("/ws", {});
  world.server->websocket("/any", {}, {.allowed_origins = {"*"}});
  const auto status_of = [&](const char* path, const std::string& fields) {
    RawPeer peer(world);
    peer.send(support::opening_request(path, fields));
    peer.run_for(milliseconds(5));
    return peer.received().substr(0, 12);
  };
  const std::string evil = "Origin: https://evil.example\r\n";
  const std::string cookie = "Cookie: sid=1\r\n";
  EXPECT_EQ(status_of("/ws", evil + cookie), "HTTP/1.1 403");
  EXPECT_EQ(status_of("/ws", evil), "HTTP/1.1 101");
  EXPECT_EQ(status_of("/ws", cookie), "HTTP/1.1 101");
  EXPECT_EQ(status_of("/ws", "Origin: http://a\r\n" + cookie), "HTTP/1.1 101");
  EXPECT_EQ(status_of("/any", evil + cookie), "HTTP/1.1 101");
}

std::string answer_to_opening(const OpeningAnswer& said) {
  SimulatedServer world;
  world.server->websocket("/ws", {}, {.authorize = [&](const http::Request&) { return said; }});
  RawPeer peer(world);
  peer.send(support::opening_request());
  peer.run_for(milliseconds(50));
  return peer.received();
}

TEST(WebSocketOpening, TheApplicationMayAddFieldsToTheAnswer) {
  OpeningAnswer said = 101;
  said.fields = {{"Set-Cookie", "sid=1; HttpOnly"}};
  EXPECT_NE(answer_to_opening(said).find("\r\nSet-Cookie: sid=1; HttpOnly\r\n"), std::string::npos);
  std::string all;
  for (int i = 0; i < 64; ++i) {
    said.fields.push_back({"X-" + std::to_string(i), std::string(1024, 'x')});
    all += said.fields.back().name + ": " + said.fields.back().value + "\r\n";
  }
  const std::string answer = answer_to_opening(said);
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 101");
  EXPECT_TRUE(answer.ends_with("\r\n" + all + "\r\n"));
}

TEST(WebSocketOpening, AFieldThatCouldBeMisreadIsNotSent) {
  for (const HeaderField& field : std::vector<HeaderField>{
           {"X", "a\r\nSet-Cookie: b"}, {"X\r\nY", "a"}, {"Content-Length", "5"}}) {
    for (const int status : {101, 403}) {
      OpeningAnswer said = status;
      said.fields = {field};
      EXPECT_EQ(statuses_of(parse_answers(answer_to_opening(said))), "500") << field.name;
    }
  }
}

TEST(WebSocketOpening, TheApplicationMaySayWhyItRefuses) {
  OpeningAnswer said(429, "application/json", "{}");
  said.fields = {{"Retry-After", "7"}};
  const auto answers = parse_answers(answer_to_opening(said));
  ASSERT_EQ(statuses_of(answers), "429");
  EXPECT_EQ(answers[0].field("Content-Type"), "application/json");
  EXPECT_EQ(answers[0].field("Retry-After"), "7");
  EXPECT_EQ(answers[0].body, "{}");
  EXPECT_EQ(parse_answers(answer_to_opening(403)).at(0).body, "refused by the application\n");
}

TEST(WebSocketOpening, NothingOpensOnceTheServerStops) {
  SimulatedServer world;
  Events events;
  serve(*world.server, events);
  RawPeer peer(world);
  peer.send(opening.substr(0, 30));
  peer.run_for(milliseconds(5));
  world.server->stop();
  peer.send(opening.substr(30));
  peer.run_for(seconds(3));
  EXPECT_EQ(peer.received().substr(0, 12), "HTTP/1.1 503");
  EXPECT_EQ(events.opened, 0);
  EXPECT_EQ(world.server->stats().connections, 0U);
}

TEST(WebSocketOpening, AServerDestroyedByItsAuthorizationOpensNothing) {
  SimulatedServer world;
  Events events;
  serve(*world.server, events);
  bool opened = false;
  world.server->websocket("/last", {.on_open = [&](auto&, auto&) { opened = true; }},
                          {.authorize = [&](const http::Request&) {
                            world.server.reset();
                            return 101;
                          }});
  RawPeer peer(world);
  peer.send(support::opening_request("/last"));
  peer.run_for(seconds(1));
  EXPECT_FALSE(opened);
  EXPECT_TRUE(peer.ended());
}

// The frame came with the opening; who pauses in on_open does not get it before resuming.
TEST(WebSocketOpening, PauseInOnOpenHoldsBackWhatCameWithIt) {
  SimulatedServer world;
  ConnectionId id;
  std::string got;
  world.server->websocket(
      "/ws", {.on_open =
                  [&](Connection& peer, const http::Request&) {
                    id = peer.id();
                    peer.pause_reading();
                  },
              .on_message = [&](Connection&, Message message) { got += message.text(); }});
  RawPeer peer(world);
  peer.send(opening + support::client_frame(0x81, "a") + support::client_frame(0x81, "b"));
  peer.run_for(seconds(1));
  EXPECT_EQ(got, "");
  world.server->find(id)->resume_reading();
  peer.run_for(milliseconds(5));
  EXPECT_EQ(got, "ab");
}

TEST(WebSocketOpening, R40AnExceptionInOnOpenClosesWith1011) {
  SimulatedServer world;
  int closed = 0;
  world.server->websocket(
      "/ws", {.on_open = [](Connection&, const http::Request&) { throw std::runtime_error("no"); },
              .on_close = [&](Connection&, const CloseEvent&) { ++closed; }});
  RawPeer peer(world);
  peer.send(opening);
  peer.run_for(milliseconds(10));
  EXPECT_TRUE(peer.received().ends_with(support::server_frame(0x88, support::close_payload(1011))));
  EXPECT_EQ(closed, 1);
  EXPECT_TRUE(peer.ended());
  peer.run_for(seconds(3));
  EXPECT_EQ(world.server->stats().connections, 0U);
}

}  // namespace
}  // namespace duplex
