// Paths and queries.
#include "duplex/http/target.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

TEST(PercentDecode, ReplacesEscapes) {
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("a%2Fb%c3%A9+"), "a/b\xC3\xA9+");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(PercentDecode, RefusesMalformedEscapes) {
  for (const char* text : {"%", "a%", "%a", "a%2", "%zz", "%0g", "%%41"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

TEST(PercentEncode, KeepsUnreservedCharactersOnly) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/\xE9%"), "a%20b%2F%E9%25");
}

struct PathCase {
  const char* path;
  const char* normal;
};

TEST(NormalizePath, RemovesDotSegments) {
  constexpr PathCase cases[] = {
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a/./b", "/a/b"},
      {"/a/../b", "/b"},
      {"/a/../../b", "/b"},
      {"/..", "/"},
      {"/.", "/"},
      {"/a/..", "/"},
      {"/a/b/..", "/a/"},
      {"/a/.", "/a/"},
      {"/a/", "/a/"},
      {"//a", "//a"},
      {"/a//../b", "/a/b"},
      {"/../../", "/"},
      {"/.../b", "/.../b"},
      {"/..a/.b", "/..a/.b"},
      {"*", "*"},
      {"", ""},
      {"/a/b/c/../../d", "/a/d"},
  };
  for (const auto& [path, normal] : cases) EXPECT_EQ(normalize_path(path), normal) << path;
}

TEST(NormalizePath, MakesEqualEscapesEqual) {
  EXPECT_EQ(normalize_path("/%61%2f%2F%e9"), "/a%2F%2F%E9");
  EXPECT_EQ(normalize_path("/a/%2e%2E/b"), "/b");
  EXPECT_EQ(normalize_path("/%2e"), "/");
  EXPECT_EQ(normalize_path("/%252e%252e/"), "/%252e%252e/");
  EXPECT_EQ(normalize_path("/%zz%4"), "/%zz%4");
}

TEST(QueryParameter, FindsTheFirstOfTheName) {
  constexpr std::string_view query = "a=1&b=x+y%26z&a=2&c&=empty&d=1=2&%65=e";
  EXPECT_EQ(query_parameter(query, "a"), "1");
  EXPECT_EQ(query_parameter(query, "b"), "x y&z");
  EXPECT_EQ(query_parameter(query, "c"), "");
  EXPECT_EQ(query_parameter(query, ""), "empty");
  EXPECT_EQ(query_parameter(query, "d"), "1=2");
  EXPECT_EQ(query_parameter(query, "e"), "e");
  EXPECT_EQ(query_parameter(query, "f"), std::nullopt);
  EXPECT_EQ(query_parameter("", "a"), std::nullopt);
  EXPECT_EQ(query_parameter("&&a=1", "a"), "1");
}

TEST(QueryParameters, AreListed) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(query_parameters("&a=1&&b=x+y%26z&a=2&c&=d&"),
            (Pairs{{"a", "1"}, {"b", "x y&z"}, {"a", "2"}, {"c", ""}, {"", "d"}}));
  EXPECT_EQ(query_parameters("a=%4&%=b&c=%41"), (Pairs{{"c", "A"}}));
  EXPECT_EQ(query_parameters(""), Pairs());
}

TEST(QueryParameter, IsNoEmptyPart) {
  EXPECT_EQ(query_parameter("&&a=1", ""), std::nullopt);
  EXPECT_EQ(query_parameter("&&=1", ""), "1");
}

TEST(QueryParameter, PassesOverMalformedParts) {
  EXPECT_EQ(query_parameter("a=%&a=2", "a"), "2");
  EXPECT_EQ(query_parameter("%=1&a=2", "a"), "2");
  EXPECT_EQ(query_parameter("a=%zz", "a"), std::nullopt);
}

TEST(RelativeFilePath, DecodesSegments) {
  EXPECT_EQ(relative_file_path(""), "");
  EXPECT_EQ(relative_file_path("a%20b/c.txt"), "a b/c.txt");
  EXPECT_EQ(relative_file_path("a/"), "a/");
  EXPECT_EQ(relative_file_path("...a"), "...a");
}

TEST(RelativeFilePath, RefusesWhatCouldLeaveTheDirectory) {
  for (const char* rest : {"/", "/etc/passwd", "..", ".", "a/..", "a/../b", "%2e%2e", "%2e%2e/a",
                           "a%2Fb", "a%5Cb", "a\\b", "a%00", "a/%zz", "%"}) {
    EXPECT_EQ(relative_file_path(rest), std::nullopt) << rest;
  }
}

}  // namespace
}  // namespace duplex::http
