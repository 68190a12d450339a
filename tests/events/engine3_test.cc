// Sessions of clients that speak revision 3 of Engine.IO.
#include "engine_test.h"

namespace duplex {
namespace {

using namespace std::string_literals;

class Engine3Test : public EngineTest {
 protected:
  Engine3Test() { options_.allow_eio3 = true; }

  std::string open(const std::string& more = {}) {
    const Answer answer = ask("GET", "EIO=3&transport=polling" + more);
    EXPECT_EQ(answer.status, 200);
    const std::size_t at = answer.body.find(R"("sid":")") + 7;
    return "EIO=3&transport=polling" + more + "&sid=" + answer.body.substr(at, 20);
  }
  Answer post_bytes(const std::string& query, const std::string& body) {
    RawPeer peer(world_);
    start(peer, "POST", query, body, "Content-Type: application/octet-stream\r\n");
    peer.run_for(milliseconds(5));
    return answer_of(peer);
  }
};

TEST_F(Engine3Test, IsRefusedUnlessAllowed) {
  options_.allow_eio3 = false;
  serve();
  EXPECT_EQ(ask("GET", "EIO=3&transport=polling").body,
            R"({"code":5,"message":"Unsupported protocol version"})");
  EXPECT_FALSE(connect("EIO=3&transport=websocket")->failure.empty());
  EXPECT_EQ(engine_->session_count(), 0U);
}

TEST_F(Engine3Test, PollsCountedPayloads) {
  serve();
  const Answer opened = ask("GET", "EIO=3&transport=polling");
  const std::size_t colon = opened.body.find(':');
  EXPECT_EQ(opened.body.substr(0, colon), std::to_string(opened.body.size() - colon - 1));
  EXPECT_EQ(opened.body.substr(colon + 1, 9), R"(0{"sid":")");
  EXPECT_TRUE(opened.has("Content-Type: text/plain; charset=UTF-8")) << opened.head;
  const std::string query = open();
  EXPECT_EQ(ask("POST", query, "6:4hello3:4😀6:b4AQ==").body, "ok");
  EXPECT_EQ(ask("GET", query).body,
            "\x00\x06\xff"
            "4hello\x00\x05\xff"
            "4😀\x01\x02\xff\x04\x01"s);
}

TEST_F(Engine3Test, PollsBytesAsItsClientWantsThem) {
  serve();
  const std::string query = open();
  EXPECT_EQ(post_bytes(query,
                       "\x01\x03\xff\x04\x01\x02\x00\x02\xff"
                       "4a"s)
                .body,
            "ok");
  const Answer answer = ask("GET", query);
  EXPECT_EQ(answer.body,
            "\x01\x03\xff\x04\x01\x02\x00\x02\xff"
            "4a"s);
  EXPECT_TRUE(answer.has("Content-Type: application/octet-stream")) << answer.head;
  const std::string texts = open("&b64=1");
  EXPECT_EQ(ask("POST", texts, "6:b4AQ==2:4a").body, "ok");
  EXPECT_EQ(ask("GET", texts).body, "6:b4AQ==2:4a");
}

TEST_F(Engine3Test, AnswersPings) {
  serve();
  const std::string query = open();
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(450));
  EXPECT_EQ(answer_of(poll).body, "");  // it is not for the server to ping
  EXPECT_EQ(ask("POST", query, "1:2").body, "ok");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body, "1:3");
  run_for(milliseconds(450));
  EXPECT_EQ(engine_->session_count(), 1U);
  run_for(milliseconds(60));
  EXPECT_EQ(log_, "open /engine.io/\nping timeout\n");
}

TEST_F(Engine3Test, HasNotToKeepPongsForWhoNeverPolls) {
  options_.send_limit = 100'000;
  serve();
  const std::string query = open();
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "1:2";
  ask("POST", query, body);
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "open /engine.io/\ntransport error\n");
}

