// One WebSocket connection without any I/O: RFC 6455 sections 5 to 7. Bytes in, events and bytes
// out.
//
// It is pulled: give it what was read, then take events until there are none.
//
//   protocol.receive(bytes);
//   while (auto event = protocol.next_event()) { ... }
//
// No user code ever runs inside, so a handler may call anything. After the first violation by the
// peer the protocol fails the connection (section 7.1.7) and reads nothing more.
// Thread: none of its own; use from one thread. Time and masking keys are arguments.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/base/send_queue.h"
#include "duplex/codec/utf8.h"
#include "duplex/websocket/close_code.h"
#include "duplex/websocket/frame.h"

namespace duplex::websocket {

using Clock = std::chrono::steady_clock;

// open -> closing (a Close frame was sent) -> closed (Close frames went both ways, or it failed).
enum class State : std::uint8_t { open, closing, closed };

enum class SendStatus : std::uint8_t {
  ok,         // queued, at or below the high-water mark
  congested,  // queued, above it: stop until the queue has drained
  refused,    // not queued: above the limit, or the connection is closing, or text is not UTF-8
};

// What went wrong, one name per rule; close_code_for() maps them to section 7.4 in one place.
enum class Violation : std::uint8_t {
  none,
  reserved_bits,              // 5.2: RSV1-3 must be 0 unless an extension defines them
  reserved_opcode,            // 5.2
  unmasked_frame,             // 5.1: a client masks all frames
  masked_frame,               // 5.1: a server masks none
  length_not_minimal,         // 5.2: the minimal number of bytes must be used
  length_top_bit,             // 5.2: the most significant bit must be 0
  control_frame_too_long,     // 5.5
  control_frame_fragmented,   // 5.5
  unexpected_continuation,    // 5.4
  expected_continuation,      // 5.4
  too_many_fragments,         // max_fragments
  message_too_big,            // max_message_size
  invalid_utf8,               // 8.1
  extension_data_invalid,     // 9: the negotiated extension cannot decode the message
  close_payload_too_short,    // 5.5.1: a body is empty or at least two bytes
  close_code_invalid,         // 7.4
  close_reason_invalid_utf8,  // 5.5.1
  message_deadline,           // a message took longer than message_timeout
  ping_timeout,               // no pong within ping_timeout
  close_timeout,              // no Close frame within close_timeout
};

CloseCode close_code_for(Violation violation) noexcept;
std::string_view describe(Violation violation) noexcept;  // one sentence with the section number

// Limits and times of a connection. One object is shared by many protocols and must outlive them.
// A time of 0 switches that deadline off, as does one that is longer than the clock can count.
struct ProtocolOptions {
  // Bytes of one message after reassembly; a longer one fails with 1009 on the frame's header. With
  // an extension it bounds the message both as it was sent and as it was decoded.
  std::size_t max_message_size = std::size_t{16} << 20;
  // Frames of one message; more fail with 1008. At least 1.
  std::uint32_t max_fragments = 131072;
  // Bytes queued above which send() answers `congested`.
  std::size_t send_high_water = std::size_t{64} << 10;
  // Bytes queued above which send() answers `refused` and queues nothing. As many as the largest
  // message has: its echo is queued at once. What a peer that does not read may cost: where nobody
  // is sent as much, a mebibyte does.
  std::size_t send_limit = std::size_t{16} << 20;
  // Silence after which a ping is sent; the peer then has ping_timeout to send anything at all.
  std::chrono::milliseconds ping_interval = std::chrono::seconds(25);
  std::chrono::milliseconds ping_timeout = std::chrono::seconds(20);
  // From the first frame's header of a message to its last byte. Pauses of ours do not count.
  std::chrono::milliseconds message_timeout = std::chrono::seconds(60);
  // From our Close frame (the first advance() after it, or after the first on_drained(), to be
  // exact) to the peer's; then the connection is dropped. It replaces message_timeout.
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);
  // Pieces of messages are delivered as they arrive (Event::Kind::fragment), cut wherever frames
  // and reads cut them; a whole message in one frame is one such piece. A piece of text may begin
  // and end inside a code point; the bytes so far are always the beginning of valid UTF-8, and the
  // whole message is valid. A message that an extension must decode comes as one piece.
  bool deliver_fragments = false;
};

