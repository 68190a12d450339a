// The HTTP client against servers of bare bytes: which answer belongs to which request.
#include "duplex/endpoint/http_client.h"

#include <gtest/gtest.h>

#include "raw_server.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::SimulatedServer;

const std::string url = "http://127.0.0.1:90/";

class HttpClientTest : public testing::Test {
 protected:
  // Asks for `url`, and writes down how it ends.
  void ask(std::function<void()> then = {}) {
    client_.request({.url = url},
                    {.on_done =
                         [this, then](int status, std::string_view body) {
                           story_ += std::to_string(status) + ' ' + std::string(body) + '|';
                           if (then) then();
                         },
                     .on_failure = [this](const HttpFailure&) { story_ += "failed|"; }});
  }

  SimulatedServer world_;
  RawServer server_{world_};
  HttpClient client_{world_.client_side.loop};
  std::string story_;
};

TEST_F(HttpClientTest, UsesAConnectionAgain) {
  ask([this] { ask(); });
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
  server_.run_for(milliseconds(20));
  EXPECT_EQ(story_, "200 a|200 b|");
  EXPECT_EQ(client_.connections_opened(), 1U);
}

// What follows an answer is not the answer to the next request, even if that one is asked at once.
TEST_F(HttpClientTest, AnAnswerNobodyAskedForIsNobodys) {
  ask([this] { ask(); });
  server_.run_for(milliseconds(20));
  server_.send(
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  server_.run_for(milliseconds(20));
  EXPECT_EQ(story_, "200 a|");
  server_.drop();
  server_.run_for(milliseconds(20));
  EXPECT_EQ(client_.connections_opened(), 2U);
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
  server_.run_for(milliseconds(20));
  EXPECT_EQ(story_, "200 a|200 b|");
}

TEST_F(HttpClientTest, BytesToAnIdleConnectionEndIt) {
  ask();
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\n");
  server_.run_for(milliseconds(20));
  EXPECT_TRUE(server_.ended());
  EXPECT_EQ(story_, "200 a|");
}

TEST_F(HttpClientTest, RepeatsOnceWhatAnIdleConnectionLost) {
  ask();
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  server_.run_for(milliseconds(20));
  ask();
  server_.drop();
  server_.run_for(milliseconds(20));
  EXPECT_EQ(client_.connections_opened(), 2U);
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
  server_.run_for(milliseconds(20));
  EXPECT_EQ(story_, "200 a|200 b|");
}

TEST_F(HttpClientTest, RepeatsNothingThatMayNotBe) {
  ask();
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  server_.run_for(milliseconds(20));
  bool failed = false;
  client_.request({.url = "http://127.0.0.1:90/", .may_repeat = false},
                  {.on_failure = [&](const HttpFailure&) { failed = true; }});
  server_.drop();
  server_.run_for(milliseconds(20));
  EXPECT_TRUE(failed);
  EXPECT_EQ(client_.connections_opened(), 1U);
}

TEST_F(HttpClientTest, SaysWhatIsWrongWithThePathOfASocket) {
  std::error_code error;
  client_.request({.url = "http+unix:/" + std::string(200, 'x') + ":/"},
                  {.on_failure = [&](const HttpFailure& failure) { error = failure.error; }});
  world_.runner.run_for(milliseconds(1));
  EXPECT_EQ(error, std::errc::filename_too_long);
}

TEST_F(HttpClientTest, SaysThatANameHasNoAddress) {
  std::string message;
  std::error_code error;
  client_.request({.url = "http://nowhere.test/"}, {.on_failure = [&](const HttpFailure& failure) {
                    message = failure.message;
                    error = failure.error;
                  }});
  server_.run_for(milliseconds(20));
  EXPECT_EQ(message, "cannot connect to nowhere.test:80: no address is known for this name");
  EXPECT_EQ(error, std::errc::no_such_device_or_address);
}

TEST_F(HttpClientTest, FailsWhenNoAnswerComes) {
  ask();
  server_.run_for(seconds(61));
  EXPECT_EQ(story_, "failed|");
  EXPECT_TRUE(server_.ended());
}

TEST_F(HttpClientTest, SeventeenInformationalAnswersAreTooMany) {
  std::string why;
  client_.request({.url = url},
                  {.on_failure = [&](const HttpFailure& failure) { why = failure.message; }});
  server_.run_for(milliseconds(20));
  for (int i = 0; i < 16; ++i) server_.send("HTTP/1.1 100 Continue\r\n\r\n");
  server_.run_for(milliseconds(20));
  EXPECT_EQ(why, "");
  server_.send("HTTP/1.1 100 Continue\r\n\r\n");
  server_.run_for(milliseconds(20));
  EXPECT_EQ(why, "127.0.0.1:90 sent more than 16 answers of 1xx and no other");
  EXPECT_TRUE(server_.ended());
}

// A body that trickles in is no way to keep a request for ever.
TEST_F(HttpClientTest, FailsWhenAGatheredBodyTakesTooLong) {
  ask();
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 61; ++i) {
    EXPECT_EQ(story_, "");
    server_.send("a");
    server_.run_for(seconds(1));
  }
  EXPECT_EQ(story_, "failed|");
  EXPECT_TRUE(server_.ended());
}

TEST_F(HttpClientTest, AStreamedBodyMayTakeItsTime) {
  std::size_t size = 0;
  client_.request({.url = url}, {.on_body = [&](Bytes piece) { size += piece.size(); },
                                 .on_failure = [this](const auto&) { story_ += "failed|"; }});
  server_.run_for(milliseconds(20));
  server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 200; ++i) {
    server_.run_for(seconds(1));
    server_.send("a");
  }
  server_.run_for(milliseconds(20));
  EXPECT_EQ(size, 200U);
  EXPECT_EQ(story_, "");
}

}  // namespace
}  // namespace duplex
