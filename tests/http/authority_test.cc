// Hosts and ports.
#include "http/authority.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

TEST(Authority, TakesHostsWithAndWithoutPort) {
  for (const char* text : {"a", "a.b-c_d~e", "127.0.0.1", "a:", "a:0", "a:80", "a:065535",
                           "%2Fa%5f", "[::1]", "[::1]:80", "[fe80::1.2.3.4]", "a!$&'()*+;=b"}) {
    EXPECT_TRUE(is_valid_authority(text)) << text;
  }
}

TEST(Authority, RefusesEverythingElse) {
  for (const char* text : {"",
                           ":80",
                           "a:65536",
                           "a:99999999999",
                           "a:x",
                           "a:80:80",
                           "a b",
                           "a,b",
                           "u@a",
                           "a/b",
                           "a?b",
                           "a#b",
                           "%2",
                           "%zz",
                           "%az",
                           "%a",
                           "a\x01",
                           "\xE9",
                           "[",
                           "[::1",
                           "[]",
                           "[a]",
                           "[a:b]",
                           "[:]",
                           "[:::::]",
                           "[::1::]",
                           "[12345::]",
                           "[1:2:3:4:5:6:7:8:9]",
                           "[::999.1.1.1]",
                           "[::g]",
                           "[::1]x",
                           "[::1]:x",
                           "::1",
                           "a]"}) {
    EXPECT_FALSE(is_valid_authority(text)) << text;
  }
}

TEST(Authority, SplitsHostFromPort) {
  EXPECT_EQ(split_authority("a:81")->host, "a");
  EXPECT_EQ(split_authority("a:81")->port, "81");
  EXPECT_EQ(split_authority("[::1]:81")->host, "[::1]");
  EXPECT_EQ(split_authority("[::1]:81")->port, "81");
  EXPECT_EQ(split_authority("a")->port, "");
}

TEST(Authority, IsFoundInAbsoluteForm) {
  EXPECT_EQ(split_absolute("http://a:1/b").authority, "a:1");
  EXPECT_EQ(split_absolute("HTTPS://a").authority, "a");
  EXPECT_EQ(split_absolute("http:///b").authority, "");
  EXPECT_EQ(split_absolute("http:/a").authority_begin, 0U);
  EXPECT_EQ(split_absolute("ftp://a/").authority_begin, 0U);
}

}  // namespace
}  // namespace duplex::http
