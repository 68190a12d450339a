// Messages that an extension has to decode: RFC 6455 section 9.
#include "duplex/websocket/protocol.h"
#include "websocket/assembly.h"

namespace duplex::websocket {

// True when the extension has to decode the message under way.
bool Protocol::is_encoded() const noexcept { return assembly_->encoded; }

// Has the extension decode what is there of a message that came in several frames or reads: a
// message that is too big, or no UTF-8, fails as soon as that can be seen.
std::optional<Event> Protocol::take_encoded() {
  const MutableBytes piece = unmask_in_place(available());
  assembly_->size += piece.size();
  const bool frame_ended = payload_.remaining == 0;
  const bool last = frame_ended && payload_.fin;
  if (frame_ended) end_frame();
  MutableBytes message;
  const Violation violation = extension_->decode(piece, last, options_->max_message_size, message);
  if (violation != Violation::none) return fail_because(violation);
  const Bytes fresh = Bytes(message).subspan(assembly_->decoded_size);
  assembly_->decoded_size = message.size();
  const bool text = assembly_->opcode == Opcode::text;
  if (text && !assembly_->utf8.feed(fresh)) return fail_because(Violation::invalid_utf8);
  if (!last) return std::nullopt;
  mid_message_ = false;
  decoded_ = delivered_ = true;
  if (text && !assembly_->utf8.complete()) return fail_because(Violation::invalid_utf8);
  return deliver(assembly_->opcode, message, true);
}

// A whole message as it was sent.
std::optional<Event> Protocol::decode(Opcode opcode, Bytes payload) {
  MutableBytes message;
  decoded_ = delivered_ = true;
  const Violation violation =
      extension_->decode(payload, true, options_->max_message_size, message);
  if (violation != Violation::none) return fail_because(violation);
  return deliver(opcode, message, false);
}

void Protocol::release_decoded() noexcept {
  decoded_ = false;
  extension_->release();
}

}  // namespace duplex::websocket
