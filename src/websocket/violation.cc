// What each violation means to the peer (RFC 6455 section 7.4) and to people.
#include "duplex/websocket/protocol.h"

namespace duplex::websocket {

CloseCode close_code_for(Violation violation) noexcept {
  switch (violation) {
    case Violation::none:
      return CloseCode::normal_closure;
    case Violation::message_too_big:
      return CloseCode::message_too_big;
    case Violation::invalid_utf8:
    case Violation::close_reason_invalid_utf8:
    case Violation::extension_data_invalid:
      return CloseCode::invalid_payload;
    case Violation::too_many_fragments:
    case Violation::message_deadline:
      return CloseCode::policy_violation;
    case Violation::ping_timeout:
    case Violation::close_timeout:
      return CloseCode::abnormal_closure;
    default:
      return CloseCode::protocol_error;
  }
}

std::string_view describe(Violation violation) noexcept {
  switch (violation) {
    case Violation::none:
      return "no rule was broken";
    case Violation::reserved_bits:
      return "RSV bits must be 0 unless an extension defines them (RFC 6455 section 5.2)";
    case Violation::reserved_opcode:
      return "the opcode is reserved (RFC 6455 section 5.2)";
    case Violation::unmasked_frame:
      return "a client must mask its frames (RFC 6455 section 5.1)";
    case Violation::masked_frame:
      return "a server must not mask its frames (RFC 6455 section 5.1)";
    case Violation::length_not_minimal:
      return "the payload length must take the fewest bytes (RFC 6455 section 5.2)";
    case Violation::length_top_bit:
      return "the top bit of a 64-bit payload length must be 0 (RFC 6455 section 5.2)";
    case Violation::control_frame_too_long:
      return "a control frame holds at most 125 bytes (RFC 6455 section 5.5)";
    case Violation::control_frame_fragmented:
      return "a control frame must not be fragmented (RFC 6455 section 5.5)";
    case Violation::unexpected_continuation:
      return "there is no message to continue (RFC 6455 section 5.4)";
    case Violation::expected_continuation:
      return "a message must end before the next begins (RFC 6455 section 5.4)";
    case Violation::too_many_fragments:
      return "the message has too many fragments";
    case Violation::message_too_big:
      return "the message is too big (RFC 6455 section 7.4.1)";
    case Violation::invalid_utf8:
      return "a text message must be UTF-8 (RFC 6455 section 8.1)";
    case Violation::extension_data_invalid:
      return "the extension cannot decode the message (RFC 6455 section 9)";
    case Violation::close_payload_too_short:
      return "a Close frame holds nothing or a code (RFC 6455 section 5.5.1)";
    case Violation::close_code_invalid:
      return "the close code must not be sent (RFC 6455 section 7.4)";
    case Violation::close_reason_invalid_utf8:
      return "the close reason must be UTF-8 (RFC 6455 section 5.5.1)";
    case Violation::message_deadline:
      return "the message took too long";
    case Violation::ping_timeout:
      return "the peer did not answer a ping";
    case Violation::close_timeout:
      return "the peer did not answer the Close frame";
  }
  return "an unknown violation";
}

}  // namespace duplex::websocket
