// The receiving half of a WebSocket connection: RFC 6455 sections 5.2 to 5.6.
#include "duplex/websocket/protocol.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "duplex/codec/mask.h"
#include "duplex/codec/utf8.h"
#include "websocket/assembly.h"
#include "websocket/frame_decoder.h"
#include "websocket/frame_rules.h"

namespace duplex::websocket {
namespace {

// A message buffer holds at most twice what was received for it and this many bytes more.
constexpr std::size_t buffer_allowance = std::size_t{64} << 10;
// Below this, reading into the loop's buffer costs less: the next frames come with it.
constexpr std::size_t smallest_direct_read = std::size_t{16} << 10;

}  // namespace

Protocol::Protocol(Role role, const ProtocolOptions& options, SendQueue& out, Clock::time_point now,
                   MaskingKeySource* masking_keys) noexcept
    : options_(&options),
      out_(&out),
      masking_keys_(masking_keys),
      split_header_{},
      activity_(now),
      role_(role) {
  assert(role == Role::server || masking_keys != nullptr);
}

Protocol::~Protocol() = default;

void Protocol::set_extension(std::unique_ptr<Extension> extension) noexcept {
  extension_ = std::move(extension);
}

// --- Input ---------------------------------------------------------------------------------------

void Protocol::receive(MutableBytes bytes, Clock::time_point now) noexcept {
  release_delivered();
  if (state_ == State::closed || bytes.empty()) return;
  assert(input_.empty());
  input_ = bytes;
  activity_ = now;
  awaiting_pong_ = false;
}

std::optional<Event> Protocol::next_event() {
  release_delivered();
  try {
    if (auto event = take_simple_message()) return event;
    if (input_.empty() && !in_payload_) return std::nullopt;
    while (in_payload_ ? !input_.empty() || payload_.remaining == 0 : begin_frame()) {
      if (auto event = take_payload()) return event;
    }
  } catch (...) {
    // Out of memory: the place in the stream is lost, so nothing more may be read from it.
    abandon();
    throw;
  }
  if (state_ == State::closed) release_delivered();
  return std::nullopt;
}

MutableBytes Protocol::take_unread() noexcept { return std::exchange(input_, {}); }

MutableBytes Protocol::receive_target() {
  const bool large = in_payload_ && payload_.remaining >= smallest_direct_read;
  if (!large || !input_.empty() || is_control(payload_.opcode) || !assembles()) return {};
  ByteBuffer& bytes = assembly_->bytes;
  if (bytes.capacity() - bytes.size() < smallest_direct_read) make_room(smallest_direct_read);
  const std::size_t room = bytes.capacity() - bytes.size();
  return {bytes.data() + bytes.size(),
          static_cast<std::size_t>(std::min<std::uint64_t>(room, payload_.remaining))};
}

void Protocol::received_in_place(std::size_t size, Clock::time_point now) noexcept {
  if (state_ == State::closed) return;
  ByteBuffer& bytes = assembly_->bytes;
  assert(size <= bytes.capacity() - bytes.size());
  receive({bytes.data() + bytes.size(), size}, now);
}

// --- Headers -------------------------------------------------------------------------------------

// True when a frame's header has been read and found right.
bool Protocol::begin_frame() {
  FrameHeader header;
  const std::size_t size = take_header(header);
  if (size == 0) return false;
  const Violation violation = judge_header(header, size);
  if (violation != Violation::none) {
    fail_because(violation);
    return false;
  }
  begin_payload(header);
  return true;
}

// As read_frame_header(); takes the header from the input, or keeps the part of it that is there.
std::size_t Protocol::take_header(FrameHeader& header) noexcept {
  if (split_header_.size != 0) return take_split_header(header);
  const std::size_t size = read_frame_header(input_.data(), input_.size(), header);
  if (size != 0) {
    input_ = input_.subspan(size);
  } else {
    keep_split_header();
  }
  return size;
}

std::size_t Protocol::take_split_header(FrameHeader& header) noexcept {
  std::array<std::byte, max_frame_header_size> joined;
  const std::size_t kept = split_header_.size;
  const std::size_t more = std::min(joined.size() - kept, input_.size());
  std::copy_n(split_header_.bytes.begin(), kept, joined.begin());
  std::copy_n(input_.begin(), more, joined.begin() + static_cast<std::ptrdiff_t>(kept));
  const std::size_t size = read_frame_header(joined.data(), kept + more, header);
  if (size != 0) {
    input_ = input_.subspan(size - kept);
    split_header_.size = 0;
  } else {
    keep_split_header();
  }
  return size;
}

// All of the input belongs to a header whose rest is yet to come.
void Protocol::keep_split_header() noexcept {
  std::copy(input_.begin(), input_.end(), split_header_.bytes.begin() + split_header_.size);
  split_header_.size = static_cast<std::uint8_t>(split_header_.size + input_.size());
  input_ = {};
}

Violation Protocol::judge_header(const FrameHeader& header,
                                 std::size_t header_size) const noexcept {
  return judge(header, header_size,
               {.role = role_,
                .mid_message = mid_message_,
                .rsv1_defined = extension_ != nullptr,
                .message_size = mid_message_ ? assembly_->size : 0,
                .fragment_count = mid_message_ ? assembly_->fragments : 0,
                .max_message_size = options_->max_message_size,
                .max_fragments = options_->max_fragments});
}

void Protocol::begin_payload(const FrameHeader& header) {
  if (!is_control(header.opcode)) {
    const bool whole = header.fin && header.payload_length <= input_.size();
    if (!whole && !mid_message_) begin_message(header);
    if (mid_message_) ++assembly_->fragments;
  }
  payload_ = {.remaining = header.payload_length,
              .masking_key = header.masking_key,
              .opcode = header.opcode,
              .fin = header.fin,
              .rsv1 = header.rsv1};
  in_payload_ = true;
}

void Protocol::begin_message(const FrameHeader& header) {
  assembly_ = std::make_unique<Assembly>();
  assembly_->opcode = header.opcode;
  assembly_->encoded = header.rsv1;
  mid_message_ = true;
  if (!closing_timed_) started_ = activity_;
}

// A short cut for nearly all messages: one final frame of less than 64 KiB, all of it in the input.
// Takes none that judge() would refuse. Nothing when the next frame is another, or the message is
// wrong; the long way then goes on from there.
std::optional<Event> Protocol::take_simple_message() {
  const std::byte* in = input_.data();
  if (in_payload_ || mid_message_ || split_header_.size != 0 || input_.size() < 4) return {};
  const auto opcode = static_cast<Opcode>(std::to_integer<unsigned>(in[0]) ^ 0x80);
  if (opcode != Opcode::text && opcode != Opcode::binary) return {};
  const bool masked = role_ == Role::server;
  std::size_t header_size = masked ? 6 : 2;
  // A wrong mask bit makes this more than 127.
  std::size_t length = std::to_integer<std::size_t>(in[1]) ^ (masked ? 0x80 : 0);
  if (length >= 126) {
    const bool short_form_was_enough = in[2] == std::byte{0} && in[3] < std::byte{126};
    if (length != 126 || short_form_was_enough) return {};
    length = read_big_endian<std::uint16_t>(in + 2);
    header_size += 2;
  }
  if (input_.size() < header_size + length || length > options_->max_message_size) return {};
  const MutableBytes message = input_.subspan(header_size, length);
  input_ = input_.subspan(header_size + length);
  if (masked) {
    MaskingKey key;
    std::memcpy(key.data(), message.data() - key.size(), key.size());
    codec::apply_mask(message, key);
  }
  return deliver(opcode, message, false);
}

// --- Payloads ------------------------------------------------------------------------------------

std::optional<Event> Protocol::take_payload() {
  if (is_control(payload_.opcode)) return take_control();
  if (!mid_message_) return take_whole_message();
  if (is_encoded()) return take_encoded();
  return assembles() ? assemble() : take_piece();
}

// One frame, all of it in the input: no copy, no allocation.
std::optional<Event> Protocol::take_whole_message() {
  const Opcode opcode = payload_.opcode;
  const bool encoded = payload_.rsv1;
  const MutableBytes message = unmask_in_place(available());
  end_frame();
  return encoded ? decode(opcode, message) : deliver(opcode, message, false);
}

std::optional<Event> Protocol::take_control() {
  const std::size_t kept = assembly_ == nullptr ? 0 : assembly_->bytes.size() - held_size();
  const Opcode opcode = payload_.opcode;
  if (kept == 0 && payload_.remaining <= input_.size()) {
    const MutableBytes payload = unmask_in_place(available());
    end_frame();
    return on_control(opcode, payload);
  }
  store(available());
  if (payload_.remaining != 0) return std::nullopt;
  end_frame();
  delivered_ = true;
  return on_control(opcode, assembly_->bytes.view().subspan(held_size()));
}

// Collects a message that came in several frames or reads.
std::optional<Event> Protocol::assemble() {
  const MutableBytes stored = store(available());
  assembly_->size += stored.size();
  // Section 8.1, as soon as the byte is in: the rest need not be waited for.
  const bool text = assembly_->opcode == Opcode::text;
  if (text && !assembly_->utf8.feed(stored)) return fail_because(Violation::invalid_utf8);
  if (payload_.remaining != 0) return std::nullopt;
  const bool fin = payload_.fin;
  end_frame();
  if (!fin) return std::nullopt;
  mid_message_ = false;
  delivered_ = true;
  if (text && !assembly_->utf8.complete()) return fail_because(Violation::invalid_utf8);
  return deliver(assembly_->opcode, assembly_->bytes.view(), true);
}

// Passes on what is there of a message, without collecting it.
std::optional<Event> Protocol::take_piece() {
  const MutableBytes piece = unmask_in_place(available());
  assembly_->size += piece.size();
  const bool text = assembly_->opcode == Opcode::text;
  if (text && !assembly_->utf8.feed(piece)) return fail_because(Violation::invalid_utf8);
  const bool frame_ended = payload_.remaining == 0;
  const bool final = frame_ended && payload_.fin;
  if (frame_ended) end_frame();
  if (final) {
    mid_message_ = false;
    delivered_ = true;
    if (text && !assembly_->utf8.complete()) return fail_because(Violation::invalid_utf8);
  }
  if (piece.empty() && !final) return std::nullopt;
  return Event{.kind = Event::Kind::fragment,
               .final = final,
               .first = !std::exchange(assembly_->piece_delivered, true),
               .opcode = assembly_->opcode,
               .payload = piece};
}

// A whole message that is decoded; its UTF-8 is checked unless it has been.
std::optional<Event> Protocol::deliver(Opcode opcode, MutableBytes payload, bool utf8_checked) {
  const bool text = opcode == Opcode::text;
  if (text && !utf8_checked && !codec::is_valid_utf8(payload)) {
    return fail_because(Violation::invalid_utf8);
  }
  using Kind = Event::Kind;
  const Kind kind = text ? Kind::text : Kind::binary;
  return Event{.kind = options_->deliver_fragments ? Kind::fragment : kind,
               .opcode = opcode,
               .payload = payload};
}

void Protocol::end_frame() noexcept {
  in_payload_ = false;
  split_header_ = {};
}

// --- Bytes ---------------------------------------------------------------------------------------

// Bytes of the frame's payload that are in the input.
std::size_t Protocol::available() const noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(payload_.remaining, input_.size()));
}

