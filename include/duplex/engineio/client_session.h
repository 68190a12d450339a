// The client's half of an Engine.IO session: what goes on between its opening and its end, over
// long polling, over WebSocket, and while it changes from one to the other. Pure: packets and the
// time are arguments; it says what is to be done, and its owner, who has the transports, does it.
// Source: the Engine.IO protocol 4, sections "Heartbeat" and "Upgrade".
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "duplex/engineio/packet.h"
#include "duplex/engineio/session.h"

namespace duplex::engineio {

struct ClientSessionOptions {
  // To WebSocket, once polling has opened the session and if the server offers it.
  bool may_upgrade = true;
  // Until the server's open packet has come; then the session is closed.
  std::chrono::milliseconds open_timeout = std::chrono::seconds(20);
  // From begin_probe() to the change; then the probe is dropped, and polling goes on.
  std::chrono::milliseconds upgrade_timeout = std::chrono::seconds(10);
  // From finish() until what was queued has left; then it is closed all the same.
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);
  // In one POST: python-engineio's servers refuse more, unless they are told otherwise.
  std::size_t max_post_packets = 16;
  // Bytes that wait to be sent, with what each packet costs beside its content, above which it is
  // closed: "transport error".
  std::size_t max_queued_bytes = std::size_t{64} << 20;
};

class ClientSession {
 public:
  ClientSession(Transport transport, const ClientSessionOptions& options, Clock::time_point now)
      : options_(options), transport_(transport), began_(now) {}

  Transport transport() const noexcept { return transport_; }
  bool is_open() const noexcept { return state_ == State::open || state_ == State::finishing; }
  bool is_finishing() const noexcept {
    return state_ == State::leaving || state_ == State::finishing;
  }
  bool is_closed() const noexcept { return state_ == State::closed; }
  CloseReason close_reason() const noexcept { return reason_; }
  const std::string& close_detail() const noexcept { return detail_; }  // for people
  // What the server said when it opened the session.
  const Handshake& handshake() const noexcept { return handshake_; }

  // A packet of the transport that it has: a message to deliver, or nothing, because the packet was
  // the session's own or closed it.
  std::optional<Packet> receive(Packet packet, Clock::time_point now);

  void close(CloseReason reason, std::string detail);  // does nothing once it is closed
  // Sends what is queued, then closes: "forced close". Nothing is sent or delivered any more. Over
  // WebSocket its owner closes that one after the last message. Where a GET is to open it, the
  // server may have a session already: that one is waited for, and told.
  void finish(Clock::time_point now);

  // --- Long polling ------------------------------------------------------------------------------
  bool wants_poll() const noexcept;  // a GET is to be sent now
  void begin_poll() noexcept { poll_open_ = true; }
  void end_poll() noexcept { poll_open_ = false; }  // after the packets of its answer
  bool wants_post() const noexcept;                 // begin_post() is to be sent now
  // A body of as many packets as the server takes at once; one that alone is too large goes alone.
  std::string begin_post();
  void end_post();

  // --- A WebSocket beside the polling that it has ------------------------------------------------
  bool wants_probe() const noexcept;  // one is to be opened, and "2probe" sent on it
  void begin_probe(Clock::time_point now);
  bool is_probing() const noexcept { return probe_deadline_.has_value(); }
  // What came on it. From the right answer on no request is begun; anything else drops the probe.
  void on_probe_answer(const Packet& packet);
  void drop_probe() noexcept;  // it failed; polling goes on
  // True once, when nothing is under way by polling any more: WebSocket is the transport from here
  // on, and the packet that says so is the next one to be sent there.
  bool try_upgrade();

  // --- Output ------------------------------------------------------------------------------------
  void send(OutMessage message);  // nothing before it is open, or once it finishes
  std::size_t queued_bytes() const noexcept { return queued_bytes_; }  // of content
  bool is_posting() const noexcept { return post_open_; }
  // Over WebSocket: what is to be sent next, as one message; nothing when all is sent.
  std::optional<OutMessage> next_message();

  // --- Time --------------------------------------------------------------------------------------
  std::optional<Clock::time_point> next_deadline() const noexcept;
  void advance(Clock::time_point now);

 private:
  // Leaving: finish() came before the open packet.
  enum class State : std::uint8_t { opening, leaving, open, finishing, closed };
  struct Queued {
    PacketType type = PacketType::message;
    OutMessage message = {};
  };

  void open(std::string_view text, Clock::time_point now);
  void queue(PacketType type, OutMessage message = {});
  std::size_t queued_memory() const noexcept;
  Queued take_front();
  Clock::time_point heartbeat_deadline() const noexcept;

  ClientSessionOptions options_;
  State state_ = State::opening;
  Transport transport_;
  Clock::time_point began_;  // to open, and then: was opened, or the last ping came
  Handshake handshake_ = {};
  CloseReason reason_ = CloseReason::none;
  std::string detail_ = {};
  bool poll_open_ = false;
  bool post_open_ = false;
  bool may_probe_ = true;
  bool probe_answered_ = false;
  std::optional<Clock::time_point> probe_deadline_ = {};
  std::optional<Clock::time_point> finish_deadline_ = {};
  std::deque<Queued> queue_ = {};
  std::size_t queued_bytes_ = 0;
};

}  // namespace duplex::engineio
