// Who is believed, and whom X-Forwarded-For names.
#include "http/trusted_proxies.h"

#include <gtest/gtest.h>

#include <string>

namespace duplex::http {
namespace {

TrustedProxies proxies() {
  TrustedProxies list;
  for (const char* entry : {"127.0.0.1", "10.0.0.0/8", "fd00::/8"}) EXPECT_TRUE(list.add(entry));
  return list;
}

TEST(TrustedProxies, AreNobodyAtFirst) {
  const TrustedProxies nobody;
  EXPECT_TRUE(nobody.empty());
  EXPECT_FALSE(nobody.trusts(*parse_ip_address("127.0.0.1")));
  EXPECT_FALSE(nobody.trusts_unix());
}

TEST(TrustedProxies, AreTheListedOnes) {
  const TrustedProxies list = proxies();
  EXPECT_FALSE(list.empty());
  EXPECT_TRUE(list.trusts(*parse_ip_address("127.0.0.1")));
  EXPECT_TRUE(list.trusts(*parse_ip_address("::ffff:127.0.0.1")));
  EXPECT_TRUE(list.trusts(*parse_ip_address("fd12::1")));
  EXPECT_FALSE(list.trusts(*parse_ip_address("127.0.0.2")));
  EXPECT_FALSE(list.trusts(*parse_ip_address("::1")));
  EXPECT_FALSE(list.trusts_unix());
}

TEST(TrustedProxies, MayBeOnThisMachine) {
  TrustedProxies list;
  EXPECT_TRUE(list.add("unix"));
  EXPECT_FALSE(list.empty());
  EXPECT_TRUE(list.trusts_unix());
  EXPECT_FALSE(list.trusts(*parse_ip_address("127.0.0.1")));
}

TEST(TrustedProxies, HaveNoNames) {
  TrustedProxies list;
  for (const char* entry : {"", "localhost", "10.0.0.1/8", "unix:", "unix:/run/x", "*"}) {
    EXPECT_FALSE(list.add(entry)) << entry;
  }
  EXPECT_TRUE(list.empty());
}

struct ForwardedCase {
  const char* line;
  const char* client;  // null: nobody is named
};

constexpr ForwardedCase forwarded_cases[] = {
    {"203.0.113.7", "203.0.113.7"},
    {"2001:db8::7", "2001:db8::7"},
    {" \t203.0.113.7 \t", "203.0.113.7"},
    // The client wrote the left part itself.
    {"127.0.0.1, 203.0.113.7", "203.0.113.7"},
    {"1.1.1.1, 203.0.113.7", "203.0.113.7"},
    {"rubbish, 203.0.113.7", "203.0.113.7"},
    {"\"1.1.1.1, 203.0.113.7", "203.0.113.7"},
    // Proxies one behind the other.
    {"203.0.113.7, 10.0.0.1", "203.0.113.7"},
    {"1.1.1.1,203.0.113.7,10.0.0.1,10.0.0.2", "203.0.113.7"},
    {"203.0.113.7, ::ffff:10.0.0.1", "203.0.113.7"},
    // The request is a proxy's own.
    {"10.0.0.1", "10.0.0.1"},
    {"10.0.0.1, 10.0.0.2", "10.0.0.1"},
    // Empty elements.
    {",,203.0.113.7, ,", "203.0.113.7"},
    {"", nullptr},
    {" ", nullptr},
    {",", nullptr},
    {", ,\t,", nullptr},
    // Where something else stands, nobody is believed.
    {"unknown", nullptr},
    {"203.0.113.7, unknown", nullptr},
    {"203.0.113.7, rubbish, 10.0.0.1", nullptr},
    {"203.0.113.7:80", nullptr},
    {"[2001:db8::7]", nullptr},
    {"[2001:db8::7]:80", nullptr},
    {"fe80::1%2", nullptr},
    {"203.0.113.007", nullptr},
    {"203.0.113.7 10.0.0.1", nullptr},
    {"203.0.113.7;10.0.0.1", nullptr},
    {"for=203.0.113.7", nullptr},
    {"\"203.0.113.7\"", nullptr},
    {"203.0.113.256", nullptr},
    {"localhost", nullptr},
};

std::optional<IpAddress> address_of(const char* text) {
  return text == nullptr ? std::nullopt : parse_ip_address(text);
}

TEST(ForwardedClient, IsTheRightmostThatIsNotListed) {
  const TrustedProxies list = proxies();
  for (const auto& [line, client] : forwarded_cases) {
    const Field fields[] = {{"X-Forwarded-For", line}};
    EXPECT_EQ(forwarded_client(Fields(fields), list), address_of(client)) << '"' << line << '"';
  }
}

// RFC 9110 section 5.3: several lines are one list.
TEST(ForwardedClient, IsTheSameHoweverTheListIsCutIntoLines) {
  const TrustedProxies list = proxies();
  for (const auto& [line, client] : forwarded_cases) {
    const std::string_view text = line;
    for (std::size_t comma = text.find(','); comma != std::string_view::npos;
         comma = text.find(',', comma + 1)) {
      const Field fields[] = {{"x-forwarded-for", text.substr(0, comma)},
                              {"Via", "1.1 proxy"},
                              {"X-FORWARDED-FOR", text.substr(comma + 1)}};
      EXPECT_EQ(forwarded_client(Fields(fields), list), address_of(client)) << '"' << line << '"';
    }
  }
}

TEST(ForwardedClient, IsNamedByNoOtherField) {
  const Field fields[] = {{"X_Forwarded_For", "203.0.113.7"},
                          {"Forwarded", "for=203.0.113.7"},
                          {"X-Forwarded-For-", "203.0.113.7"},
                          {"X-Real-IP", "203.0.113.7"}};
  EXPECT_EQ(forwarded_client(Fields(fields), proxies()), std::nullopt);
  EXPECT_EQ(forwarded_client(Fields(), proxies()), std::nullopt);
}

}  // namespace
}  // namespace duplex::http
