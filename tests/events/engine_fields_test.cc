// The application's own fields in the answers of an Engine.IO server: Set-Cookie and the like.
#include "../support/wire.h"
#include "engine_test.h"

namespace duplex {
namespace {

using endpoint::HeaderField;
using endpoint::PeerRequest;

constexpr const char* polling = "EIO=4&transport=polling";

// Each answer has the number of those before it, and says whether it opens a session.
class EngineFieldsTest : public EngineTest {
 protected:
  EngineFieldsTest() {
    options_.make_fields = [this](const PeerRequest& asked, bool opens) {
      EXPECT_EQ(asked.request.path, "/engine.io/");
      return std::vector<HeaderField>{{"X-Number", std::to_string(asked_++)},
                                      {"X-Opens", opens ? "yes" : "no"}};
    };
  }
  // "200 0 yes"
  static std::string told(const Answer& answer) {
    return std::to_string(answer.status) + " " + std::string(answer.field("X-Number")) + " " +
           std::string(answer.field("X-Opens"));
  }
  std::string upgrade(const std::string& query) {
    RawPeer peer(world_);
    peer.send(support::opening_request("/engine.io/?EIO=4&transport=websocket" + query));
    peer.run_for(milliseconds(10));
    return peer.received();
  }

  int asked_ = 0;
};

TEST_F(EngineFieldsTest, AreInTheAnswersOfAPollingClient) {
  serve();
  const Answer opening = ask("GET", polling);
  EXPECT_EQ(told(opening), "200 0 yes");
  const std::string query = std::string(polling) + "&sid=" + opening.body.substr(9, 20);
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(5));
  EXPECT_EQ(told(ask("POST", query, "4a")), "200 2 no");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(told(answer_of(poll)), "200 1 no");
}

// It is read in several turns, and its connection has no request any more when it is answered.
TEST_F(EngineFieldsTest, AreInTheAnswerToALongPost) {
  serve();
  const std::string query = open();
  std::string body = "4a";
  for (int i = 0; i < 300; ++i) {
    body +=
        "\x1e"
        "4a";
  }
  EXPECT_EQ(told(ask("POST", query, body)), "200 1 no");
}

TEST_F(EngineFieldsTest, AreInThe101) {
  serve();
  EXPECT_NE(upgrade("").find("X-Number: 0\r\nX-Opens: yes\r\n"), std::string::npos);
  const std::string query = open();
  EXPECT_NE(upgrade("&sid=" + sid_of(query)).find("X-Number: 2\r\nX-Opens: no\r\n"),
            std::string::npos);
}

TEST_F(EngineFieldsTest, AreNotAskedForWhoIsRefused) {
  options_.allow_request = [](const http::Request&) { return std::optional<std::string>("no"); };
  serve();
  EXPECT_EQ(told(ask("GET", polling)), "403  ");
  EXPECT_EQ(told(ask("GET", std::string(polling) + "&sid=none")), "403  ");
  EXPECT_EQ(asked_, 0);
}

// Nothing is taken from the session for an answer that cannot be sent.
TEST_F(EngineFieldsTest, MustBeSendable) {
  std::string value = "a";
  options_.make_fields = [&](const PeerRequest&, bool) {
    return std::vector<HeaderField>{{"X-Value", value}};
  };
  serve();
  const std::string query = open();
  engine_->find(sid_of(query))->send_text("kept");
  value = "a\r\nX-Other: b";
  EXPECT_EQ(ask("GET", query).status, 500);
  EXPECT_EQ(ask("POST", query, "4lost").status, 500);
  EXPECT_EQ(messages_, 0);
  EXPECT_EQ(ask("GET", polling).status, 500);
  EXPECT_EQ(engine_->session_count(), 1U);
  EXPECT_TRUE(upgrade("").starts_with("HTTP/1.1 500 "));
  value = "b";
  EXPECT_EQ(ask("GET", query).body, "4kept");
}

TEST_F(EngineFieldsTest, MayComeFromWhoEndsEverything) {
  options_.make_fields = [&](const PeerRequest&, bool opens) {
    if (!opens) engine_.reset();
    return std::vector<HeaderField>();
  };
  serve();
  const std::string query = open();
  EXPECT_EQ(ask("GET", query).status, 400);
  EXPECT_EQ(ask("GET", polling).status, 503);
}

TEST_F(EngineFieldsTest, OfAllAnswersMustBeSendableFromTheBeginning) {
  const auto refusal = [&] {
    try {
      serve();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  options_.fields = {{"X Name", "a"}};
  EXPECT_EQ(refusal(), "EngineOptions::fields: the field 'X Name: a' cannot be sent");
  options_.fields = {};
  options_.cookie = {.name = "io", .attributes = "Path=/\r\nX: y"};
  EXPECT_EQ(refusal(),
            "EngineOptions::cookie: the field 'Set-Cookie: io=; Path=/??X: y' cannot be sent");
}

// Its application has gone.
TEST_F(EngineFieldsTest, AreNotAskedForAfterTheEnd) {
  int asked = 0;
  options_.allow_request = [&](const http::Request&) {
    ++asked;
    return std::optional<std::string>();
  };
  serve();
  engine_.reset();
  EXPECT_EQ(ask("GET", polling).status, 503);
  EXPECT_EQ(ask("POST", polling, "4a").status, 503);
  EXPECT_FALSE(upgrade("").empty());
  EXPECT_EQ(asked + asked_, 0);
}

}  // namespace
}  // namespace duplex
