// The sending half of a WebSocket connection: RFC 6455 sections 5 and 6.1.
#include <cassert>
#include <cstring>

#include "duplex/codec/mask.h"
#include "duplex/codec/utf8.h"
#include "duplex/websocket/protocol.h"
#include "websocket/assembly.h"
#include "websocket/frame_encoder.h"
#include "websocket/shared_frame.h"

namespace duplex::websocket {
namespace {

// Made anew where it is used: of a message, most of the header is known there.
[[gnu::always_inline]] inline void append_unmasked_frame(const FrameHeader& header, Bytes payload,
                                                         SendQueue& out) {
  const std::size_t header_size = encoded_header_size(header);
  const MutableBytes frame = out.grow(header_size + payload.size());
  write_frame_header(header, frame.data());
  if (!payload.empty()) std::memcpy(frame.data() + header_size, payload.data(), payload.size());
}

}  // namespace

// --- Messages ------------------------------------------------------------------------------------

SendStatus Protocol::send_text(std::string_view text, Hold hold) {
  return send_message(Opcode::text, as_bytes(text), hold);
}

SendStatus Protocol::send_binary(Bytes payload, Hold hold) {
  return send_message(Opcode::binary, payload, hold);
}

SendStatus Protocol::send_message(Opcode opcode, Bytes payload, Hold hold, bool known_valid,
                                  bool may_encode) {
  assert(opcode == Opcode::text || opcode == Opcode::binary);
  if (sending_message_ || !may_send(payload.size())) return SendStatus::refused;
  // A piece of a valid text may begin and end inside a code point.
  const bool checked = known_valid && !options_->deliver_fragments;
  if (opcode == Opcode::text && !checked && !codec::is_valid_utf8(payload)) {
    return SendStatus::refused;
  }
  const bool encoded = may_encode && extension_ != nullptr && append_encoded(opcode, payload);
  if (!encoded) append_message(opcode, payload, hold);
  return sent();
}

SendStatus Protocol::send_fragment(Opcode opcode, Bytes payload, bool fin) {
  const bool begins = opcode == Opcode::text || opcode == Opcode::binary;
  if (begins == sending_message_ || is_control(opcode) || !may_send(payload.size())) {
    return SendStatus::refused;
  }
  const bool text = begins ? opcode == Opcode::text : sending_text_;
  codec::Utf8Validator utf8 = begins ? codec::Utf8Validator() : sending_utf8_;
  // Section 8.1 binds the whole message; a piece may end inside a code point.
  if (text && !(utf8.feed(payload) && (!fin || utf8.complete()))) return SendStatus::refused;
  append_frame(opcode, payload, fin);
  sending_utf8_ = utf8;
  sending_text_ = text;
  sending_message_ = !fin;
  return sent();
}

SendStatus Protocol::send_encoded(const SharedBytes& frame) {
  assert(role_ == Role::server);
  if (frame == nullptr || sending_message_ || !may_send(frame->size())) return SendStatus::refused;
  out_->append(frame);
  return sent();
}

// --- Control frames ------------------------------------------------------------------------------

SendStatus Protocol::send_ping(Bytes payload) { return send_control(Opcode::ping, payload); }

SendStatus Protocol::send_pong(Bytes payload) { return send_control(Opcode::pong, payload); }

SendStatus Protocol::send_control(Opcode opcode, Bytes payload) {
  if (payload.size() > max_control_payload || !may_send(payload.size())) return SendStatus::refused;
  append_frame(opcode, payload);
  return sent();
}

// --- Frames --------------------------------------------------------------------------------------

bool Protocol::may_send(std::size_t size) const noexcept {
  const std::size_t queued = out_->size();
  return state_ == State::open && queued <= options_->send_limit &&
         size <= options_->send_limit - queued;
}

SendStatus Protocol::sent() const noexcept {
  return out_->size() > options_->send_high_water ? SendStatus::congested : SendStatus::ok;
}

void Protocol::append_frame(Opcode opcode, Bytes payload, bool fin, bool rsv1) {
  const FrameHeader header{
      .opcode = opcode, .fin = fin, .rsv1 = rsv1, .payload_length = payload.size()};
  if (role_ == Role::client) return append_masked_frame(header, payload);
  append_unmasked_frame(header, payload, *out_);
}

// Section 5.3: a new key for each frame.
void Protocol::append_masked_frame(FrameHeader header, Bytes payload) {
  header.masked = true;
  header.masking_key = masking_keys_->next_masking_key();
  const std::size_t header_size = encoded_header_size(header);
  const MutableBytes frame = out_->grow(header_size + payload.size());
  write_frame_header(header, frame.data());
  codec::copy_masked(frame.subspan(header_size), payload, header.masking_key);
}

// As the extension wants it; false when it does not. Out of the way of those who have none.
[[gnu::noinline]] bool Protocol::append_encoded(Opcode opcode, Bytes message) {
  try {
    Bytes payload;
    if (!extension_->encode(message, payload)) return false;
    append_frame(opcode, payload, true, true);
    return true;
  } catch (...) {
    // The extension may refer to this message in the next one, and the peer has not seen it.
    become_closed();
    throw;
  }
}

void Protocol::append_message(Opcode opcode, Bytes payload, Hold hold) {
  if (role_ == Role::client) return append_frame(opcode, payload);
  if (hold == Hold::borrow && payload.size() >= SendQueue::reference_threshold) {
    return append_borrowed_frame(opcode, payload);
  }
  append_unmasked_frame({.opcode = opcode, .payload_length = payload.size()}, payload, *out_);
}

void Protocol::append_borrowed_frame(Opcode opcode, Bytes payload) {
  const FrameHeader header{.opcode = opcode, .payload_length = payload.size()};
  write_frame_header(header, out_->grow(encoded_header_size(header)).data());
  try {
    out_->append_borrowed(payload);
  } catch (...) {
    // The queue ends with a header without its payload: nothing may follow it.
    become_closed();
    throw;
  }
}

SharedBytes encode_broadcast(Opcode opcode, Bytes payload) {
  assert(opcode == Opcode::text || opcode == Opcode::binary);
  if (opcode == Opcode::text && !codec::is_valid_utf8(payload)) return nullptr;
  return shared_frame({.opcode = opcode}, payload);
}

SharedBytes shared_frame(FrameHeader header, Bytes payload) {
  header.payload_length = payload.size();
  const std::size_t header_size = encoded_header_size(header);
  auto frame = std::make_shared<std::vector<std::byte>>();
  frame->reserve(header_size + payload.size());
  frame->resize(header_size);
  write_frame_header(header, frame->data());
  frame->insert(frame->end(), payload.begin(), payload.end());
  return frame;
}

}  // namespace duplex::websocket