TEST_F(Engine3Test, SpeaksOverWebSocket) {
  serve();
  const auto socket = connect("EIO=3&transport=websocket");
  ASSERT_EQ(socket->heard.size(), 1U) << socket->failure;
  say(*socket, "4echo");
  say(*socket, "2");
  client_.find(socket->id)->send_binary(as_bytes("\x04\x01\x02"));
  run_for(milliseconds(5));
  EXPECT_EQ(Texts(socket->heard.begin() + 1, socket->heard.end()),
            (Texts{"4echo", "3", "\x04\x01\x02"}));
  EXPECT_EQ(engine_->find(sid_of(*socket))->revision(), engineio::Revision::three);
  client_.find(socket->id)->send_binary(as_bytes("\x02\x01"));
  run_for(milliseconds(5));
  EXPECT_TRUE(socket->closed);
  EXPECT_EQ(log_, "open /engine.io/\nparse error\n");
}

TEST_F(Engine3Test, SendsBytesAsTextToWhoAsksForIt) {
  serve();
  const auto socket = connect("EIO=3&transport=websocket&b64=1");
  say(*socket, "b4AQI=");
  EXPECT_EQ(socket->heard.back(), "b4AQI=");
}

TEST_F(Engine3Test, ChangesToWebSocket) {
  serve();
  const std::string query = open();
  const auto socket = connect("EIO=3&transport=websocket&sid=" + sid_of(query));
  RawPeer poll(world_);
  start(poll, "GET", query);
  poll.run_for(milliseconds(5));
  say(*socket, "2probe");
  poll.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(poll).body, "1:6");
  RawPeer last(world_);
  start(last, "GET", query);
  last.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(last).body, "1:6");
  engine_->find(sid_of(query))->send_bytes(as_bytes("\x01"));
  say(*socket, "5");
  EXPECT_EQ(socket->heard, (Texts{"3probe", "\x04\x01"}));
}

TEST_F(Engine3Test, HearsTheLastWhereverItIs) {
  serve();
  const std::string polled = open();
  EXPECT_EQ(ask("POST", polled, "8:4say bye").body, "ok");
  EXPECT_EQ(ask("GET", polled).body, "4:4bye");
  EXPECT_EQ(ask("GET", polled).body, "1:1");
  EXPECT_EQ(ask("GET", polled).status, 400);
  const std::string query = open();
  const auto socket = connect("EIO=3&transport=websocket&sid=" + sid_of(query));
  say(*socket, "2probe");
  EXPECT_EQ(ask("POST", query, "7:4before8:4say bye").body, "ok");
  say(*socket, "5");
  run_for(milliseconds(5));
  EXPECT_EQ(socket->heard, (Texts{"3probe", "4before", "4bye"}));
  EXPECT_TRUE(socket->closed);
}

TEST_F(Engine3Test, IsHeldToItsForm) {
  serve();
  for (const char* body : {"4hello", "2:4", "1:3", "1:0",
                           "4a\x1e"
                           "4b",
                           "0:", ""}) {
    log_.clear();
    EXPECT_EQ(ask("POST", open(), body).status,
              body == std::string("1:3") || body == std::string("1:0") ? 200 : 400)
        << body;
    EXPECT_NE(log_.find("error"), std::string::npos) << body;
  }
  EXPECT_EQ(post_bytes(open(), "2:4a").status, 400);
  EXPECT_EQ(ask("GET", "EIO=3&transport=polling&j=0").status, 400);
  EXPECT_EQ(ask("GET", open() + "&j=0").status, 400);
  EXPECT_EQ(engine_->session_count(), 1U);  // the last one is as it was
}

TEST_F(Engine3Test, SharesItsServerWithRevision4) {
  serve();
  const std::string old = open();
  const std::string fresh = EngineTest::open();
  EXPECT_EQ(ask("POST", fresh,
                "4a\x1e"
                "4b")
                .body,
            "ok");
  EXPECT_EQ(ask("GET", fresh).body,
            "4a\x1e"
            "4b");
  EXPECT_EQ(ask("POST", old, "2:4a2:4b").body, "ok");
  EXPECT_EQ(ask("GET", old).body, "2:4a2:4b");
}

}  // namespace
}  // namespace duplex
