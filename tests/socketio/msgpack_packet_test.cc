// Packets in MessagePack: as socket.io-msgpack-parser writes them, and nothing else.
#include "duplex/socketio/msgpack_packet.h"

#include <gtest/gtest.h>

#include "duplex/codec/msgpack.h"

namespace duplex::socketio {
namespace {

using codec::JsonArray;
using codec::JsonBytes;
using codec::JsonObject;

std::string fault_of(const Json& packet, const PacketLimits& limits = {}) {
  const auto decoded = decode_msgpack(codec::write_msgpack(packet), limits);
  return decoded ? "" : decoded.error();
}

TEST(MsgpackPacketTest, IsWhatTheOriginalWrites) {
  const auto bytes = encode_msgpack({.nsp = "/a", .ack_id = 7, .data = Json(JsonArray{"e", 1})});
  EXPECT_EQ(as_text(bytes), std::string("\x84\xa4type\x02\xa4"
                                        "data\x92\xa1"
                                        "e\x01\xa3nsp\xa2/a\xa2id\x07"));
}

TEST(MsgpackPacketTest, ComesBack) {
  const JsonBytes raw = {std::byte{1}, std::byte{2}};
  const auto packet = decode_msgpack(encode_msgpack(
      {.type = PacketType::ack, .nsp = "/", .ack_id = 0, .data = Json(JsonArray{Json(raw)})}));
  ASSERT_TRUE(packet) << packet.error();
  EXPECT_EQ(packet->type, PacketType::ack);
  EXPECT_EQ(packet->ack_id, 0U);
  EXPECT_EQ(*packet->data, Json(JsonArray{Json(raw)}));
  const auto bare = decode_msgpack(encode_msgpack({.type = PacketType::disconnect}));
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->data);
}

TEST(MsgpackPacketTest, IsStrict) {
  const Json event = JsonArray{"e"};
  EXPECT_EQ(fault_of(JsonArray{}), "a packet that is no map");
  for (const Json& type : {Json(), Json(5), Json(-1), Json("2"), Json(1.5)}) {
    EXPECT_EQ(fault_of(JsonObject{{"type", type}, {"nsp", "/"}, {"data", event}}),
              "a packet type that is not 0 to 4");
  }
  EXPECT_EQ(fault_of(JsonObject{{"type", 2}, {"nsp", "a"}, {"data", event}}),
            "a packet without namespace");
  EXPECT_EQ(
      fault_of(JsonObject{{"type", 2}, {"nsp", "/abc"}, {"data", event}}, {.max_nsp_size = 3}),
      "a namespace of 4 bytes, above the limit of 3");
  EXPECT_EQ(fault_of(JsonObject{{"type", 2}, {"nsp", "/"}, {"data", event}, {"id", -1}}),
            "an acknowledgement id that is no integer from 0 on");
  EXPECT_EQ(fault_of(JsonObject{{"type", 2}, {"nsp", "/"}, {"data", JsonArray{}}}),
            "an event without an array that names it");
  EXPECT_EQ(fault_of(JsonObject{{"type", 2}, {"nsp", "/"}, {"data", JsonArray{"connect"}}}),
            "an event of the reserved name 'connect'");
  EXPECT_EQ(fault_of(JsonObject{{"type", 3}, {"nsp", "/"}, {"data", event}}),
            "an acknowledgement without id");
  EXPECT_EQ(fault_of(JsonObject{{"type", 1}, {"nsp", "/"}, {"data", event}}),
            "a disconnect with data");
  EXPECT_FALSE(decode_msgpack(as_bytes("\x81")));
}

}  // namespace
}  // namespace duplex::socketio
