// One message for many receivers; see broadcast.h.
#include "endpoint/broadcast.h"

namespace duplex::endpoint {

const SharedBytes& Broadcast::plain() {
  if (plain_ == nullptr) plain_ = websocket::encode_broadcast(message_.opcode, message_.payload);
  return plain_;
}

const SharedBytes& Broadcast::deflated(const websocket::DeflateOptions& options, int window_bits) {
  for (const Deflated& made : deflated_) {
    if (*made.options == options && made.window_bits == window_bits) return made.frame;
  }
  // What is not to be compressed is the same for everybody.
  SharedBytes frame = websocket::encode_deflated_broadcast(message_.opcode, message_.payload,
                                                           options, window_bits, workshop_);
  if (frame == nullptr) frame = plain();
  deflated_.push_back({&options, window_bits, std::move(frame)});
  return deflated_.back().frame;
}

}  // namespace duplex::endpoint
