// Time stamps.
#include "duplex/http/date.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

using std::chrono::seconds;

constexpr Seconds example{seconds(784111777)};  // the one of RFC 9110 section 5.6.7
constexpr Seconds now{seconds(1795000000)};     // in 2026

TEST(HttpDate, WritesTheFixedForm) {
  EXPECT_EQ(http_date(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(Seconds{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(Seconds(seconds(951782399))), "Mon, 28 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(http_date(Seconds(seconds(951782400))), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(http_date(Seconds(seconds(-1))), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(HttpDate, ReadsAllThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", now), example);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", now), example + std::chrono::days(10));
}

TEST(HttpDate, PutsTwoDigitYearsAtMostFiftyAhead) {
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-76 00:00:00 GMT", now), std::nullopt);
  EXPECT_EQ(http_date(*parse_http_date("Wednesday, 01-Jan-76 00:00:00 GMT", now)),
            "Wed, 01 Jan 2076 00:00:00 GMT");
  EXPECT_EQ(http_date(*parse_http_date("Saturday, 01-Jan-77 00:00:00 GMT", now)),
            "Sat, 01 Jan 1977 00:00:00 GMT");
}

// To the second.
TEST(HttpDate, CountsFiftyYearsFromNow) {
  const auto read = [](const char* text) {
    const auto time = parse_http_date(text, now);
    return time ? http_date(*time) : "nothing";
  };
  ASSERT_EQ(http_date(now), "Wed, 18 Nov 2026 11:06:40 GMT");
  EXPECT_EQ(read("Wednesday, 18-Nov-76 11:06:40 GMT"), "Wed, 18 Nov 2076 11:06:40 GMT");
  EXPECT_EQ(read("Thursday, 18-Nov-76 11:06:41 GMT"), "Thu, 18 Nov 1976 11:06:41 GMT");
  EXPECT_EQ(read("Thursday, 18-Nov-76 11:06:40 GMT"), "nothing");
}

TEST(HttpDate, ReadsWhatItWrites) {
  for (std::int64_t t = 0; t < 4'000'000'000; t += 7'654'321) {
    const Seconds time{seconds(t)};
    ASSERT_EQ(parse_http_date(http_date(time), now), time);
  }
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const char* text : {
           "",
           "Sun",
           "Sun,",
           "sun, 06 Nov 1994 08:49:37 GMT",
           "Mon, 06 Nov 1994 08:49:37 GMT",
           "Sun, 6 Nov 1994 08:49:37 GMT",
           "Sun, 06 nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 94 08:49:37 GMT",
           "Sun, 06 Nov 1994 8:49:37 GMT",
           "Sun, 06 Nov 1994 08:49:37 UTC",
           "Sun, 06 Nov 1994 08:49:37 GMT ",
           "Sun, 06 Nov 1994 08:49:37",
           "Sun, 06 Nov 1994 08-49:37 GMT",
           "Sun, 06 Nov 1994 24:00:00 GMT",
           "Sun, 06 Nov 1994 08:60:00 GMT",
           "Sun, 06 Nov 1994 08:49:61 GMT",
           "Sun, 31 Nov 1994 08:49:37 GMT",
           "Wed, 29 Feb 1995 08:49:37 GMT",
           "Sun, 00 Nov 1994 08:49:37 GMT",
           "Sunday, 06 Nov 94 08:49:37 GMT",
           "Sunday, 06-Nov-1994 08:49:37 GMT",
           "Sun Nov 6 08:49:37 1994",
           "Sun Nov 06 08:49:37 94",
       }) {
    EXPECT_EQ(parse_http_date(text, now), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace duplex::http
