// Which route answers.
#include "duplex/http/router.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

using Status = RouteMatch::Status;

class Routes : public testing::Test {
 protected:
  // The handler of the match, or what there is instead.
  std::string match(std::string_view method, std::string_view path) {
    last_ = router_.match(method, path);
    if (last_.status == Status::no_path) return "404";
    if (last_.status == Status::no_method) return "405";
    return router_.handler(last_);
  }

  Router<std::string> router_;
  RouteMatch last_;
};

TEST_F(Routes, FindLiteralPaths) {
  router_.add("GET", "/", "root");
  router_.add("GET", "/a/b", "ab");
  router_.add("GET", "/a/b/", "directory");
  router_.add("GET", "/a b", "space");
  EXPECT_EQ(match("GET", "/"), "root");
  EXPECT_EQ(match("GET", "/a/b"), "ab");
  EXPECT_EQ(match("GET", "/a/b/"), "directory");
  EXPECT_EQ(match("GET", "/%61/b"), "ab");
  EXPECT_EQ(match("GET", "/a%20b"), "space");
  EXPECT_EQ(match("GET", "/a%2Fb"), "404");
  EXPECT_EQ(match("GET", "/a"), "404");
  EXPECT_EQ(match("GET", "/a/b/c"), "404");
  EXPECT_EQ(match("GET", "/A/b"), "404");
  EXPECT_EQ(match("GET", "/a/b%"), "404");
  EXPECT_EQ(match("GET", "/a/%63"), "404");
  EXPECT_EQ(match("GET", "*"), "404");
  EXPECT_EQ(match("GET", ""), "404");
}

TEST_F(Routes, DecodeParameters) {
  router_.add("GET", "/rooms/{room}/users/{user}", "user");
  EXPECT_EQ(match("GET", "/rooms/a%2Fb/users/c+d"), "user");
  EXPECT_EQ(last_.parameter("room"), "a/b");
  EXPECT_EQ(last_.parameter("user"), "c+d");
  EXPECT_EQ(last_.parameter("none"), "");
  EXPECT_EQ(match("GET", "/rooms/%zz/users/x"), "user");
  EXPECT_EQ(last_.parameter("room"), "%zz");
  EXPECT_EQ(match("GET", "/rooms//users/c"), "404");
  EXPECT_EQ(match("GET", "/rooms/a/users/"), "404");
}

TEST_F(Routes, PreferLiteralsThenParametersThenRests) {
  router_.add("GET", "/{rest...}", "rest");
  router_.add("GET", "/{x}/b", "parameter");
  router_.add("GET", "/{y}/b", "second parameter");
  router_.add("GET", "/a/{x}", "literal first");
  EXPECT_EQ(match("GET", "/a/b"), "literal first");
  EXPECT_EQ(match("GET", "/c/b"), "parameter");
  EXPECT_EQ(match("GET", "/c/d"), "rest");
  EXPECT_EQ(match("GET", "/"), "rest");
}

TEST_F(Routes, GiveTheRestAsItIs) {
  router_.add("GET", "/static/{path...}", "files");
  EXPECT_EQ(match("GET", "/static/a/b%20c"), "files");
  EXPECT_EQ(last_.parameter("path"), "a/b%20c");
  EXPECT_EQ(match("GET", "/static/"), "files");
  EXPECT_EQ(last_.parameter("path"), "");
  EXPECT_EQ(match("GET", "/static"), "404");
  EXPECT_EQ(match("GET", "/staticx/a"), "404");
}

TEST_F(Routes, TellMethodsFromPaths) {
  router_.add("GET", "/a", "get");
  router_.add("POST", "/a", "post");
  router_.add("POST", "/{x}", "any");
  EXPECT_EQ(match("POST", "/a"), "post");
  EXPECT_EQ(match("DELETE", "/a"), "405");
  EXPECT_EQ(last_.allowed, (std::vector<std::string_view>{"GET", "HEAD", "POST"}));
  EXPECT_EQ(match("GET", "/b"), "405");
  EXPECT_EQ(last_.allowed, (std::vector<std::string_view>{"POST"}));
  EXPECT_EQ(match("DELETE", "/a/b"), "404");
}

TEST_F(Routes, AnswerHeadByGetUnlessItHasARoute) {
  router_.add("GET", "/a", "get");
  router_.add("GET", "/b", "get");
  router_.add("HEAD", "/b", "head");
  EXPECT_EQ(match("HEAD", "/a"), "get");
  EXPECT_EQ(match("HEAD", "/b"), "head");
}

TEST_F(Routes, RefuseMalformedPatterns) {
  for (const char* pattern : {"", "a", "/{}", "/{...}", "/{a", "/a}", "/x{a}", "/{a}x", "/{a}{b}",
                              "/{a}/{a}", "/{a...}/b", "/{a...}/", "/{{a}}"}) {
    EXPECT_FALSE(router_.add("GET", pattern, "x")) << pattern;
  }
  EXPECT_EQ(match("GET", "/a"), "404");
}

TEST(Router, GivesTheHandlerOfAConstantOne) {
  Router<int> router;
  router.add("GET", "/a", 7);
  const Router<int>& constant = router;
  EXPECT_EQ(constant.handler(constant.match("GET", "/a")), 7);
}

TEST(RouteTable, TakesLongPathsInStride) {
  RouteTable table;
  table.add("GET", "/{rest...}");
  std::string path;
  for (int i = 0; i < 100000; ++i) path += "/a";
  EXPECT_EQ(table.match("GET", path).status, Status::found);
  EXPECT_EQ(table.match("POST", path).status, Status::no_method);
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace duplex::http