// True when the message under way is collected as it comes.
bool Protocol::assembles() const noexcept { return !options_->deliver_fragments && !is_encoded(); }

// Bytes at the front of the assembly that belong to the message under way.
std::size_t Protocol::held_size() const noexcept {
  return mid_message_ && assembles() ? assembly_->size : 0;
}

void Protocol::consume(std::size_t size) noexcept {
  input_ = input_.subspan(size);
  payload_.remaining -= size;
  // Section 5.3: octet i of the payload goes with octet i mod 4 of the key.
  auto& key = payload_.masking_key;
  std::rotate(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(size % key.size()), key.end());
}

MutableBytes Protocol::unmask_in_place(std::size_t size) noexcept {
  const MutableBytes bytes = input_.first(size);
  if (role_ == Role::server) codec::apply_mask(bytes, payload_.masking_key);
  consume(size);
  return bytes;
}

// Moves the first `size` bytes of the input to the end of the assembly and unmasks them.
MutableBytes Protocol::store(std::size_t size) {
  if (assembly_ == nullptr) assembly_ = std::make_unique<Assembly>();
  make_room(size);
  const MutableBytes from = input_.first(size);
  const MutableBytes to = assembly_->bytes.grow(size);
  if (to.data() == from.data()) return unmask_in_place(size);  // it was received in place
  if (role_ == Role::server) {
    codec::copy_masked(to, from, payload_.masking_key);
  } else {
    std::copy(from.begin(), from.end(), to.begin());
  }
  consume(size);
  return to;
}

