// The rules for frame headers: RFC 6455 sections 5.1, 5.2, 5.4 and 5.5.
#include "websocket/frame_rules.h"

namespace duplex::websocket {
namespace {

// Section 5.2: %x3-7 and %xB-F are reserved.
constexpr bool is_reserved(Opcode opcode) noexcept {
  return (static_cast<unsigned>(opcode) & 0x7) > 2;
}

// Section 5.2. RSV1 belongs to the first frame of a message (RFC 7692 section 6).
bool has_reserved_bits(const FrameHeader& header, bool rsv1_defined) noexcept {
  const bool begins_message = header.opcode == Opcode::text || header.opcode == Opcode::binary;
  return header.rsv2 || header.rsv3 || (header.rsv1 && !(rsv1_defined && begins_message));
}

// Section 5.5.
Violation judge_control(const FrameHeader& header) noexcept {
  if (header.payload_length > max_control_payload) return Violation::control_frame_too_long;
  return header.fin ? Violation::none : Violation::control_frame_fragmented;
}

// Section 5.4, and the limits of a message.
Violation judge_data(const FrameHeader& header, const FrameContext& context) noexcept {
  const bool continues = header.opcode == Opcode::continuation;
  if (continues && !context.mid_message) return Violation::unexpected_continuation;
  if (!continues && context.mid_message) return Violation::expected_continuation;
  // Never the sum: the peer's number may be near 2^63.
  if (header.payload_length > context.max_message_size - context.message_size) {
    return Violation::message_too_big;
  }
  return context.fragment_count < context.max_fragments ? Violation::none
                                                        : Violation::too_many_fragments;
}

}  // namespace

Violation judge(const FrameHeader& header, std::size_t header_size,
                const FrameContext& context) noexcept {
  if (has_reserved_bits(header, context.rsv1_defined)) return Violation::reserved_bits;
  if (is_reserved(header.opcode)) return Violation::reserved_opcode;
  // Section 5.1, before any length is trusted.
  const bool must_be_masked = context.role == Role::server;
  if (header.masked != must_be_masked) {
    return must_be_masked ? Violation::unmasked_frame : Violation::masked_frame;
  }
  if (header.payload_length >> 63 != 0) return Violation::length_top_bit;
  if (header_size != frame_header_size(header)) return Violation::length_not_minimal;
  return is_control(header.opcode) ? judge_control(header) : judge_data(header, context);
}

}  // namespace duplex::websocket
