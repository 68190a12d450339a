// Whom a server answers for.
#include "http/served_hosts.h"

#include <gtest/gtest.h>

#include <array>

namespace duplex::http {
namespace {

bool is_included(const ServedHosts& hosts, std::string_view host) {
  const std::array<Field, 1> fields = {{{"host", host}}};
  return hosts.include(Fields(fields));
}

TEST(ServedHosts, AreAllAtFirst) {
  EXPECT_TRUE(is_included({}, "evil.example"));
  EXPECT_TRUE(ServedHosts().include({}));
}

TEST(ServedHosts, AreTheListedOnesWithAnyPort) {
  ServedHosts hosts;
  for (const char* host : {"example.org", "127.0.0.1", "[::1]"}) EXPECT_TRUE(hosts.add(host));
  for (const char* host : {"example.org", "EXAMPLE.org:80", "127.0.0.1:9001", "[::1]", "[::1]:1"}) {
    EXPECT_TRUE(is_included(hosts, host)) << host;
  }
  for (const char* host :
       {"evil.example", "example.org.evil.example", "a.example.org", "xample.org", "example.org.",
        "127.0.0.2", "[::2]", "::1", "", "localhost"}) {
    EXPECT_FALSE(is_included(hosts, host)) << host;
  }
  EXPECT_TRUE(hosts.include({})) << "HTTP/1.0";
}

TEST(ServedHosts, HaveNoPort) {
  ServedHosts hosts;
  for (const char* entry :
       {"", "a:80", "a:", "[::1]:80", "::1", "a b", "user@a", "*", "*.a", "http://a"}) {
    EXPECT_FALSE(hosts.add(entry)) << entry;
  }
  EXPECT_TRUE(is_included(hosts, "a")) << "none was added";
}

}  // namespace
}  // namespace duplex::http
