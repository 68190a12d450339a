// Cookies as servers set them.
#include "http/cookie_jar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace duplex::http {
namespace {

constexpr Seconds now = Seconds(std::chrono::seconds(784111777));  // 6 Nov 1994, 08:49:37
constexpr auto minute = std::chrono::seconds(60);

std::string kept(const std::vector<std::string_view>& fields, Seconds asked = now) {
  CookieJar jar(100);
  for (const std::string_view field : fields) jar.take(field, now);
  return jar.text(asked);
}

TEST(CookieJar, KeepsNamesAndValuesInOrder) {
  EXPECT_EQ(kept({}), "");
  EXPECT_EQ(kept({"a=1; Path=/; HttpOnly; SameSite=Lax", "b=\"2\"", "c="}), "a=1; b=\"2\"; c=");
  EXPECT_EQ(kept({" a \t=  x=y  ;", "b=1"}), "a=x=y; b=1");
  EXPECT_EQ(kept({"a=1", "b=2", "a=3", "A=4"}), "a=3; b=2; A=4");
}

TEST(CookieJar, ForgetsWhatHasEnded) {
  EXPECT_EQ(kept({"a=1", "b=2", "a=; Max-Age=0"}), "b=2");
  EXPECT_EQ(kept({"a=1", "a=; expires=Thu, 01 Jan 1970 00:00:00 GMT"}), "");
  EXPECT_EQ(kept({"a=1; Expires=Sun, 06 Nov 1994 08:50:37 GMT"}, now + minute), "");
  EXPECT_EQ(kept({"a=1; Expires=Sun, 06 Nov 1994 08:50:37 GMT"}, now), "a=1");
  EXPECT_EQ(kept({"a=1; max-age=61"}, now + minute), "a=1");
  EXPECT_EQ(kept({"a=1; max-age=60"}, now + minute), "");
  EXPECT_EQ(kept({"a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}), "a=1");
  EXPECT_EQ(kept({"a=1; Max-Age=-5"}), "");
}

TEST(CookieJar, TakesNoHarmFromOddAges) {
  EXPECT_EQ(kept({"a=1; Max-Age=99999999999999999999"}, now + minute), "a=1");
  EXPECT_EQ(kept({"a=1; Max-Age=-99999999999999999999"}), "");
  EXPECT_EQ(kept({"a=1; Max-Age=9223372036854775807"}, now + minute), "a=1");
  EXPECT_EQ(kept({"a=1; Max-Age=soon; Expires=later; Max-Age"}, now + minute), "a=1");
}

TEST(CookieJar, IgnoresWhatIsNone) {
  EXPECT_EQ(kept({"", ";", "a", "=1", " =1", "a; b=1"}), "");
  EXPECT_EQ(kept({std::string_view("a=\0", 3), "b=\r\nc", "d=\x7f"}), "");
}

TEST(CookieJar, KeepsNoMoreThanItsLimit) {
  const std::string most = "a=" + std::string(99, 'x');
  EXPECT_EQ(kept({most, "b=", "c=1"}), most);
  EXPECT_EQ(kept({"b=1", most, "c=2"}), "b=1; c=2");
  EXPECT_EQ(kept({most, "a=1", "b=2"}), "a=1; b=2");
  CookieJar none(0);
  none.take("a=1", now);
  EXPECT_EQ(none.text(now), "");
}

}  // namespace
}  // namespace duplex::http