// Room for `size` more bytes, or as many as belong to the frame. What the peer announced only ever
// makes the buffer smaller: its size follows from what has been received.
void Protocol::make_room(std::size_t size) {
  ByteBuffer& bytes = assembly_->bytes;
  const std::uint64_t frame_end = bytes.size() + payload_.remaining;
  const std::uint64_t needed = std::min<std::uint64_t>(frame_end, bytes.size() + size);
  if (needed <= bytes.capacity()) return;
  const std::uint64_t received = bytes.size() + input_.size();
  const std::uint64_t allowed = 2 * received + buffer_allowance;
  std::uint64_t wanted = std::max(needed, std::min(frame_end, allowed));
  // More frames will follow: doubling keeps the cost of many small ones linear.
  const bool is_last = payload_.fin && !is_control(payload_.opcode);
  if (!is_last) wanted = std::max<std::uint64_t>(wanted, 2 * bytes.capacity());
  bytes.reserve(static_cast<std::size_t>(wanted));
}

void Protocol::free_delivered() noexcept {
  delivered_ = false;
  if (decoded_) release_decoded();
  if (assembly_ == nullptr) return;
  if (mid_message_) {
    assembly_->bytes.resize_down(held_size());
  } else {
    assembly_.reset();
  }
}

}  // namespace duplex::websocket
