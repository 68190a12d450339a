// IP addresses and networks from text.
#include "http/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "../support/seeds.h"

namespace duplex::http {
namespace {

bool system_takes(const std::string& text, std::array<std::uint8_t, 16>& bytes) {
  std::array<std::uint8_t, 4> ipv4 = {};
  if (inet_pton(AF_INET, text.c_str(), ipv4.data()) == 1) {
    bytes = mapped_ipv4(ipv4).bytes;
    return true;
  }
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

void expect_agreement(const std::string& text) {
  std::array<std::uint8_t, 16> bytes = {};
  const bool taken = system_takes(text, bytes);
  const auto address = parse_ip_address(text);
  ASSERT_EQ(address.has_value(), taken) << text;
  if (taken) {
    ASSERT_EQ(address->bytes, bytes) << text;
  }
}

TEST(IpAddress, IsReadAsTheSystemReadsIt) {
  for (const char* text : {"0.0.0.0",
                           "255.255.255.255",
                           "1.2.3.4",
                           "256.1.1.1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.4.",
                           ".1.2.3.4",
                           "1..2.3",
                           "01.2.3.4",
                           "1.2.3.04",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.a",
                           "1.2.3.-4",
                           "1.2.3.4444",
                           "",
                           "::",
                           "::1",
                           "1::",
                           "1::2",
                           "1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7::",
                           "::2:3:4:5:6:7:8",
                           "1:2:3:4::5:6:7:8",
                           "1:2:3::4:5:6:7:8:9",
                           "::ffff:1.2.3.4",
                           "::1.2.3.4",
                           "1:2:3:4:5:6:1.2.3.4",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "::1.2.3",
                           ":",
                           ":::",
                           "1:::2",
                           "1::2::3",
                           "1:",
                           ":1",
                           ":1::",
                           "::1:",
                           "abcd::EF01",
                           "g::",
                           "12345::",
                           "::00001",
                           "::0001",
                           "fe80::1%2",
                           "[::1]",
                           "::1/64",
                           "localhost"}) {
    expect_agreement(text);
  }
}

TEST(IpAddress, IsReadAsTheSystemReadsItAtRandom) {
  support::for_each_seed(20, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    constexpr std::string_view pieces[] = {":", "::", ".", "0", "1", "25", "255", "ff", "1.2.3.4"};
    for (int i = 0; i < 2000 && !testing::Test::HasFatalFailure(); ++i) {
      std::string text;
      for (std::size_t count = random() % 17; count > 0; --count) {
        text += pieces[random() % std::size(pieces)];
      }
      expect_agreement(text);
    }
  });
}

TEST(IpAddress, OfIpv4AndItsMappedFormAreOne) {
  EXPECT_EQ(parse_ipv4("10.1.2.3"), parse_ipv6("::ffff:10.1.2.3"));
  EXPECT_EQ(parse_ipv4("::ffff:10.1.2.3"), std::nullopt);
  EXPECT_EQ(parse_ipv6("10.1.2.3"), std::nullopt);
}

TEST(IpAddress, HoldsNoNul) {
  EXPECT_EQ(parse_ip_address(std::string_view("1.2.3.4\0", 8)), std::nullopt);
  EXPECT_EQ(parse_ip_address(std::string_view("::1\0", 4)), std::nullopt);
}

bool is_in(std::string_view network, std::string_view address) {
  return parse_ip_network(network)->contains(*parse_ip_address(address));
}

TEST(IpNetwork, ContainsWhatBeginsAlike) {
  EXPECT_TRUE(is_in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(is_in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(is_in("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(is_in("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(is_in("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(is_in("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(is_in("fd00::/8", "fdff::1"));
  EXPECT_FALSE(is_in("fd00::/8", "fe00::1"));
  EXPECT_TRUE(is_in("::1/128", "::1"));
}

TEST(IpNetwork, OfIpv4DoesNotHoldIpv6) {
  EXPECT_TRUE(is_in("0.0.0.0/0", "255.1.2.3"));
  EXPECT_TRUE(is_in("0.0.0.0/0", "::ffff:1.2.3.4"));
  EXPECT_FALSE(is_in("0.0.0.0/0", "::1"));
  EXPECT_TRUE(is_in("::/0", "::1"));
  EXPECT_TRUE(is_in("::/0", "1.2.3.4"));
}

TEST(IpNetwork, IsRefusedWhenMalformed) {
  for (const char* text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8",
        "10.0.0.0/8 ", "10.0.0/8", "10.0.0.0/1x", "::/129", "::/1000", "a/8", "[::1]/128",
        "10.0.0.1/8", "fd00::1/8", "192.0.2.129/31", "*"}) {
    EXPECT_EQ(parse_ip_network(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace duplex::http
