// `duplex connect --compare`: the same lines over WebSocket and over HTTP.
#include "../../tools/duplex/connect/comparison.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "talk.h"

namespace duplex::tools {
namespace {

using Lines = std::vector<std::string>;

// With one space for many.
std::string squeezed(const std::string& line) {
  std::string text;
  for (const char c : line) {
    if (c != ' ' || !text.ends_with(' ')) text += c;
  }
  return text;
}

class Compared : public testing::Test {
 protected:
  ExitCode say(Lines lines) {
    talk_.input.blocks = {std::move(lines)};
    Comparison comparison(talk_.loop, options_, talk_.console, talk_.input, talk_.tap);
    comparison.start();
    talk_.loop.run();
    return comparison.exit_code();
  }
  void serve_http(std::string (*answer)(std::string_view body)) {
    talk_.server.post("/echo", [this, answer](Exchange& exchange) {
      posted_.emplace_back(as_text(exchange.body()));
      exchange.respond(200, "text/plain", answer(as_text(exchange.body())));
    });
  }
  static std::string same(std::string_view body) { return std::string(body); }

  Talk talk_;
  ComparisonOptions options_{.url = "ws://127.0.0.1/", .http_url = "http://127.0.0.1/echo"};
  Lines posted_;
};

// 5 ms each way: TCP and the upgrade are two round trips, a kept connection is one.
TEST_F(Compared, EachLineGoesBothWays) {
  talk_.serve();
  serve_http(same);
  EXPECT_EQ(say({"one", "two", "three"}), ExitCode::ok);
  EXPECT_EQ(posted_, (Lines{"one", "two", "three"}));
  const Lines& shown = talk_.console.shown;
  ASSERT_EQ(shown.size(), 3U + 6U);
  EXPECT_EQ(shown[0], "one");
  EXPECT_EQ(shown[2], "three");
  EXPECT_EQ(squeezed(shown[4]), "connecting, first answer 30.0 ms 20.0 ms 0.667×");
  EXPECT_EQ(squeezed(shown[5]), "each other answer, median 10.0 ms 10.0 ms 1.00×");
  EXPECT_EQ(talk_.console.told, Lines{});
}

TEST_F(Compared, AnswersThatDifferAreCounted) {
  talk_.serve();
  serve_http([](std::string_view) { return std::string("same for all"); });
  EXPECT_EQ(say({"one", "two"}), ExitCode::ok);
  EXPECT_EQ(talk_.console.told, Lines{"duplex connect: 2 answers differ between the two"});
}

TEST_F(Compared, WithoutTheHttpServersConsentThereIsNothingToCompare) {
  talk_.serve();
  EXPECT_EQ(say({"one"}), ExitCode::could_not_connect);
  EXPECT_EQ(talk_.console.complaints,
            Lines{"duplex connect: http://127.0.0.1/echo: the server answered 404"});
}

TEST_F(Compared, ASilentServerIsNotWaitedForForEver) {
  talk_.serve({.on_message = [](Connection&, Message) {}});
  serve_http(same);
  EXPECT_EQ(say({"one"}), ExitCode::threshold_missed);
  EXPECT_EQ(talk_.console.complaints,
            Lines{"duplex connect: ws://127.0.0.1/: no answer within 10.0 s"});
}

TEST_F(Compared, CountsTheBytesOfEither) {
  talk_.serve();
  serve_http(same);
  EXPECT_EQ(say({"12345", "12345"}), ExitCode::ok);
  // A frame of 6+5 bytes there and one of 2+5 back.
  const std::string line = squeezed(talk_.console.shown[6]);
  EXPECT_TRUE(line.starts_with("bytes of each other, median 18 B ")) << line;
}

TEST(ComparisonTable, HasDashesWhereNothingWasMeasured) {
  const Lines lines =
      comparison_table({.seconds = {0.030}, .bytes = {400}}, {.seconds = {0.060}, .bytes = {800}});
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(squeezed(lines[1]), "connecting, first answer 30.0 ms 60.0 ms 2.00×");
  EXPECT_EQ(squeezed(lines[2]), "each other answer, median - - -");
}

}  // namespace
}  // namespace duplex::tools
