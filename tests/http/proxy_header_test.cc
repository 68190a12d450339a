// The header of the PROXY protocol, in every split.
#include "http/proxy_header.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "../support/guard_page.h"
#include "../support/seeds.h"

namespace duplex::http {
namespace {

using std::string_literals::operator""s;
using Status = ProxyHeaderReader::Status;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string number(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
}

// `command` with its version, `family` with its transport.
std::string binary(int command, int family, const std::string& extra) {
  return signature + static_cast<char>(command) + static_cast<char>(family) + number(extra.size()) +
         extra;
}

const std::string ipv4_addresses = "\xCB\0\x71\x07\x0A\0\0\x01\xDC\x04\x01\xBB"s;
const std::string ipv6_addresses = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + '\x07' +
                                   std::string(15, '\0') + '\x01' + "\xDC\x04\x01\xBB";
const std::string tlvs = "\x01\0\x02h2\x03\0\x04\x01\x02\x03\x04"s;

// One of that size, its head included.
std::string large_tlv(std::size_t size) {
  return '\x04' + number(size - 3) + std::string(size - 3, 't');
}

std::optional<IpEndpoint> endpoint(const char* address, std::uint16_t port = 56324) {
  return IpEndpoint{*parse_ip_address(address), port};
}

// What is left of `bytes`, given in two pieces, or one by one for `cut` 0.
std::size_t feed(ProxyHeaderReader& reader, const std::string& bytes, std::size_t cut) {
  static support::GuardPage memory(8192);
  std::size_t taken = 0;
  const auto give = [&](std::size_t end) {
    if (reader.status() != Status::needs_more) return;
    taken += reader.receive(memory.place(std::string_view(bytes).substr(taken, end - taken)));
  };
  for (std::size_t end = 1; cut == 0 && end < bytes.size(); ++end) give(end);
  give(cut);
  give(bytes.size());
  return bytes.size() - taken;
}

template <class F>
void in_every_split(const std::string& bytes, F&& check) {
  for (std::size_t cut = 0; cut <= bytes.size() && !testing::Test::HasFailure(); ++cut) {
    SCOPED_TRACE(testing::PrintToString(bytes.substr(0, 120)) + " cut at " + std::to_string(cut));
    ProxyHeaderReader reader;
    const std::size_t left = feed(reader, bytes, cut);
    check(reader, left);
  }
}

void expect_client(const std::string& header, const std::optional<IpEndpoint>& client) {
  for (const std::string& rest : {""s, "GET / HTTP/1.1\r\n"s, header}) {
    in_every_split(header + rest, [&](const ProxyHeaderReader& reader, std::size_t left) {
      EXPECT_EQ(reader.status(), Status::complete);
      EXPECT_EQ(reader.client(), client);
      EXPECT_EQ(left, rest.size());
    });
  }
}

// `size`: bytes until it is known.
void expect_failure(const std::string& bytes, ProxyHeaderError error, std::size_t size) {
  in_every_split(bytes, [&](const ProxyHeaderReader& reader, std::size_t left) {
    EXPECT_EQ(reader.status(), Status::failed);
    EXPECT_EQ(describe(reader.error()), describe(error));
    EXPECT_EQ(bytes.size() - left, size);
    EXPECT_EQ(reader.client(), std::nullopt);
  });
}

TEST(ProxyLine, NamesTheClient) {
  expect_client("PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n", endpoint("203.0.113.7"));
  expect_client("PROXY TCP6 2001:db8::7 fd00::1 56324 443\r\n", endpoint("2001:db8::7"));
  expect_client("PROXY TCP6 ::ffff:203.0.113.7 ::1 56324 443\r\n", endpoint("203.0.113.7"));
  expect_client("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", endpoint("0.0.0.0", 0));
}

TEST(ProxyLine, MayBeAsLongAsItCanBe) {
  const std::string whole = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  const std::string line = "PROXY UNKNOWN " + whole + ' ' + whole + " 65535 65535\r\n";
  ASSERT_EQ(line.size(), ProxyHeaderReader::max_line_size);
  expect_client(line, std::nullopt);
  expect_client("PROXY TCP6 " + whole + ' ' + whole + " 65535 65535\r\n",
                endpoint(whole.c_str(), 65535));
}

TEST(ProxyLine, MayNotKnowTheClient) {
  expect_client("PROXY UNKNOWN\r\n", std::nullopt);
  expect_client("PROXY UNKNOWN \r\n", std::nullopt);
  expect_client("PROXY UNKNOWN whatever this is\r\n", std::nullopt);
}

TEST(ProxyLine, IsRefusedWhenMalformed) {
  for (const std::string rest : {"",
                                 "TCP4",
                                 "TCP4 1.2.3.4",
                                 "TCP4 1.2.3.4 1.2.3.4 1",
                                 "TCP4 1.2.3.4 1.2.3.4 1 2 3",
                                 "TCP4 1.2.3.4 1.2.3.4 1 2 ",
                                 " TCP4 1.2.3.4 1.2.3.4 1 2",
                                 "TCP4  1.2.3.4 1.2.3.4 1 2",
                                 "TCP4 1.2.3.4 1.2.3.4  1 2",
                                 "TCP4\t1.2.3.4 1.2.3.4 1 2",
                                 "tcp4 1.2.3.4 1.2.3.4 1 2",
                                 "TCP4 ::1 ::1 1 2",
                                 "TCP6 1.2.3.4 1.2.3.4 1 2",
                                 "TCP4 1.2.3.4 ::1 1 2",
                                 "TCP4 1.2.3.256 1.2.3.4 1 2",
                                 "TCP4 1.2.3.04 1.2.3.4 1 2",
                                 "TCP4 1.2.3.4 1.2.3 1 2",
                                 "TCP4 1.2.3.4 1.2.3.4 65536 2",
                                 "TCP4 1.2.3.4 1.2.3.4 1 65536",
                                 "TCP4 1.2.3.4 1.2.3.4 01 2",
                                 "TCP4 1.2.3.4 1.2.3.4 1 02",
                                 "TCP4 1.2.3.4 1.2.3.4 -1 2",
                                 "TCP4 1.2.3.4 1.2.3.4 +1 2",
                                 "TCP4 1.2.3.4 1.2.3.4 123456 2",
                                 "TCP4 1.2.3.4 1.2.3.4 x 2",
                                 "TCP6 [::1] [::1] 1 2",
                                 "TCP6 fe80::1%2 ::1 1 2",
                                 "TCP5 1.2.3.4 1.2.3.4 1 2",
                                 "UNKNOWNX",
                                 "UDP4 1.2.3.4 1.2.3.4 1 2"}) {
    const std::string line = "PROXY " + rest + "\r\n";
    expect_failure(line + "GET", ProxyHeaderError::malformed_line, line.size());
  }
  expect_failure("PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n"s, ProxyHeaderError::malformed_line, 33);
}

TEST(ProxyLine, EndsWithCrLf) {
  const std::string line = "PROXY TCP4 1.2.3.4 1.2.3.4 1 2";
  expect_failure(line + "\nGET / HTTP/1.1\r\n", ProxyHeaderError::malformed_line, line.size() + 1);
  expect_failure(line + "\n\r\n", ProxyHeaderError::malformed_line, line.size() + 1);
  expect_failure(line + "\r\r\n", ProxyHeaderError::malformed_line, line.size() + 3);
  expect_failure(line + "\rGET\r\n", ProxyHeaderError::malformed_line, line.size() + 6);
}

TEST(ProxyLine, DoesNotGrow) {
  const std::size_t limit = ProxyHeaderReader::max_line_size;
  expect_failure("PROXY UNKNOWN " + std::string(300, 'x'), ProxyHeaderError::unterminated, limit);
  const std::string one_too_long = "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n";
  ASSERT_EQ(one_too_long.size(), limit + 1);
  expect_failure(one_too_long, ProxyHeaderError::unterminated, limit);
}

TEST(ProxyHeader, IsMissedAtItsFirstWrongByte) {
  expect_failure("GET / HTTP/1.1\r\n", ProxyHeaderError::missing, 1);
  expect_failure("POST / HTTP/1.1\r\n", ProxyHeaderError::missing, 2);
  expect_failure("proxy TCP4", ProxyHeaderError::missing, 1);
  expect_failure("PROXY\tTCP4", ProxyHeaderError::missing, 6);
  expect_failure("\r\nGET / HTTP/1.1\r\n", ProxyHeaderError::missing, 3);
  expect_failure("\r\n\r\n\r\n\r\n", ProxyHeaderError::missing, 5);
  expect_failure("\0"s, ProxyHeaderError::missing, 1);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string wrong = binary(0x21, 0x11, ipv4_addresses);
    wrong[i] = static_cast<char>(wrong[i] ^ 0x20);
    expect_failure(wrong, ProxyHeaderError::missing, i + 1);
  }
}

TEST(ProxyHeader, IsNotOverBeforeItsEnd) {
  for (const std::string& whole :
       {"PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n"s, binary(0x20, 0, ""),
        binary(0x21, 0x21, ipv6_addresses + tlvs)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ProxyHeaderReader reader;
      EXPECT_EQ(feed(reader, whole.substr(0, size), 0), 0U);
      EXPECT_EQ(reader.status(), Status::needs_more);
    }
  }
}

TEST(BinaryProxyHeader, NamesTheClient) {
  for (const std::string& extra : {""s, tlvs, std::string(201, '\0')}) {
    expect_client(binary(0x21, 0x11, ipv4_addresses + extra), endpoint("203.0.113.7"));
    expect_client(binary(0x21, 0x21, ipv6_addresses + extra), endpoint("2001:db8::7"));
  }
  expect_client(binary(0x21, 0x10, ipv4_addresses), endpoint("203.0.113.7"));
}

TEST(BinaryProxyHeader, MayNotKnowTheClient) {
  expect_client(binary(0x21, 0x00, ""), std::nullopt);
  expect_client(binary(0x21, 0x00, tlvs), std::nullopt);
  expect_client(binary(0x21, 0x31, std::string(216, 'p')), std::nullopt);
  expect_client(binary(0x21, 0x31, std::string(216, 'p') + tlvs), std::nullopt);
}

TEST(BinaryProxyHeader, MayBeAboutTheProxyItself) {
  for (const int family : {0x00, 0x11, 0x21, 0x31, 0xFF}) {
    expect_client(binary(0x20, family, ""), std::nullopt);
    expect_client(binary(0x20, family, ipv6_addresses + tlvs), std::nullopt);
  }
}

TEST(BinaryProxyHeader, IsRefusedWithValuesThatAreNotAssigned) {
  for (int value = 0; value < 256; ++value) {
    const int version = value >> 4;
    const int command = value & 0x0F;
    if (version == 2 && command < 2) continue;
    expect_failure(
        binary(value, 0x11, ipv4_addresses),
        version == 2 ? ProxyHeaderError::unknown_command : ProxyHeaderError::unknown_version, 16);
  }
  for (int value = 0; value < 256; ++value) {
    if ((value >> 4) < 4 && (value & 0x0F) < 3) continue;  // 2 has a test of its own
    expect_failure(binary(0x21, value, std::string(216, 'a')), ProxyHeaderError::unknown_family,
                   16);
  }
}

TEST(BinaryProxyHeader, IsRefusedWithDatagramsOnAConnection) {
  for (const int family : {0x02, 0x12, 0x22, 0x32}) {
    expect_failure(binary(0x21, family, std::string(216, 'a')), ProxyHeaderError::datagrams, 16);
  }
}

// Of the proxy itself, and of an unspecified family, nothing behind the fixed part has to be read.
TEST(BinaryProxyHeader, IsRefusedWhenATlvDoesNotEndWithinIt) {
  const struct {
    std::string extra;
    std::size_t known;  // bytes of it until the fault is
  } rows[] = {
      {"\x03\0\x09"s, 3},
      {"\x03\xFF\xFF"s, 3},
      {"\x03\0\x01"s, 3},
      {"\x03\0\x02x"s, 3},
      {"\x03"s, 1},
      {"\x03\0"s, 2},
      {tlvs + "\x04\0\x01"s, tlvs.size() + 3},
      {tlvs + "\x04"s, tlvs.size() + 1},
      {std::string(200, '\0'), 200},
  };
  for (const auto& [extra, known] : rows) {
    expect_failure(binary(0x21, 0x11, ipv4_addresses + extra), ProxyHeaderError::malformed_tlv,
                   16 + 12 + known);
    expect_failure(binary(0x21, 0x21, ipv6_addresses + extra), ProxyHeaderError::malformed_tlv,
                   16 + 36 + known);
    expect_failure(binary(0x21, 0x31, std::string(216, 'p') + extra),
                   ProxyHeaderError::malformed_tlv, 16 + 216 + known);
    expect_client(binary(0x20, 0x11, extra), std::nullopt);
    expect_client(binary(0x21, 0x00, extra), std::nullopt);
  }
}

TEST(BinaryProxyHeader, IsRefusedWhenItsAddressesDoNotFit) {
  expect_failure(binary(0x21, 0x11, std::string(11, 'a')), ProxyHeaderError::too_short, 16);
  expect_failure(binary(0x21, 0x11, ""), ProxyHeaderError::too_short, 16);
  expect_failure(binary(0x21, 0x21, std::string(35, 'a')), ProxyHeaderError::too_short, 16);
  expect_failure(binary(0x21, 0x31, std::string(215, 'a')), ProxyHeaderError::too_short, 16);
}

TEST(BinaryProxyHeader, HasALimit) {
  const std::size_t limit = ProxyHeaderReader::max_extra_size;
  ProxyHeaderReader reader;
  const std::string largest = binary(0x21, 0x11, ipv4_addresses + large_tlv(limit - 12));
  EXPECT_EQ(feed(reader, largest + "GET", 100), 3U);
  EXPECT_EQ(reader.client(), endpoint("203.0.113.7"));
  for (const int command : {0x20, 0x21}) {
    expect_failure(
        signature + static_cast<char>(command) + "\x11" + number(limit + 1) + std::string(100, 't'),
        ProxyHeaderError::too_long, 16);
    expect_failure(signature + static_cast<char>(command) + "\x11\xFF\xFF",
                   ProxyHeaderError::too_long, 16);
  }
}

TEST(ProxyHeader, HasWordsForEachFault) {
  std::set<std::string_view> words;
  for (unsigned i = 0; i <= static_cast<unsigned>(ProxyHeaderError::too_long) + 1; ++i) {
    const auto error = static_cast<ProxyHeaderError>(i);
    EXPECT_TRUE(words.insert(describe(error)).second) << describe(error);
  }
}

TEST(ProxyHeader, TakesWhateverBytesComeInAnySplit) {
  support::for_each_seed(200, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string bytes = seed % 2 == 0 ? "PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n"
                                      : binary(0x21, 0x11, ipv4_addresses + tlvs);
    for (std::size_t count = 1 + random() % 3; count > 0; --count) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    ProxyHeaderReader whole;
    const std::size_t left = feed(whole, bytes, bytes.size());
    in_every_split(bytes, [&](const ProxyHeaderReader& reader, std::size_t rest) {
      EXPECT_EQ(reader.status(), whole.status());
      EXPECT_EQ(reader.client(), whole.client());
      EXPECT_EQ(rest, left);
    });
  });
}

}  // namespace
}  // namespace duplex::http
