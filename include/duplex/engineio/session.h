// The server's half of an Engine.IO session: what goes on between its opening and its end, over
// long polling, over WebSocket, and while it changes from one to the other. Pure: packets and the
// time are arguments, what is to be sent is asked for. Source: the Engine.IO protocol, revisions 4
// and 3, sections "Heartbeat" and "Upgrade"; where it is silent, what its own server does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/engineio/packet.h"

namespace duplex::engineio {

using Clock = std::chrono::steady_clock;

enum class Transport : std::uint8_t { polling, websocket };

enum class CloseReason : std::uint8_t {
  none,             // it is open
  transport_close,  // the client said so, or is gone
  transport_error,  // the client broke the protocol, or a limit
  parse_error,      // what came was no packet
  ping_timeout,     // no pong in time
  forced_close      // this side has closed it
};

// "transport close": the names that Socket.IO's users know; empty while it is open.
std::string_view describe(CloseReason reason) noexcept;

// One object is shared by many sessions and must outlive them.
struct SessionOptions {
  std::chrono::milliseconds ping_interval = std::chrono::seconds(25);
  std::chrono::milliseconds ping_timeout = std::chrono::seconds(20);
  // From start_probe() to the packet that upgrades; then the probe is dropped, and polling goes on.
  std::chrono::milliseconds upgrade_timeout = std::chrono::seconds(10);
  std::uint64_t max_payload =
      1'000'000;  // bytes of one message or body, for the transport to hold to
  bool allow_upgrades = true;
};

// What the client of a session speaks.
struct Dialect {
  Revision revision = Revision::four;
  bool only_text = false;  // bytes are to come as Base64, whatever the transport
};

// A message on its way out, made once for however many sessions; or a payload of them.
struct OutMessage {
  std::string content = {};
  bool is_bytes = false;
  bool compress = true;  // may be compressed by the transport; a payload: all of it may
};
using SharedMessage = std::shared_ptr<const OutMessage>;

// Memory: sizeof(Session), its id, and what is queued.
class Session {
 public:
  // Open, with the open packet queued. `options` must outlive the session.
  Session(std::string sid, Transport transport, const SessionOptions& options,
          Clock::time_point now, Dialect dialect = {});

  const std::string& sid() const noexcept { return sid_; }
  Transport transport() const noexcept { return transport_; }
  bool is_closed() const noexcept { return reason_ != CloseReason::none; }
  CloseReason close_reason() const noexcept { return reason_; }
  const Dialect& dialect() const noexcept { return dialect_; }

  // --- Input, of the transport that it has -------------------------------------------------------
  // A message to deliver, or nothing: the packet was the session's own, or has closed it.
  std::optional<Packet> receive(Packet packet, Clock::time_point now);

  // Does nothing once it is closed. What is queued is dropped, unless it is this side that closes
  // (forced_close): then it may still be taken.
  void close(CloseReason reason);

  // --- A WebSocket beside the polling that it has ------------------------------------------------
  enum class ProbeStep : std::uint8_t {
    answer,    // send "3probe" there, and answer a poll that is open
    upgraded,  // it is the transport now; send there what is queued
    refused    // close it; the session goes on as it was
  };
  // It has been opened. False when there is another one already, or none is wanted: close it.
  bool start_probe(Clock::time_point now);
  ProbeStep probe(const Packet& packet);
  bool is_probing() const noexcept { return probe_deadline_.has_value(); }
  // The WebSocket that probes is gone, or too slow (advance() does that by itself).
  void drop_probe() noexcept;
  // Without a probe: of one that has closed while its client was about to upgrade.
  void change_to_websocket() noexcept { transport_ = Transport::websocket; }

  // --- Output ------------------------------------------------------------------------------------
  void send(SharedMessage message);                                    // nothing once it is closed
  std::size_t queued_bytes() const noexcept { return queued_bytes_; }  // of content
  bool has_queued() const noexcept { return !queue_.empty(); }
  // And what each message costs beside its content, so that empty ones count as well.
  std::size_t queued_memory() const noexcept;

  // Over WebSocket: what is to be sent next, as one message each; nothing when all is sent. Text as
  // a packet, bytes as they are.
  std::optional<OutMessage> next_message();
  // Over polling: whether a poll that is open is to be answered now.
  bool has_payload() const noexcept;
  // The answer, all that is queued; noop to let a probe go on, and as the last one that a client
  // gets which has closed; close when this side has. What it had said before that is a payload of
  // its own: a client may hear of the end before it has looked at what came with it.
  OutMessage take_payload();
  // That ends a poll which has nothing more to wait for.
  OutMessage noop_payload() const { return payload_of(PacketType::noop); }

  // --- Time --------------------------------------------------------------------------------------
  std::optional<Clock::time_point> next_deadline() const noexcept;
  // Queues a ping, drops a probe, or closes. To be called at next_deadline(), and before each
  // request of the session is served, so that a late timer never keeps it alive.
  void advance(Clock::time_point now);

 private:
  struct Queued {
    PacketType type = PacketType::message;
    SharedMessage message = {};  // of a message
    std::string text = {};       // of other packets
  };

  void queue(PacketType type, std::string text = {});
  Queued take_front();
  bool has_bytes() const noexcept;
  std::string text_of(const Queued& queued) const;
  static bool may_compress(const Queued& queued) noexcept;
  OutMessage payload_of(PacketType type) const;
  void append(OutMessage& payload, const Queued& queued) const;
  bool client_pings() const noexcept { return dialect_.revision == Revision::three; }
  void clear_queue() noexcept;
  void on_pong(Clock::time_point now);
  void on_ping(const Packet& packet, Clock::time_point now);

  const SessionOptions& options_;
  std::string sid_;
  Transport transport_;
  Dialect dialect_;
  CloseReason reason_ = CloseReason::none;
  Clock::time_point heard_;   // when it was opened, or the last pong (3: ping) came
  bool awaits_pong_ = false;  // of the ping that was taken or is queued
  bool ping_waits_ = false;   // is queued
  std::optional<Clock::time_point> probe_deadline_ = {};  // of a WebSocket beside
  bool probe_answered_ = false;
  std::vector<Queued> queue_ = {};  // without memory while it is empty
  std::size_t taken_ = 0;           // of its first
  std::size_t queued_bytes_ = 0;
};

}  // namespace duplex::engineio
