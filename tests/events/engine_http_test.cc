// Who may use an Engine.IO server, and from where: CORS, cookies, and the application's say.
#include "../support/wire.h"
#include "duplex/http/target.h"
#include "engine_test.h"

namespace duplex {
namespace {

using Engine = EngineTest;

class EngineHttpTest : public Engine {
 protected:
  Answer ask_from(const std::string& origin, const std::string& method, const std::string& query,
                  const std::string& more = {}) {
    RawPeer peer(world_);
    start(peer, method, query, {}, "Origin: " + origin + "\r\n" + more);
    peer.run_for(milliseconds(5));
    return answer_of(peer);
  }
};

constexpr const char* opening = "EIO=4&transport=polling";

TEST_F(EngineHttpTest, LetsNoOtherOriginReadWithoutBeingTold) {
  serve();
  const Answer answer = ask_from("http://a.example", "GET", opening);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(ask_from("http://a.example", "OPTIONS", opening).status, 405);
}

TEST_F(EngineHttpTest, LetsListedOriginsRead) {
  options_.cors = {.origins = {"http://a.example"}, .credentials = true};
  serve();
  const Answer listed = ask_from("http://a.example", "GET", opening);
  EXPECT_EQ(listed.field("Access-Control-Allow-Origin"), "http://a.example");
  EXPECT_EQ(listed.field("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(listed.field("Vary"), "Origin");
  const Answer other = ask_from("http://b.example", "GET", opening);
  EXPECT_EQ(other.field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(other.field("Vary"), "Origin");
  // Errors, too, or a page would not know why.
  EXPECT_EQ(ask_from("http://a.example", "GET", "EIO=4").field("Access-Control-Allow-Origin"),
            "http://a.example");
}

TEST_F(EngineHttpTest, LetsAllOriginsRead) {
  options_.cors = {.origins = {"*"}};
  serve();
  EXPECT_EQ(ask_from("http://a.example", "GET", opening).field("Access-Control-Allow-Origin"), "*");
}

TEST_F(EngineHttpTest, NamesTheOriginWhereCredentialsAreSent) {
  options_.cors = {.origins = {"*"}, .credentials = true};
  serve();
  EXPECT_EQ(ask_from("http://a.example", "GET", opening).field("Access-Control-Allow-Origin"),
            "http://a.example");
}

TEST_F(EngineHttpTest, AnswersPreflights) {
  options_.cors = {.origins = {"http://a.example"}};
  serve();
  const Answer answer =
      ask_from("http://a.example", "OPTIONS", opening, "Access-Control-Request-Headers: x-a\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.field("Access-Control-Allow-Methods"), "GET,POST");
  EXPECT_EQ(answer.field("Access-Control-Allow-Headers"), "x-a");
}

TEST_F(EngineHttpTest, AnswersPreflightsWithItsOwnList) {
  options_.cors = {.origins = {"http://a.example"}, .allowed_fields = {"x-b", "x-c"}};
  serve();
  const Answer answer =
      ask_from("http://a.example", "OPTIONS", opening, "Access-Control-Request-Headers: x-a\r\n");
  EXPECT_EQ(answer.field("Access-Control-Allow-Headers"), "x-b, x-c");
}

// The server's answer to the opening of a WebSocket, with a cookie or without.
class EngineOriginTest : public EngineHttpTest {
 protected:
  int open_from(const std::string& origin, bool with_cookie = true) {
    RawPeer peer(world_);
    peer.send(support::opening_request(
        "/engine.io/?EIO=4&transport=websocket",
        "Origin: " + origin + (with_cookie ? "\r\nCookie: io=1\r\n" : "\r\n")));
    peer.run_for(milliseconds(5));
    return std::stoi(peer.received().substr(9, 3));
  }
};

TEST_F(EngineOriginTest, WebSocketsOfOtherOriginsBringNoCookiesWithoutBeingTold) {
  serve();
  EXPECT_EQ(open_from("http://b.example"), 403);
  EXPECT_EQ(open_from("http://b.example", false), 101);
  EXPECT_EQ(open_from("http://a"), 101);
}

TEST_F(EngineOriginTest, AnEmptyListIsTheOwnOriginAlone) {
  options_.cors.emplace();
  serve();
  EXPECT_EQ(open_from("http://b.example"), 403);
  EXPECT_EQ(open_from("http://b.example", false), 403);
  EXPECT_EQ(open_from("http://a"), 101);
  EXPECT_EQ(ask_from("http://b.example", "GET", opening).field("Access-Control-Allow-Origin"), "");
}

TEST_F(EngineOriginTest, TheListHoldsForWebSocketsToo) {
  options_.cors = {.origins = {"http://a.example"}};
  serve();
  EXPECT_EQ(open_from("http://a.example"), 101);
  EXPECT_EQ(open_from("http://b.example"), 403);
  EXPECT_EQ(open_from("http://b.example", false), 403);
  EXPECT_EQ(open_from("http://a"), 101) << "a page of ours polls, too";
}

TEST_F(EngineOriginTest, AllOriginsAreAll) {
  options_.cors = {.origins = {"*"}};
  serve();
  EXPECT_EQ(open_from("http://b.example"), 101);
  EXPECT_EQ(open_from("null"), 101);
}

// In the words of the answers over polling.
TEST_F(EngineOriginTest, WhoMayNotOpenAWebSocketIsToldWhy) {
  serve();
  const auto told = [this](const std::string& query) {
    RawPeer peer(world_);
    peer.send(support::opening_request("/engine.io/?" + query));
    peer.run_for(milliseconds(5));
    const Answer answer = answer_of(peer);
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
    return std::to_string(answer.status) + answer.body;
  };
  EXPECT_EQ(told("EIO=4&transport=websocket&sid=none"),
            R"(400{"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(told("EIO=2&transport=websocket"),
            R"(400{"code":5,"message":"Unsupported protocol version"})");
  EXPECT_EQ(told("EIO=4&transport=pigeon"), R"(400{"code":0,"message":"Transport unknown"})");
}

TEST_F(EngineHttpTest, SetsACookieWithTheFirstAnswer) {
  options_.cookie.emplace();
  options_.fields = {{"X-Server", "seven"}};
  serve();
  const Answer answer = ask("GET", opening);
  const std::string sid = answer.body.substr(answer.body.find(R"("sid":")") + 7, 20);
  EXPECT_EQ(answer.field("Set-Cookie"), "io=" + sid + "; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(answer.field("X-Server"), "seven");
  const Answer later = ask("POST", std::string(opening) + "&sid=" + sid, "4a");
  EXPECT_EQ(later.body, "ok");
  EXPECT_EQ(ask("GET", std::string(opening) + "&sid=" + sid).field("Set-Cookie"), "");
}

TEST_F(EngineHttpTest, AsksTheApplication) {
  options_.allow_session = [](const http::Request& request) {
    const bool known = http::query_parameter(request.query, "token") == "a";
    return known ? std::nullopt : std::optional<std::string>("no \"token\"");
  };
  serve();
  const Answer refused = ask("GET", opening);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"code":4,"message":"no \"token\""})");
  EXPECT_EQ(ask("GET", std::string(opening) + "&token=a").status, 200);
  const auto socket = connect("EIO=4&transport=websocket");
  EXPECT_NE(socket->failure.find("400"), std::string::npos) << socket->failure;
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(EngineHttpTest, AsksTheApplicationEachTime) {
  bool open_for_all = true;
  options_.allow_request = [&](const http::Request&) {
    return open_for_all ? std::nullopt : std::optional<std::string>("closed");
  };
  serve();
  const std::string query = open();
  open_for_all = false;
  EXPECT_EQ(ask("POST", query, "4a").status, 403);
  EXPECT_EQ(ask("GET", query).status, 403);
  open_for_all = true;
  EXPECT_EQ(ask("POST", query, "4a").status, 200);
}

}  // namespace
}  // namespace duplex
