#include "duplex/net/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <vector>

namespace duplex::net {
namespace {

std::string text_of(std::string_view host, std::uint16_t port = 80) {
  const auto address = Address::parse(host, port);
  return address ? address->text() : "error: " + address.error().message();
}

TEST(Address, IsUnspecifiedByDefault) {
  const Address address;
  EXPECT_EQ(address.family(), AddressFamily::unspecified);
  EXPECT_EQ(address.text(), "");
  EXPECT_EQ(address.host(), "");
  EXPECT_EQ(address.port(), 0);
  EXPECT_EQ(address.raw_size(), 0U);
}

TEST(Address, ParsesLiteralsOfBothFamilies) {
  EXPECT_EQ(text_of("127.0.0.1"), "127.0.0.1:80");
  EXPECT_EQ(text_of("localhost"), "127.0.0.1:80");
  EXPECT_EQ(text_of("::1"), "[::1]:80");
  EXPECT_EQ(text_of("[2001:DB8::1]", 65535), "[2001:db8::1]:65535");
  EXPECT_EQ(text_of("fe80::1%2"), "[fe80::1%2]:80");
  EXPECT_EQ(Address::parse("::1", 80)->family(), AddressFamily::ipv6);
  EXPECT_EQ(Address::parse("10.0.0.1", 80)->family(), AddressFamily::ipv4);
}

TEST(Address, RefusesWhatIsNoLiteral) {
  for (const std::string_view host :
       {"", "example.com", "127.1", "1.2.3.4.5", "256.0.0.1", "[::1", "[]", "[127.0.0.1]x",
        ":::", "fe80::1%", "fe80::1%eth0", "fe80::1%2x", "fe80::1%99999999999"}) {
    const auto address = Address::parse(host, 80);
    ASSERT_FALSE(address.has_value()) << host;
    EXPECT_EQ(address.error(), std::errc::invalid_argument);
  }
  EXPECT_FALSE(Address::parse(std::string_view("127.0.0.1\0x", 11), 80).has_value());
}

TEST(Address, R66MappedAddressesPrintAsIpv4) {
  const auto address = Address::parse("::ffff:192.0.2.7", 80);
  EXPECT_EQ(address->text(), "192.0.2.7:80");
  EXPECT_EQ(address->host(), "192.0.2.7");
  EXPECT_EQ(address->family(), AddressFamily::ipv6);
}

TEST(Address, GoesThroughItsBytes) {
  for (const char* host : {"127.0.0.1", "255.254.0.1", "::1", "2001:db8::7", "::"}) {
    const auto address = *Address::parse(host, 8080);
    EXPECT_EQ(Address::from_ip(address.ip(), 8080), address) << host;
  }
  const auto mapped = *Address::parse("::ffff:192.0.2.7", 80);
  EXPECT_EQ(Address::from_ip(mapped.ip(), 80), *Address::parse("192.0.2.7", 80));
  EXPECT_EQ(Address().ip(), Address::parse("::", 0)->ip());
  EXPECT_EQ(Address::unix_path("/run/x")->ip(), Address().ip());
}

TEST(Address, PortsAreSetInPlace) {
  Address ipv4 = *Address::parse("127.0.0.1", 0);
  ipv4.set_port(8080);
  EXPECT_EQ(ipv4.text(), "127.0.0.1:8080");
  EXPECT_EQ(ipv4, *Address::parse("127.0.0.1", 8080));
  Address ipv6 = *Address::parse("::1", 1);
  ipv6.set_port(443);
  EXPECT_EQ(ipv6.port(), 443);
  Address path = *Address::unix_path("/run/x");
  path.set_port(80);
  EXPECT_EQ(path, *Address::unix_path("/run/x"));
  Address none;
  none.set_port(80);
  EXPECT_EQ(none, Address());
}

TEST(Address, UnixPathsAndAbstractNames) {
  EXPECT_EQ(Address::unix_path("/run/x")->text(), "unix:/run/x");
  EXPECT_EQ(Address::unix_path("/run/x")->host(), "/run/x");
  EXPECT_EQ(Address::unix_path("@name")->text(), "unix:@name");
  EXPECT_EQ(Address::unix_path("@name")->raw_size(), offsetof(sockaddr_un, sun_path) + 5);
  EXPECT_EQ(Address::unix_path("@name")->port(), 0);
  EXPECT_EQ(Address::unix_path(std::string(107, 'x'))->host(), std::string(107, 'x'));
  EXPECT_EQ(Address::unix_path(std::string(108, 'x')).error(), std::errc::filename_too_long);
  EXPECT_EQ(Address::unix_path("").error(), std::errc::invalid_argument);
  EXPECT_EQ(Address::unix_path(std::string_view("a\0b", 3)).error(), std::errc::invalid_argument);
}

TEST(Address, CopiesOfLongPathsAreEqual) {
  const Address path = *Address::unix_path("/run/a/path/of/more/than/28/bytes");
  Address copy = path;
  EXPECT_EQ(copy, path);
  EXPECT_EQ(copy.host(), "/run/a/path/of/more/than/28/bytes");
  copy.set_port(7);  // which it has not
  EXPECT_EQ(copy, path);
  copy = Address();
  EXPECT_EQ(copy.family(), AddressFamily::unspecified);
  EXPECT_EQ(path, *Address::unix_path("/run/a/path/of/more/than/28/bytes"));
  EXPECT_FALSE(path == *Address::unix_path("/run/a/path/of/more/than/28/bytez"));
}

TEST(Address, R66RawUnixAddressesOfEverySize) {
  sockaddr_un raw = {};
  raw.sun_family = AF_UNIX;
  std::fill(std::begin(raw.sun_path), std::end(raw.sun_path), 'p');
  EXPECT_EQ(Address::from_raw(&raw, sizeof raw).host(), std::string(108, 'p'));  // without a NUL
  EXPECT_EQ(Address::from_raw(&raw, sizeof(sa_family_t)).text(), "unix:");       // unnamed
  raw.sun_path[3] = '\0';
  EXPECT_EQ(Address::from_raw(&raw, sizeof raw).host(), "ppp");
}

TEST(Address, R66SurprisingRawAddressesAreUnspecified) {
  sockaddr_storage raw = {};
  raw.ss_family = AF_INET;
  EXPECT_EQ(Address::from_raw(&raw, sizeof(sockaddr_in) - 1), Address());
  EXPECT_EQ(Address::from_raw(&raw, 1), Address());
  EXPECT_EQ(Address::from_raw(&raw, 0), Address());
  const std::vector<char> large(Address::max_raw_size + 1);
  EXPECT_EQ(Address::from_raw(large.data(), large.size()), Address());
  raw.ss_family = AF_INET6;
  EXPECT_EQ(Address::from_raw(&raw, sizeof(sockaddr_in6) - 1), Address());
  raw.ss_family = AF_NETLINK;
  EXPECT_EQ(Address::from_raw(&raw, sizeof raw), Address());
}

TEST(Address, EqualMeansTheSameBytes) {
  EXPECT_EQ(*Address::parse("127.0.0.1", 1), *Address::parse("localhost", 1));
  EXPECT_FALSE(*Address::parse("127.0.0.1", 1) == *Address::parse("127.0.0.1", 2));
  EXPECT_FALSE(*Address::parse("127.0.0.1", 1) == *Address::parse("::ffff:127.0.0.1", 1));
}

}  // namespace
}  // namespace duplex::net
