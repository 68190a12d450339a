// Frame headers on the wire: RFC 6455 section 5.2.
#include "duplex/websocket/frame.h"

#include <gtest/gtest.h>

#include "../support/wire.h"

namespace duplex::websocket {
namespace {

using support::from_hex;

std::string encoded(const FrameHeader& header) {
  std::array<std::byte, max_frame_header_size> bytes;
  const std::size_t size = encode_frame_header(header, bytes);
  EXPECT_EQ(size, frame_header_size(header));
  return support::to_string(Bytes(bytes).first(size));
}

MaskingKey key_of_rfc() {
  return {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
}

TEST(FrameTest, EncodesTheShortestLengthForm) {
  EXPECT_EQ(encoded({.payload_length = 0}), from_hex("81 00"));
  EXPECT_EQ(encoded({.payload_length = 125}), from_hex("81 7d"));
  EXPECT_EQ(encoded({.payload_length = 126}), from_hex("81 7e 00 7e"));
  EXPECT_EQ(encoded({.payload_length = 65535}), from_hex("81 7e ff ff"));
  EXPECT_EQ(encoded({.payload_length = 65536}), from_hex("81 7f 00 00 00 00 00 01 00 00"));
  EXPECT_EQ(encoded({.payload_length = 0x0102030405060708}),
            from_hex("81 7f 01 02 03 04 05 06 07 08"));
}

TEST(FrameTest, EncodesBitsOpcodeAndMaskingKey) {
  EXPECT_EQ(encoded({.opcode = Opcode::binary, .fin = false}), from_hex("02 00"));
  EXPECT_EQ(encoded({.rsv1 = true}), from_hex("c1 00"));
  EXPECT_EQ(encoded({.rsv2 = true}), from_hex("a1 00"));
  EXPECT_EQ(encoded({.rsv3 = true}), from_hex("91 00"));
  EXPECT_EQ(encoded({.opcode = Opcode::ping,
                     .masked = true,
                     .masking_key = key_of_rfc(),
                     .payload_length = 5}),
            from_hex("89 85 37 fa 21 3d"));
  EXPECT_EQ(encoded({.masked = true, .masking_key = key_of_rfc(), .payload_length = 65536}),
            from_hex("81 ff 00 00 00 00 00 01 00 00 37 fa 21 3d"));
}

TEST(FrameTest, DecodesWhatItEncodes) {
  for (const std::uint64_t length :
       {0ull, 1ull, 125ull, 126ull, 127ull, 0xFFFFull, 0x10000ull, 0x7FFFFFFFFFFFFFFFull}) {
    for (unsigned bits = 0; bits < 32; ++bits) {
      const bool masked = (bits & 16) != 0;
      const FrameHeader header{.opcode = Opcode::pong,
                               .fin = (bits & 1) != 0,
                               .rsv1 = (bits & 2) != 0,
                               .rsv2 = (bits & 4) != 0,
                               .rsv3 = (bits & 8) != 0,
                               .masked = masked,
                               .masking_key = masked ? key_of_rfc() : MaskingKey{},
                               .payload_length = length};
      const std::string bytes = encoded(header);
      FrameHeader back;
      EXPECT_EQ(decode_frame_header(as_bytes(bytes + "more"), back), bytes.size());
      EXPECT_EQ(encoded(back), bytes);
      EXPECT_EQ(back.payload_length, length);
    }
  }
}

TEST(FrameTest, AsksForMoreUntilTheHeaderIsWhole) {
  for (const char* hex :
       {"81 05", "81 85 37 fa 21 3d", "82 7e 01 00", "82 fe 01 00 37 fa 21 3d",
        "82 7f 00 00 00 00 00 01 00 00", "82 ff 00 00 00 00 00 01 00 00 37 fa 21 3d"}) {
    const std::string bytes = from_hex(hex);
    FrameHeader header;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(decode_frame_header(as_bytes(bytes).first(size), header), 0u) << hex;
    }
    EXPECT_EQ(decode_frame_header(as_bytes(bytes), header), bytes.size()) << hex;
  }
}

TEST(FrameTest, DecodesWithoutJudging) {
  FrameHeader header;
  const std::string bytes = from_hex("f3 7f ff ff ff ff ff ff ff ff");
  EXPECT_EQ(decode_frame_header(as_bytes(bytes), header), 10u);
  EXPECT_EQ(static_cast<int>(header.opcode), 3);
  EXPECT_TRUE(header.rsv1 && header.rsv2 && header.rsv3);
  EXPECT_EQ(header.payload_length, ~std::uint64_t{0});
}

TEST(FrameTest, KnowsControlFrames) {
  EXPECT_TRUE(is_control(Opcode::close) && is_control(Opcode::ping) && is_control(Opcode::pong));
  EXPECT_FALSE(is_control(Opcode::continuation) || is_control(Opcode::text) ||
               is_control(Opcode::binary));
}

}  // namespace
}  // namespace duplex::websocket