struct Event {
  enum class Kind : std::uint8_t { text, binary, fragment, ping, pong, close };

  Kind kind = Kind::binary;
  bool final = true;               // fragment: the last one of its message
  bool first = true;               // fragment: the first one of its message
  Opcode opcode = Opcode::binary;  // text, binary, fragment: the type of the message
  // Valid until the next call of next_event() or receive(), and no longer than the memory given to
  // receive(). For close: the reason, UTF-8. It may be changed in place.
  MutableBytes payload = {};
  // close: what the peer's frame said (1005 when it was empty).
  CloseCode close_code = CloseCode::no_status_received;
};

// Source of masking keys for the client role: 4 fresh unpredictable bytes a call (section 10.3).
class MaskingKeySource {
 public:
  virtual MaskingKey next_masking_key() = 0;

 protected:
  ~MaskingKeySource() = default;
};

// An extension negotiated in the opening handshake (section 9), such as permessage-deflate, owns
// the RSV1 bit of data frames and transforms messages.
class Extension {
 public:
  virtual ~Extension() = default;
  // Called with each piece of an incoming message whose first frame had RSV1 set; the last one may
  // be empty. `message` becomes all of it that has been decoded, valid until the next call. Returns
  // the violation that fails it (such as message_too_big beyond `max_size` bytes, or
  // extension_data_invalid).
  virtual Violation decode(Bytes piece, bool last, std::size_t max_size, MutableBytes& message) = 0;
  // Called with each outgoing message. Returns true and the encoded bytes (valid until the next
  // call) when the message shall be sent with RSV1 set, false to send it as it is.
  virtual bool encode(Bytes message, Bytes& payload) = 0;
  // What decode() gave is not looked at any more: its memory may be freed.
  virtual void release() noexcept {}
  // Bytes that decode() has made, of all messages.
  virtual std::uint64_t decoded_size() const noexcept { return 0; }
};

// Memory: sizeof(Protocol) while no message is unfinished (an unfinished frame header is kept
// inside). An unfinished message lives in one buffer of at most twice the bytes received for it
// plus 64 KiB, whatever length the peer announced; it is freed after the message has been
// delivered.
//
// When memory runs out, std::bad_alloc leaves the call. Receiving, the connection has then failed
// with 1011; sending, the frame has not been queued (or, if a part of it has or an extension has
// encoded it, the state is closed).
class Protocol {
 public:
  // `options` and `out` (and `masking_keys`, needed by the client role) must outlive the protocol.
  Protocol(Role role, const ProtocolOptions& options, SendQueue& out, Clock::time_point now,
           MaskingKeySource* masking_keys = nullptr) noexcept;
  ~Protocol();
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  // --- Input -------------------------------------------------------------------------------------
  // `bytes` is unmasked in place, and must stay until next_event() has returned nothing or
  // take_unread() has been called. Everything is ignored once the state is closed.
  void receive(MutableBytes bytes, Clock::time_point now) noexcept;

  // The next event of what was received, or nothing when more input is needed or it has failed.
  // Pings have been answered and Close frames echoed (section 5.5) when their event comes.
  std::optional<Event> next_event();

  // What receive() was given and next_event() has not looked at yet; the protocol forgets it.
  // Give it to receive() again later (from any memory) to go on.
  MutableBytes take_unread() noexcept;

  // While a large data frame is under way: where its next payload bytes belong. Read at most this
  // many bytes straight into it and call received_in_place(); empty means receive() as usual.
  MutableBytes receive_target();
  void received_in_place(std::size_t size, Clock::time_point now) noexcept;

