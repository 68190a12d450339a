// URLs of Redis: what they say, and what is refused without a word of the password.
#include "redis/url.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace duplex::redis {
namespace {

std::string read(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return url.error();
  return name_of(*url) + " " + url->user + ":" + url->password + " " + url->database;
}

TEST(RedisUrl, IsRead) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"redis://localhost", "localhost:6379 : "},
      {"redis://localhost/", "localhost:6379 : "},
      {"REDIS://a:1/7", "a:1 : 7"},
      {"redis://a:/7", "a:6379 : 7"},
      {"redis://[::1]", "[::1]:6379 : "},
      {"redis://[::1]:80/0", "[::1]:80 : 0"},
      {"redis://:p@a", "a:6379 :p "},
      {"redis://u:p%40%3a%2fx@a:2", "a:2 u:p@:/x "},
      {"redis://u:a@b:c@h", "h:6379 u:a@b:c "},
      {"redis+unix:/run/redis.sock", "/run/redis.sock : "},
      {"redis+unix:/run/redis.sock:/3", "/run/redis.sock : 3"},
      {"redis+unix:///run/redis.sock", "/run/redis.sock : "},
      {"redis+unix://u:p@/run/redis.sock:/3", "/run/redis.sock u:p 3"}};
  for (const auto& [url, expected] : rows) EXPECT_EQ(read(url), expected) << url;
}

TEST(RedisUrl, IsRefusedWithTheReason) {
  const std::string scheme = "the URL begins with neither redis: nor redis+unix:";
  const std::string host = "the host is missing or malformed";
  const std::string database = "what follows the host is not the number of a database";
  const std::string port = "the port is not a number from 1 to 65535";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", scheme},
      {"localhost:6379", scheme},
      {"http://localhost", scheme},
      {"rediss://localhost", "rediss needs TLS, which is not supported"},
      {"redis:localhost", host},
      {"redis://", host},
      {"redis://:secret@", host},
      {"redis://a b", host},
      {"redis://a:99999", port},
      {"redis://a:0", port},
      {"redis://u@a", "a user name needs a password: user:password@"},
      {"redis://u:@a", "the password is empty"},
      {"redis://u:%2@a", "a '%' before the '@' is not followed by two hex digits"},
      {"redis+unix://u@/run/s", "a user name needs a password: user:password@"},
      {"redis://a/x", database},
      {"redis://a/1/2", database},
      {"redis://a/1234567890", database},
      {"redis://a?db=1", database},
      {"redis+unix:run/s", "the path of the socket does not begin with '/'"},
      {"redis+unix://host/run/s", "the path of the socket does not begin with '/'"}};
  for (const auto& [url, expected] : rows) EXPECT_EQ(read(url), expected) << url;
}

TEST(RedisUrl, KeepsThePasswordToItself) {
  try {
    url_or_throw("redis://user:secret@host:port");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "redis: the port is not a number from 1 to 65535");
  }
}

}  // namespace
}  // namespace duplex::redis
