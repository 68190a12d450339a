// One rule per row: RFC 6455 sections 5.1, 5.2, 5.4 and 5.5.
#include "websocket/frame_rules.h"

#include <gtest/gtest.h>

#include <limits>

namespace duplex::websocket {
namespace {

constexpr FrameContext server{.max_message_size = 1000, .max_fragments = 10};
constexpr FrameContext client{.role = Role::client, .max_message_size = 1000, .max_fragments = 10};
constexpr FrameContext in_message{.mid_message = true,
                                  .message_size = 900,
                                  .fragment_count = 9,
                                  .max_message_size = 1000,
                                  .max_fragments = 10};
constexpr FrameContext with_extension{
    .rsv1_defined = true, .max_message_size = 1000, .max_fragments = 10};

// With the shortest length form.
std::string_view judged(const FrameHeader& header, const FrameContext& context) {
  return describe(judge(header, frame_header_size(header), context));
}

#define EXPECT_VIOLATION(violation, header, context) \
  EXPECT_EQ(judged(header, context), describe(Violation::violation))

FrameHeader frame(Opcode opcode, std::uint64_t length = 0, bool fin = true) {
  return {.opcode = opcode, .fin = fin, .masked = true, .payload_length = length};
}

TEST(FrameRulesTest, AllowsWhatTheRfcAllows) {
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    EXPECT_VIOLATION(none, frame(opcode), server);
    EXPECT_VIOLATION(none, frame(opcode, 1000), server);
    EXPECT_VIOLATION(none, frame(opcode, 5, false), server);
  }
  for (const Opcode opcode : {Opcode::close, Opcode::ping, Opcode::pong}) {
    EXPECT_VIOLATION(none, frame(opcode, 125), server);
    EXPECT_VIOLATION(none, frame(opcode, 125), in_message);
  }
  EXPECT_VIOLATION(none, frame(Opcode::continuation, 100), in_message);
  EXPECT_VIOLATION(none, frame(Opcode::continuation, 0, false), in_message);
}

TEST(FrameRulesTest, ReservedBits) {
  for (unsigned bits = 1; bits < 8; ++bits) {
    FrameHeader header = frame(Opcode::text);
    header.rsv1 = (bits & 1) != 0;
    header.rsv2 = (bits & 2) != 0;
    header.rsv3 = (bits & 4) != 0;
    EXPECT_VIOLATION(reserved_bits, header, server);
    if (bits == 1) continue;
    EXPECT_VIOLATION(reserved_bits, header, with_extension);
  }
}

TEST(FrameRulesTest, Rsv1BelongsToTheFirstFrameOfAMessage) {
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    FrameHeader header = frame(opcode);
    header.rsv1 = true;
    EXPECT_VIOLATION(none, header, with_extension);
  }
  for (const Opcode opcode : {Opcode::continuation, Opcode::close, Opcode::ping, Opcode::pong}) {
    FrameHeader header = frame(opcode);
    header.rsv1 = true;
    EXPECT_VIOLATION(reserved_bits, header, with_extension);
  }
}

TEST(FrameRulesTest, ReservedOpcodes) {
  for (unsigned opcode = 0; opcode < 16; ++opcode) {
    const bool reserved = (opcode >= 3 && opcode <= 7) || opcode >= 0xB;
    const auto found = judged(frame(static_cast<Opcode>(opcode)), server);
    EXPECT_EQ(found == describe(Violation::reserved_opcode), reserved) << opcode;
  }
}

TEST(FrameRulesTest, MaskingByRole) {
  FrameHeader header = frame(Opcode::text);
  EXPECT_VIOLATION(none, header, server);
  EXPECT_VIOLATION(masked_frame, header, client);
  header.masked = false;
  EXPECT_VIOLATION(unmasked_frame, header, server);
  EXPECT_VIOLATION(none, header, client);
}

TEST(FrameRulesTest, LengthForms) {
  const auto judge_size = [](std::uint64_t length, std::size_t header_size) {
    return judge(frame(Opcode::binary, length), header_size,
                 {.max_message_size = 1 << 20, .max_fragments = 1});
  };
  EXPECT_EQ(judge_size(125, 6), Violation::none);
  EXPECT_EQ(judge_size(125, 8), Violation::length_not_minimal);
  EXPECT_EQ(judge_size(126, 8), Violation::none);
  EXPECT_EQ(judge_size(65535, 8), Violation::none);
  EXPECT_EQ(judge_size(65535, 14), Violation::length_not_minimal);
  EXPECT_EQ(judge_size(65536, 14), Violation::none);
  EXPECT_EQ(judge_size(std::uint64_t{1} << 63, 14), Violation::length_top_bit);
  EXPECT_EQ(judge_size(~std::uint64_t{0}, 14), Violation::length_top_bit);
}

TEST(FrameRulesTest, ControlFrames) {
  for (const Opcode opcode : {Opcode::close, Opcode::ping, Opcode::pong}) {
    EXPECT_VIOLATION(control_frame_too_long, frame(opcode, 126), server);
    EXPECT_VIOLATION(control_frame_too_long, frame(opcode, std::uint64_t{1} << 62), server);
    EXPECT_VIOLATION(control_frame_fragmented, frame(opcode, 0, false), server);
  }
}

TEST(FrameRulesTest, Fragmentation) {
  EXPECT_VIOLATION(unexpected_continuation, frame(Opcode::continuation), server);
  EXPECT_VIOLATION(expected_continuation, frame(Opcode::text), in_message);
  EXPECT_VIOLATION(expected_continuation, frame(Opcode::binary), in_message);
}

TEST(FrameRulesTest, MessageLimits) {
  EXPECT_VIOLATION(message_too_big, frame(Opcode::text, 1001), server);
  EXPECT_VIOLATION(message_too_big, frame(Opcode::continuation, 101), in_message);
  EXPECT_VIOLATION(message_too_big,
                   frame(Opcode::continuation, std::numeric_limits<std::int64_t>::max()),
                   in_message);
  FrameContext full = in_message;
  full.fragment_count = 10;
  EXPECT_VIOLATION(too_many_fragments, frame(Opcode::continuation), full);
}

TEST(FrameRulesTest, NoLimitIsNoOverflow) {
  const FrameContext unlimited{.mid_message = true,
                               .message_size = std::numeric_limits<std::size_t>::max() / 2,
                               .max_message_size = std::numeric_limits<std::size_t>::max(),
                               .max_fragments = 10};
  EXPECT_VIOLATION(none, frame(Opcode::continuation, std::numeric_limits<std::int64_t>::max()),
                   unlimited);
}

}  // namespace
}  // namespace duplex::websocket
