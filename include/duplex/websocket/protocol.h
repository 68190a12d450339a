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

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/base/send_queue.h"
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
// A time of 0 switches that deadline off.
struct ProtocolOptions {
  // Bytes of one message after reassembly; a longer one fails with 1009 on the frame's header.
  std::size_t max_message_size = std::size_t{16} << 20;
  // Frames of one message; more fail with 1008.
  std::uint32_t max_fragments = 16384;
  // Bytes queued above which send() answers `congested`.
  std::size_t send_high_water = std::size_t{64} << 10;
  // Bytes queued above which send() answers `refused` and queues nothing.
  std::size_t send_limit = std::size_t{16} << 20;
  // Silence after which a ping is sent; the peer then has ping_timeout to send anything at all.
  std::chrono::milliseconds ping_interval = std::chrono::seconds(25);
  std::chrono::milliseconds ping_timeout = std::chrono::seconds(20);
  // From the first byte of a message to its last.
  std::chrono::milliseconds message_timeout = std::chrono::seconds(60);
  // From our Close frame to the peer's; then the connection is dropped.
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);
  // Fragments are delivered as they arrive (Event::Kind::fragment) instead of whole messages.
  bool deliver_fragments = false;
};

struct Event {
  enum class Kind : std::uint8_t { text, binary, fragment, ping, pong, close };

  Kind kind = Kind::binary;
  bool final = true;               // fragment: the last one of its message
  bool first = true;               // fragment: the first one of its message
  Opcode opcode = Opcode::binary;  // fragment: text or binary, the type of its message
  // Valid until the next call of next_event() or receive(). For close: the reason, UTF-8.
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
// the RSV1 bit of data frames and transforms whole messages.
class Extension {
 public:
  virtual ~Extension() = default;
  // Called once with each whole incoming message whose first frame had RSV1 set. Returns the
  // message as the application sees it, valid until the next call, or the violation that fails it.
  virtual Violation decode(Bytes payload, std::size_t max_size, Bytes& message) = 0;
  // Called with each outgoing message. Returns true and the encoded bytes (valid until the next
  // call) when the message shall be sent with RSV1 set, false to send it as it is.
  virtual bool encode(Bytes message, Bytes& payload) = 0;
};

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
  std::optional<Event> next_event();

  // What receive() was given and next_event() has not looked at yet; the protocol forgets it.
  // Give it to receive() again later (from any memory) to go on.
  MutableBytes take_unread() noexcept;

  // While a large data frame is under way: where its next payload bytes belong. Read at most this
  // many bytes straight into it and call received_in_place(); empty means receive() as usual.
  MutableBytes receive_target();
  void received_in_place(std::size_t size, Clock::time_point now) noexcept;

  // --- Output: everything is appended to the queue given at construction
  // ---------------------------
  enum class Hold : std::uint8_t {
    copy,    // the payload may change after the call
    borrow,  // as SendQueue::append_borrowed (server role; a client masks, hence copies)
  };
  SendStatus send_text(std::string_view text, Hold hold = Hold::copy);
  SendStatus send_binary(Bytes payload, Hold hold = Hold::copy);
  // A message piece by piece (section 5.4): text or binary first, continuation after, `fin` last.
  // Control frames may be sent in between; another data message may not (refused).
  SendStatus send_fragment(Opcode opcode, Bytes payload, bool fin);
  // A whole frame from encode_broadcast(); server role only.
  SendStatus send_encoded(const SharedBytes& frame);
  SendStatus send_ping(Bytes payload);  // at most 125 bytes, else refused
  SendStatus send_pong(Bytes payload);  // unsolicited pong, section 5.5.3

  // Starts the closing handshake, section 7.1.2. An unsendable code or a reason that is not UTF-8
  // or longer than 123 bytes is sent as 1011 without reason. Does nothing unless open.
  void start_closing_handshake(CloseCode code, std::string_view reason = {});
  // Fails the connection, section 7.1.7: sends Close (when the peer may still read it), then
  // closed.
  void fail(CloseCode code, std::string_view reason = {});

  // The queue has drained: sends the pong that is owed, if any (section 5.5.3).
  void on_drained();

  // --- Time
  // ---------------------------------------------------------------------------------------- The
  // earliest instant at which advance() has something to do; nothing when no deadline runs. It may
  // move later when input arrives: look again when the old instant has come (lazy re-arming).
  std::optional<Clock::time_point> next_deadline() const noexcept;
  // Sends the ping that is due, or fails the connection whose deadline has passed.
  void advance(Clock::time_point now);

  // --- State
  // ---------------------------------------------------------------------------------------
  State state() const noexcept;
  Role role() const noexcept;
  Violation violation()
      const noexcept;  // why it failed, if the peer's bytes or a deadline were why
  // Both Close frames have been exchanged (or the connection failed): the server closes TCP first,
  // the client waits for the server to do so (section 7.1.1).
  bool close_sent() const noexcept;
  bool close_received() const noexcept;
  CloseCode received_close_code() const noexcept;  // 1006 before a Close frame has come
  bool mid_message() const noexcept;               // a message has begun and not ended

  void set_extension(std::unique_ptr<Extension> extension) noexcept;
};

// One unmasked final frame, to be shared by every receiver of a broadcast.
SharedBytes encode_broadcast(Opcode opcode, Bytes payload);

}  // namespace duplex::websocket
