// Any bytes as a header of the PROXY protocol: a naive second reader, which takes a whole line
// apart at its spaces and has the system read the addresses, ends at the same byte with the same
// verdict, however the bytes are cut.
#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "cuts.h"
#include "decisions.h"
#include "http/proxy_header.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using http::IpAddress;
using http::IpEndpoint;
using http::ProxyHeaderError;
using http::ProxyHeaderReader;
using Status = ProxyHeaderReader::Status;

struct Outcome {
  Status status = Status::needs_more;
  std::size_t taken = 0;
  std::string_view fault = {};
  std::optional<IpEndpoint> client = {};
};

Outcome failed(ProxyHeaderError error, std::size_t taken) {
  return {.status = Status::failed, .taken = taken, .fault = http::describe(error)};
}

constexpr const char* digits = "0123456789";

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::optional<std::uint16_t> port_of(const std::string& text) {
  const bool decimal = text.find_first_not_of(digits) == std::string::npos;
  if (text.empty() || text.size() > 5 || !decimal) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  const int port = std::stoi(text);
  if (port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::optional<IpAddress> address_of(const std::string& text, bool ipv4) {
  IpAddress address;
  if (ipv4) address.bytes[10] = address.bytes[11] = 0xFF;
  if (text.find('\0') != std::string::npos) return std::nullopt;
  std::uint8_t* const place = &address.bytes[ipv4 ? 12 : 0];
  if (inet_pton(ipv4 ? AF_INET : AF_INET6, text.c_str(), place) != 1) return std::nullopt;
  return address;
}

// Section 2.1: what the whole line says.
bool read_line(std::string line, std::optional<IpEndpoint>& client) {
  if (!line.ends_with("\r\n")) return false;
  line.resize(line.size() - 2);
  const auto words = words_of(line);
  if (words[0] != "PROXY" || words.size() < 2) return false;
  if (words[1] == "UNKNOWN") return true;
  const bool ipv4 = words[1] == "TCP4";
  if (words.size() != 6 || (!ipv4 && words[1] != "TCP6")) return false;
  const auto source = address_of(words[2], ipv4);
  const auto port = port_of(words[4]);
  if (!source || !address_of(words[3], ipv4) || !port || !port_of(words[5])) return false;
  client = {.address = *source, .port = *port};
  return true;
}

Outcome judge_line(const std::string& bytes) {
  const std::size_t end = bytes.substr(0, 107).find('\n');
  if (end != std::string::npos) {
    Outcome outcome{.status = Status::complete, .taken = end + 1};
    const bool valid = read_line(bytes.substr(0, end + 1), outcome.client);
    return valid ? outcome : failed(ProxyHeaderError::malformed_line, end + 1);
  }
  if (bytes.size() >= 107) return failed(ProxyHeaderError::unterminated, 107);
  return {.taken = bytes.size()};
}

// Section 2.2.2: each TLV from `at` on, a type, two bytes of length and the value, ends within the
// header. The fault, if the bytes that are there show one.
std::optional<Outcome> judge_tlvs(const std::string& bytes, std::size_t at, std::size_t end) {
  while (at < end && bytes.size() >= std::min(at + 3, end)) {
    if (end - at < 3) {
      if (bytes.size() < end) return std::nullopt;
      return failed(ProxyHeaderError::malformed_tlv, end);
    }
    const auto high = static_cast<std::uint8_t>(bytes[at + 1]);
    const auto low = static_cast<std::uint8_t>(bytes[at + 2]);
    at += 3;
    if (at + high * 256U + low > end) return failed(ProxyHeaderError::malformed_tlv, at);
    at += high * 256U + low;
  }
  return std::nullopt;
}

// Section 2.2.
Outcome judge_binary(const std::string& bytes) {
  constexpr unsigned fixed = 16;
  const auto number = [&](std::size_t at) {
    return unsigned{static_cast<std::uint8_t>(bytes[at])};
  };
  if (bytes.size() < fixed) return {.taken = bytes.size()};
  const unsigned extra = number(14) * 256 + number(15);
  const unsigned command = number(12) % 16;
  const unsigned family = number(13) / 16;
  if (number(12) / 16 != 2) return failed(ProxyHeaderError::unknown_version, fixed);
  if (command > 1) return failed(ProxyHeaderError::unknown_command, fixed);
  if (extra > 4096) return failed(ProxyHeaderError::too_long, fixed);
  if (command == 1 && (family > 3 || number(13) % 16 > 2)) {
    return failed(ProxyHeaderError::unknown_family, fixed);
  }
  if (command == 1 && number(13) % 16 == 2) return failed(ProxyHeaderError::datagrams, fixed);
  constexpr unsigned sizes[] = {0, 2 * 4 + 4, 2 * 16 + 4, 2 * 108};
  if (command == 1 && extra < sizes[family]) return failed(ProxyHeaderError::too_short, fixed);
  if (command == 1 && family != 0) {
    if (auto fault = judge_tlvs(bytes, fixed + sizes[family], fixed + extra)) return *fault;
  }
  if (bytes.size() < fixed + extra) return {.taken = bytes.size()};
  Outcome outcome{.status = Status::complete, .taken = fixed + extra};
  if (command == 0 || family == 0 || family == 3) return outcome;
  const std::size_t size = family == 1 ? 4 : 16;
  auto& client = outcome.client.emplace();
  if (family == 1) client.address.bytes[10] = client.address.bytes[11] = 0xFF;
  std::memcpy(&client.address.bytes[16 - size], &bytes[fixed], size);
  const std::size_t port = fixed + 2 * size;
  client.port = static_cast<std::uint16_t>(number(port) * 256 + number(port + 1));
  return outcome;
}

Outcome judge_naively(const std::string& bytes) {
  const std::string start =
      bytes.starts_with('P') ? "PROXY " : std::string("\r\n\r\n\0\r\nQUIT\n", 12);
  for (std::size_t i = 0; i < std::min(bytes.size(), start.size()); ++i) {
    if (bytes[i] != start[i]) return failed(ProxyHeaderError::missing, i + 1);
  }
  if (bytes.size() < start.size()) return {.taken = bytes.size()};
  return bytes.starts_with('P') ? judge_line(bytes) : judge_binary(bytes);
}

void expect_same(std::string_view bytes, const Cuts& cuts, const Outcome& expected) {
  ProxyHeaderReader reader;
  std::size_t taken = 0;
  feed_pieces(bytes, cuts, [&](MutableBytes piece) {
    if (reader.status() == Status::needs_more) taken += reader.receive(piece);
  });
  EXPECT_EQ(reader.status(), expected.status);
  EXPECT_EQ(taken, expected.taken);
  if (reader.status() == Status::failed) {
    EXPECT_EQ(http::describe(reader.error()), expected.fault);
  }
  EXPECT_EQ(reader.client(), expected.client);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const std::uint8_t seed = decisions.byte();
  const std::string bytes(decisions.rest());
  const Outcome expected = judge_naively(bytes);
  expect_same(bytes, {}, expected);
  for (const Cuts& cuts : all_cuts(bytes.size(), seed)) expect_same(bytes, cuts, expected);
}

const Registration registration({"proxy_header", run});

}  // namespace
}  // namespace duplex::fuzz