  // --- Output: all of it goes to the queue given at construction ---------------------------------
  enum class Hold : std::uint8_t {
    copy,    // the payload may change after the call
    borrow,  // as SendQueue::append_borrowed (server role; a client masks, hence copies)
  };
  SendStatus send_text(std::string_view text, Hold hold = Hold::copy);
  SendStatus send_binary(Bytes payload, Hold hold = Hold::copy);
  // Either of them by its opcode. `known_valid` skips the UTF-8 check of a text: for one that was
  // received, and so checked, a moment ago. With deliver_fragments it skips nothing, as a piece of
  // a valid text need not be valid. Without `may_encode` the extension is not asked.
  SendStatus send_message(Opcode opcode, Bytes payload, Hold hold = Hold::copy,
                          bool known_valid = false, bool may_encode = true);
  // A message piece by piece (section 5.4): text or binary first, continuation after, `fin` last.
  // Control frames may be sent in between; another data message may not (refused). A text may be
  // cut inside a code point. Extensions are not asked.
  SendStatus send_fragment(Opcode opcode, Bytes payload, bool fin);
  // A whole frame from encode_broadcast(), refused when that is null; server role only.
  SendStatus send_encoded(const SharedBytes& frame);
  SendStatus send_ping(Bytes payload);  // at most 125 bytes, else refused
  SendStatus send_pong(Bytes payload);  // unsolicited pong, section 5.5.3

  // Starts the closing handshake, section 7.1.2. An unsendable code or a reason that is not UTF-8
  // or longer than 123 bytes is sent as 1011 without reason. Does nothing unless open.
  void start_closing_handshake(CloseCode code, std::string_view reason = {});
  // Fails the connection, section 7.1.7: sends Close (when the peer may still read it), then
  // closed. Nothing is sent for abnormal_closure; else the code and reason are treated as by
  // start_closing_handshake().
  void fail(CloseCode code, std::string_view reason = {});

  // The queue has drained: sends the pong that is owed, if any (section 5.5.3). The peer can have
  // seen our Close frame only now: close_timeout is counted from the next advance(), due at once.
  void on_drained();

  // --- Time --------------------------------------------------------------------------------------
  // The earliest instant at which advance() has something to do; nothing when no deadline runs. It
  // moves later when input arrives: look again when the old instant has come (lazy re-arming). It
  // moves earlier only when a message begins, when input arrives while it awaits_pong(), when a
  // closing handshake is started, and when the queue has drained for the first time during one.
  std::optional<Clock::time_point> next_deadline() const noexcept;
  // Sends the ping that is due, or fails the connection whose deadline has passed.
  void advance(Clock::time_point now);
  // Nothing was read from `since` to `now`, for reasons of ours: that time is not the peer's.
  void was_paused(Clock::time_point since, Clock::time_point now) noexcept;

  // --- State -------------------------------------------------------------------------------------
  State state() const noexcept { return state_; }
  Role role() const noexcept { return role_; }
  // Why it failed, if the peer's bytes or a deadline were why.
  Violation violation() const noexcept { return violation_; }
  // Both Close frames have been exchanged (or the connection failed): the server closes TCP first,
  // the client waits for the server to do so (section 7.1.1).
  bool close_sent() const noexcept { return close_sent_; }
  bool close_received() const noexcept { return close_received_; }
  // 1006 before a Close frame has come.
  CloseCode received_close_code() const noexcept { return received_close_code_; }
  // A message has begun and not ended.
  bool mid_message() const noexcept { return mid_message_; }
  // next_event() has nothing to look at, and nothing to free.
  bool is_idle() const noexcept { return input_.empty() && !in_payload_ && !delivered_; }
  // The last event's payload lies in memory of the protocol's own, until the next call.
  bool lends_payload() const noexcept { return delivered_; }
  // A ping was sent, and nothing has been received since.
  bool awaits_pong() const noexcept { return awaiting_pong_; }

  void set_extension(std::unique_ptr<Extension> extension) noexcept;
  bool is_extended() const noexcept { return extension_ != nullptr; }
  // Bytes that the extension has made of what was received: whoever limits the work of a turn gives
  // receive() little at a time, and looks here in between.
  std::uint64_t decoded_size() const noexcept {
    return is_extended() ? extension_->decoded_size() : 0;
  }

 private:
  // A frame whose header has been read.
  struct Payload {
    std::uint64_t remaining = 0;  // bytes that have not been looked at
    MaskingKey masking_key = {};  // turned so that [0] belongs to the next byte
    Opcode opcode = Opcode::continuation;
    bool fin = false;
    bool rsv1 = false;
  };
  // The beginning of a header whose rest has not been received.
  struct SplitHeader {
    std::array<std::byte, max_frame_header_size - 1> bytes;
    std::uint8_t size = 0;
  };
  struct Assembly;  // an unfinished message
  struct OwedPong;

