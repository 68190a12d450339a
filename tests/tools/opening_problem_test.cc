// What `duplex connect` says of a URL and options with which nothing can be opened.
#include "../../tools/duplex/connect/opening_problem.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

constexpr std::string_view url = "ws://127.0.0.1:9001/echo";

std::string problem_with(std::string name, std::string value) {
  return opening_problem(url, {.fields = {{.name = std::move(name), .value = std::move(value)}}});
}

TEST(OpeningProblem, IsNothingForWhatCanBeOpened) {
  EXPECT_EQ(opening_problem(url, {}), "");
  EXPECT_EQ(opening_problem("ws+unix:/tmp/socket:/echo", {}), "");
  EXPECT_EQ(opening_problem(url, {.subprotocols = {"chat", "v2"}, .origin = "http://x"}), "");
  EXPECT_EQ(problem_with("Authorization", "Bearer x"), "");
}

TEST(OpeningProblem, NamesTheUrlOnce) {
  EXPECT_EQ(opening_problem("foo", {}), "'foo': the URL has no scheme such as ws: or http:");
  EXPECT_EQ(opening_problem("http://host/", {}), "'http://host/': not a ws: or ws+unix: URL");
}

TEST(OpeningProblem, NamesTheHeader) {
  EXPECT_EQ(problem_with("Bad name", "x"),
            "--header: 'Bad name: x' is malformed, or one of those that the opening itself sends");
  for (const auto* own : {"Host", "Upgrade", "Sec-WebSocket-Key", "Origin"}) {
    EXPECT_NE(problem_with(own, "x").find(own), std::string::npos);
  }
  EXPECT_NE(problem_with("X", "a\r\nb: c"), "");
}

TEST(OpeningProblem, NamesTheOtherOptions) {
  EXPECT_EQ(opening_problem(url, {.origin = "a\nb"}),
            "--origin: 'a\nb' cannot be the value of a header field");
  for (const auto& names : {std::vector<std::string>{"a b"}, {"a", "a"}}) {
    EXPECT_TRUE(opening_problem(url, {.subprotocols = names}).starts_with("--subprotocol: "));
  }
}

}  // namespace
}  // namespace duplex::tools
