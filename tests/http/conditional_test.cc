// Conditional requests: RFC 9110 section 13.
#include "duplex/http/conditional.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

using std::chrono::seconds;

constexpr Seconds modified{seconds(784111777)};
constexpr Seconds now{seconds(1795000000)};
constexpr std::string_view same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view after = "Sun, 06 Nov 1994 08:49:38 GMT";

Precondition evaluate(std::vector<Field> fields, std::string_view method = "GET",
                      Validators validators = {.etag = "\"x\"", .last_modified = modified}) {
  return evaluate_preconditions({.method = method, .fields = Fields(fields)}, validators, now);
}

bool range_holds(std::string_view if_range,
                 Validators validators = {.etag = "\"x\"", .last_modified = modified}) {
  const Field field{"If-Range", if_range};
  return if_range_holds({.fields = std::span(&field, 1)}, validators, now);
}

TEST(ETag, ChangesWithSizeAndTime) {
  EXPECT_EQ(make_etag(255, 16), "\"10-ff\"");
  EXPECT_NE(make_etag(1, 2), make_etag(2, 1));
  EXPECT_EQ(make_etag(0, -1), "\"ffffffffffffffff-0\"");
}

TEST(ETag, ComparesStronglyAndWeakly) {
  EXPECT_TRUE(strongly_equal("\"1\"", "\"1\""));
  EXPECT_FALSE(strongly_equal("W/\"1\"", "W/\"1\""));
  EXPECT_FALSE(strongly_equal("W/\"1\"", "\"1\""));
  EXPECT_FALSE(strongly_equal("", ""));
  EXPECT_TRUE(weakly_equal("W/\"1\"", "W/\"1\""));
  EXPECT_TRUE(weakly_equal("W/\"1\"", "\"1\""));
  EXPECT_FALSE(weakly_equal("W/\"1\"", "W/\"2\""));
  EXPECT_FALSE(weakly_equal("", ""));
}

TEST(Preconditions, ProceedWithoutConditions) {
  EXPECT_EQ(evaluate({}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"Host", "a"}}, "PUT"), Precondition::proceed);
}

TEST(Preconditions, IfNoneMatch) {
  for (const char* known :
       {"\"x\"", "W/\"x\"", "*", "\"a\", \"x\"", "\"a,\" , W/\"x\"", ",\"x\""}) {
    EXPECT_EQ(evaluate({{"If-None-Match", known}}), Precondition::not_modified) << known;
    EXPECT_EQ(evaluate({{"If-None-Match", known}}, "PUT"), Precondition::failed) << known;
  }
  for (const char* other :
       {"\"y\"", "x", "", "\"x", "W/", "w/\"x\"", "\"a\" bad \"x\"", "\"y,\"x\""}) {
    EXPECT_EQ(evaluate({{"If-None-Match", other}}), Precondition::proceed) << other;
  }
  EXPECT_EQ(evaluate({{"If-None-Match", "\"y\""}, {"if-none-match", "\"x\""}}, "HEAD"),
            Precondition::not_modified);
  EXPECT_EQ(evaluate({{"If-None-Match", "\"x\""}}, "GET", {}), Precondition::proceed);
}

TEST(Preconditions, IfModifiedSinceCountsWithoutIfNoneMatch) {
  EXPECT_EQ(evaluate({{"If-Modified-Since", same}}), Precondition::not_modified);
  EXPECT_EQ(evaluate({{"If-Modified-Since", after}}), Precondition::not_modified);
  EXPECT_EQ(evaluate({{"If-Modified-Since", same}}, "HEAD"), Precondition::not_modified);
  EXPECT_EQ(evaluate({{"If-Modified-Since", before}}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Modified-Since", "yesterday"}}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Modified-Since", same}}, "POST"), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Modified-Since", same}}, "GET", {.etag = "\"x\""}),
            Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Modified-Since", same}, {"If-None-Match", "\"y\""}}),
            Precondition::proceed);
}

TEST(Preconditions, ADateThatComesTwiceIsNone) {
  EXPECT_EQ(evaluate({{"If-Modified-Since", same}, {"if-modified-since", before}}),
            Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Unmodified-Since", before}, {"If-Unmodified-Since", same}}),
            Precondition::proceed);
}

TEST(Preconditions, IfMatch) {
  EXPECT_EQ(evaluate({{"If-Match", "\"x\""}}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Match", "*"}}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Match", "W/\"x\""}}), Precondition::failed);
  EXPECT_EQ(evaluate({{"If-Match", "\"y\""}}), Precondition::failed);
  EXPECT_EQ(evaluate({{"If-Match", "?"}}), Precondition::failed);
}

TEST(Preconditions, IfUnmodifiedSinceCountsWithoutIfMatch) {
  EXPECT_EQ(evaluate({{"If-Unmodified-Since", before}}), Precondition::failed);
  EXPECT_EQ(evaluate({{"If-Unmodified-Since", same}}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Unmodified-Since", "soon"}}), Precondition::proceed);
  EXPECT_EQ(evaluate({{"If-Unmodified-Since", before}, {"If-Match", "\"x\""}}),
            Precondition::proceed);
}

TEST(IfRange, NeedsTheExactValidator) {
  EXPECT_TRUE(if_range_holds({}, {}, now));
  EXPECT_TRUE(range_holds("\"x\""));
  EXPECT_FALSE(range_holds("W/\"x\""));
  EXPECT_FALSE(range_holds("\"y\""));
  EXPECT_TRUE(range_holds(same));
  EXPECT_FALSE(range_holds(after));
  EXPECT_FALSE(range_holds("soon"));
  EXPECT_FALSE(range_holds(same, {}));
}

}  // namespace
}  // namespace duplex::http