  std::optional<Event> take_simple_message();
  bool begin_frame();
  std::size_t take_header(FrameHeader& header) noexcept;
  std::size_t take_split_header(FrameHeader& header) noexcept;
  void keep_split_header() noexcept;
  Violation judge_header(const FrameHeader& header, std::size_t header_size) const noexcept;
  void begin_payload(const FrameHeader& header);
  void begin_message(const FrameHeader& header);
  void end_frame() noexcept;

  std::optional<Event> take_payload();
  std::optional<Event> take_whole_message();
  std::optional<Event> take_control();
  std::optional<Event> take_piece();
  std::optional<Event> assemble();
  std::optional<Event> deliver(Opcode opcode, MutableBytes payload, bool utf8_checked);
  std::optional<Event> take_encoded();
  std::optional<Event> decode(Opcode opcode, Bytes payload);
  std::optional<Event> on_control(Opcode opcode, MutableBytes payload);
  std::optional<Event> on_close(MutableBytes payload);

  std::size_t available() const noexcept;
  bool is_encoded() const noexcept;
  bool assembles() const noexcept;
  std::size_t held_size() const noexcept;
  void consume(std::size_t size) noexcept;
  MutableBytes unmask_in_place(std::size_t size) noexcept;
  MutableBytes store(std::size_t size);
  void make_room(std::size_t size);
  // The view given out with the last event has ended: frees its memory.
  void release_delivered() noexcept {
    if (delivered_) free_delivered();
  }
  void free_delivered() noexcept;
  void release_decoded() noexcept;

  void append_frame(Opcode opcode, Bytes payload, bool fin = true, bool rsv1 = false);
  bool append_encoded(Opcode opcode, Bytes message);
  void append_message(Opcode opcode, Bytes payload, Hold hold);
  void append_masked_frame(FrameHeader header, Bytes payload);
  void append_borrowed_frame(Opcode opcode, Bytes payload);
  void append_close(Bytes payload);
  void answer_ping(Bytes payload);
  bool may_send(std::size_t size) const noexcept;
  SendStatus send_control(Opcode opcode, Bytes payload);
  SendStatus sent() const noexcept;

  std::optional<Clock::time_point> ping_deadline() const noexcept;
  std::optional<Clock::time_point> message_deadline() const noexcept;
  std::optional<Clock::time_point> close_deadline() const noexcept;
  void advance_open(Clock::time_point now);

  std::nullopt_t fail_because(Violation violation);
  void abandon() noexcept;
  void become_closed() noexcept;

  const ProtocolOptions* options_;
  SendQueue* out_;
  MaskingKeySource* masking_keys_;
  std::unique_ptr<Extension> extension_;
  MutableBytes input_ = {};             // what next_event() has not looked at yet
  std::unique_ptr<Assembly> assembly_;  // while a message or control frame is unfinished
  std::unique_ptr<OwedPong> owed_pong_;
  union {
    SplitHeader split_header_;  // between frames
    Payload payload_;           // in_payload_
  };
  Clock::time_point activity_;      // of the last input; of our ping while awaiting_pong_
  Clock::time_point started_ = {};  // the message under way, or the closing handshake
  codec::Utf8Validator sending_utf8_;
  CloseCode received_close_code_ = CloseCode::abnormal_closure;
  Violation violation_ = Violation::none;
  State state_ = State::open;
  Role role_;
  bool in_payload_ : 1 = false;     // else a header comes next
  bool mid_message_ : 1 = false;    // a message that is not whole in the input is under way
  bool delivered_ : 1 = false;      // the last event's payload lies in our memory
  bool awaiting_pong_ : 1 = false;  // a ping was sent and nothing was received since
  bool closing_timed_ : 1 = false;  // started_ is that of the closing handshake
  bool close_drained_ : 1 = false;  // our Close frame has been handed to the kernel
  bool close_sent_ : 1 = false;
  bool close_received_ : 1 = false;
  bool sending_message_ : 1 = false;  // send_fragment() has begun a message
  bool sending_text_ : 1 = false;     // and it is a text
  bool decoded_ : 1 = false;          // the last event's payload is the extension's
};

// One unmasked final frame, text or binary, to be shared by every receiver of a broadcast. Null for
// a text that is not UTF-8 (section 8.1).
SharedBytes encode_broadcast(Opcode opcode, Bytes payload);

}  // namespace duplex::websocket
