// The hostile requests against a whole server: what each row asks for, and that every answer
// arrives before the connection goes.
#include <gtest/gtest.h>

#include <algorithm>

#include "../support/request_rows.h"
#include "../support/rows.h"
#include "../support/simulated.h"
#include "answers.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;
using support::SimulatedServer;

struct Row {
  std::string id;
  std::string bytes;
  std::string required;
};

std::vector<Row> load() {
  std::vector<Row> rows;
  for (const auto& json : support::load_rows("http_requests.json").array) {
    if (!json["id"].string.starts_with('H')) continue;
    rows.push_back({json["id"].string, support::bytes_of(json["bytes"]), json["required"].string});
  }
  return rows;
}

void echo(Exchange& exchange) {
  const std::string text = std::string(exchange.request().method) + ' ' +
                           std::string(exchange.request().path) + ' ' +
                           std::string(as_text(exchange.body()));
  exchange.respond(200, "text/plain", text);
}

void serve_everything(Server& server) {
  for (const char* method : {"GET", "POST", "OPTIONS"}) server.route(method, "/{rest...}", echo);
}

bool is_error(const Answer& answer) { return answer.status >= 400; }

// After an error, and where the row says so.
bool shall_close(const Row& row, const std::vector<Answer>& answers) {
  return std::any_of(answers.begin(), answers.end(), is_error) ||
         row.required.find("close") != std::string::npos;
}

void expect_answers(const Row& row, std::size_t cut) {
  static const auto outcomes = support::expected_outcomes();
  SCOPED_TRACE(row.id + (cut == 0 ? " whole" : " byte by byte"));
  SimulatedServer world;
  serve_everything(*world.server);
  RawPeer peer(world);
  peer.send(row.bytes, cut);
  peer.run_for(seconds(1));
  const auto answers = parse_answers(peer.received(), row.bytes.starts_with("HEAD "));
  // H29 asks about the server, which has nothing to say.
  EXPECT_EQ(statuses_of(answers), row.id == "H29" ? "204" : outcomes.at(row.id));
  for (const Answer& answer : answers) {
    EXPECT_TRUE(answer.whole);
    if (!is_error(answer)) continue;
    EXPECT_TRUE(answer.has("Connection: close"));
    EXPECT_EQ(answer.field("Content-Length"), std::to_string(answer.body.size()));
  }
  EXPECT_EQ(peer.ended(), shall_close(row, answers));
  EXPECT_FALSE(peer.was_reset());
  peer.run_for(seconds(3));
  EXPECT_EQ(world.server->stats().connections, peer.ended() ? 0U : 1U);
}

bool waits(const Row& row) { return row.id == "H168" || row.id == "H172" || row.id == "H173"; }

class HttpRows : public testing::TestWithParam<Row> {};

TEST_P(HttpRows, AreAnsweredAsRequired) {
  const Row& row = GetParam();
  if (waits(row)) return;  // tested below
  constexpr std::size_t small = 4096;
  expect_answers(row, 0);
  if (row.bytes.size() <= small) expect_answers(row, 1);
}

INSTANTIATE_TEST_SUITE_P(Table, HttpRows, testing::ValuesIn(load()),
                         [](const auto& row) { return row.param.id; });

Row row_named(const std::string& id) {
  const auto rows = load();
  return *std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id == id; });
}

class HttpRow : public testing::Test {
 protected:
  HttpRow() { serve_everything(*world_.server); }
  std::string body_of(const std::string& id) {
    RawPeer peer(world_);
    peer.send(row_named(id).bytes);
    peer.run_for(milliseconds(5));
    std::string bodies;
    for (const Answer& answer : parse_answers(peer.received())) bodies += answer.body + '|';
    return bodies;
  }

  SimulatedServer world_;
};

TEST_F(HttpRow, TheHandlerSeesTheRequestAndNothingElse) {
  EXPECT_EQ(body_of("H32"), "GET /x |");
  EXPECT_EQ(body_of("H81"), "POST / |");
  EXPECT_EQ(body_of("H107"), "GET / hello|GET /2 |");
  EXPECT_EQ(body_of("H110"), "POST / hello|");
  EXPECT_EQ(body_of("H134"), "POST / 0123456789|");
  EXPECT_EQ(body_of("H163"), "POST / hello|GET /2 |");
  EXPECT_EQ(body_of("H165"), "GET /1 |GET /2 |");
}

TEST_F(HttpRow, H31HeadHasTheFieldsOfGetAndNoBody) {
  RawPeer get(world_);
  get.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  get.run_for(milliseconds(5));
  RawPeer head(world_);
  head.send(row_named("H31").bytes);
  head.run_for(milliseconds(5));
  const auto whole = parse_answers(get.received());
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_TRUE(head.received().ends_with("\r\n\r\n"));
  EXPECT_EQ(parse_answers(head.received(), true).at(0).field("Content-Length"),
            std::to_string(whole[0].body.size() + 1));  // it says HEAD
}

TEST_F(HttpRow, H168ContinueIsSaidBeforeTheBody) {
  RawPeer peer(world_);
  peer.send(row_named("H168").bytes);
  peer.run_for(seconds(1));
  EXPECT_EQ(peer.received(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hello");
  peer.run_for(milliseconds(5));
  EXPECT_EQ(statuses_of(parse_answers(peer.received())), "100 200");
  EXPECT_TRUE(peer.received().ends_with("POST / hello"));
  EXPECT_FALSE(peer.ended());
}

TEST_F(HttpRow, H172AndH173AreGivenUpAtTheirDeadlines) {
  for (const char* id : {"H172", "H173"}) {
    SCOPED_TRACE(id);
    RawPeer peer(world_);
    peer.send(row_named(id).bytes);
    peer.run_for(milliseconds(9990));
    EXPECT_EQ(peer.received(), "");
    peer.run_for(milliseconds(15));
    const auto answers = parse_answers(peer.received());
    EXPECT_EQ(statuses_of(answers), "408");
    EXPECT_TRUE(answers.at(0).whole && answers[0].has("Connection: close"));
    peer.run_for(seconds(3));
    EXPECT_TRUE(peer.ended());
    EXPECT_FALSE(peer.was_reset());
    EXPECT_EQ(world_.server->stats().connections, 0U);
  }
}

// The request that cannot be read is not the HEAD before it.
TEST_F(HttpRow, AnErrorBehindHeadHasItsBody) {
  RawPeer peer(world_);
  peer.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n\x01\r\n\r\n");
  peer.run_for(seconds(1));
  const auto error = peer.received().find("HTTP/1.1 400");
  ASSERT_NE(error, std::string::npos);
  const auto answers = parse_answers(std::string_view(peer.received()).substr(error));
  EXPECT_TRUE(answers.at(0).whole);
  EXPECT_FALSE(answers[0].body.empty());
}

}  // namespace
}  // namespace duplex
