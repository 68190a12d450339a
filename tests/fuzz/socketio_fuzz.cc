// Any bytes as messages that carry packets of Socket.IO. What comes out is the same when it is
// encoded and decoded again; the head of the text is as a naive second reader finds it; after each
// packet nothing is left over.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decisions.h"
#include "duplex/socketio/packet.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using socketio::Decoder;
using socketio::Packet;
using socketio::PacketLimits;

// The head of a packet's text, by walking from one mark to the next.
struct Head {
  char type = 0;
  std::string attachments = {};
  std::string nsp = "/";
  std::string ack_id = {};
};

Head head_of(std::string text) {
  Head head = {.type = text.front()};
  text.erase(0, 1);
  const auto digits = [&text] { return text.substr(0, text.find_first_not_of("0123456789")); };
  if (head.type == '5' || head.type == '6') {
    head.attachments = digits();
    text.erase(0, head.attachments.size() + 1);
  }
  if (!text.empty() && text.front() == '/') {
    head.nsp = text.substr(0, text.find(','));
    text.erase(0, head.nsp.size() + 1);
  }
  head.ack_id = digits();
  return head;
}

// Decodes what encode() makes of the packet.
void expect_round_trip(const Packet& packet, const PacketLimits& limits) {
  const socketio::EncodedPacket encoded = encode(packet);
  Decoder decoder(limits);
  auto outcome = decoder.on_text(encoded.text);
  for (const Bytes each : encoded.attachments) {
    ASSERT_TRUE(outcome && !*outcome);
    outcome = decoder.on_bytes(each);
  }
  ASSERT_TRUE(outcome) << outcome.error() << ": " << encoded.text;
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((*outcome)->type, packet.type);
  EXPECT_EQ((*outcome)->nsp, packet.nsp);
  EXPECT_EQ((*outcome)->ack_id, packet.ack_id);
  EXPECT_EQ((*outcome)->data, packet.data);
}

void expect_head(const Packet& packet, const std::string& text, std::size_t attachments) {
  const Head head = head_of(text);
  EXPECT_EQ(packet.nsp, head.nsp);
  EXPECT_EQ(packet.ack_id ? std::to_string(*packet.ack_id) : "", head.ack_id);
  EXPECT_EQ(attachments == 0 ? "" : std::to_string(attachments), head.attachments);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const PacketLimits limits = {.max_attachments = 1 + decisions.below(4), .max_nsp_size = 16};
  Decoder decoder(limits);
  std::string text;
  std::size_t attachments = 0;
  while (!decisions.over()) {
    const bool is_text = decisions.chance();
    const std::string message(decisions.text());
    if (is_text) text = message;
    attachments = is_text ? 0 : attachments + 1;
    const auto outcome = is_text ? decoder.on_text(message) : decoder.on_bytes(as_bytes(message));
    if (!outcome) {
      EXPECT_FALSE(outcome.error().empty());
      return;
    }
    EXPECT_EQ(decoder.is_waiting(), !*outcome);
    if (!*outcome) continue;
    EXPECT_LE(attachments, limits.max_attachments);
    expect_head(**outcome, text, attachments);
    expect_round_trip(**outcome, limits);
  }
}

const Registration registration({"socketio", run});

}  // namespace
}  // namespace duplex::fuzz
