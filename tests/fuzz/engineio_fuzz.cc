// Any bytes as a payload of Engine.IO and as its open packet: the packets are those between the
// separators, up to the first that is wrong, and are the same when they are written and read again.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decisions.h"
#include "duplex/codec/base64.h"
#include "duplex/codec/utf8.h"
#include "duplex/engineio/packet.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using engineio::Packet;

std::vector<std::string> split(std::string_view payload) {
  std::vector<std::string> parts(1);
  for (const char c : payload) {
    if (c == engineio::separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_packet(const std::string& text) {
  if (text.empty() || !codec::is_valid_utf8(as_bytes(text))) return false;
  if (text.front() == 'b') return codec::base64_decode(text.substr(1)).has_value();
  return text.find_first_of("0123456") == 0;
}

std::string write(const Packet& packet) {
  std::string text;
  if (packet.bytes) {
    engineio::append_bytes(text, *packet.bytes);
  } else {
    engineio::append_packet(text, packet.type, packet.text);
  }
  return text;
}

void check_payload(std::string_view payload, std::size_t most) {
  engineio::PayloadReader reader(payload, {.max_packets = most});
  const std::vector<std::string> parts = split(payload);
  std::size_t count = 0;
  while (const auto packet = reader.next()) {
    ASSERT_LT(count, parts.size());
    const std::string& part = parts[count++];
    EXPECT_TRUE(is_packet(part));
    // The pad bits of Base64 may be anything when read, and are not kept.
    if (!packet->bytes) {
      EXPECT_EQ(write(*packet), part);
    }
    EXPECT_EQ(write(*engineio::parse_packet(write(*packet))), write(*packet));
  }
  const bool all_read = count == parts.size();
  EXPECT_EQ(reader.fault().empty(), all_read);
  if (!all_read) {
    EXPECT_TRUE(count == most || !is_packet(parts[count]));
  }
  EXPECT_FALSE(reader.next());
}

void check_handshake(std::string_view text) {
  const auto handshake = engineio::parse_handshake(text);
  if (!handshake) {
    EXPECT_FALSE(handshake.error().empty());
    return;
  }
  const std::string written = engineio::write_handshake(*handshake);
  const auto again = engineio::parse_handshake(written);
  ASSERT_TRUE(again) << again.error() << ": " << written;
  EXPECT_EQ(engineio::write_handshake(*again), written);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const std::size_t most = 1 + decisions.below(32);
  check_payload(decisions.rest(), most);
  check_handshake(decisions.rest());
}

const Registration registration({"engineio", run});

}  // namespace
}  // namespace duplex::fuzz
