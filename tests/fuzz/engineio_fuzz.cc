// Any bytes as a payload of Engine.IO and as its open packet: the packets are those between the
// separators, up to the first that is wrong, and are the same when they are written and read again.
// As payloads of revision 3: what is read is written as the bytes that it was.
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

// A packet of revision 3 as a part of such a payload. In one of bytes, text may still carry Base64.
std::string part_of(const Packet& packet, bool in_bytes, bool as_text) {
  std::string content;
  if (packet.bytes && !as_text) {
    content = engineio::bytes_with_type(*packet.bytes);
  } else if (packet.bytes) {
    engineio::append_bytes(content, *packet.bytes, engineio::Revision::three);
  } else {
    engineio::append_packet(content, packet.type, packet.text);
  }
  std::string part;
  in_bytes ? engineio::append_counted_bytes(part, content, packet.bytes && !as_text)
           : engineio::append_counted(part, content);
  return part;
}

// Each packet that is read, written again, is the next part of the payload.
void check_counted(std::string_view payload, engineio::PayloadForm form) {
  const bool in_bytes = form == engineio::PayloadForm::counted_bytes;
  engineio::PayloadReader reader(payload, {}, form);
  std::size_t read = 0;
  while (const auto packet = reader.next()) {
    const bool as_text = !in_bytes || (packet->bytes && payload[read] == 0);
    const std::string part = part_of(*packet, in_bytes, as_text);
    ASSERT_LE(read + part.size(), payload.size());
    // The pad bits of Base64 may be anything when read, and are not kept.
    if (!packet->bytes || !as_text) {
      EXPECT_EQ(payload.substr(read, part.size()), part);
    }
    read += part.size();
  }
  EXPECT_EQ(reader.fault().empty(), !payload.empty() && read == payload.size());
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
  const std::string_view wire = decisions.rest();
  check_payload(wire, most);
  check_counted(wire, engineio::PayloadForm::counted);
  check_counted(wire, engineio::PayloadForm::counted_bytes);
  check_handshake(wire);
}

const Registration registration({"engineio", run});

}  // namespace
}  // namespace duplex::fuzz
