// A connection of a Server or Client that speaks WebSocket: RFC 6455.
#pragma once

#include <any>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/http/message.h"
#include "duplex/net/address.h"
#include "duplex/net/kernel.h"
#include "duplex/websocket/protocol.h"

namespace duplex::endpoint {

using websocket::CloseCode;
using websocket::Opcode;
using websocket::SendStatus;

// Names a connection for longer than a handler. Copyable, comparable, never dangling: once the
// connection is gone, find() answers null for its id.
struct ConnectionId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0 names nothing
  friend auto operator<=>(ConnectionId, ConnectionId) = default;
};

struct HeaderField {
  std::string name;
  std::string value;
};

// A whole message, or a fragment of one where the route asks for fragments.
struct Message {
  Opcode opcode = Opcode::text;  // text or binary
  Bytes payload = {};            // valid until the handler returns; text is valid UTF-8
  bool first = true;             // fragment: begins its message
  bool final = true;             // fragment: ends its message
  // Sent: may be compressed, where permessage-deflate was agreed on. Whose size must tell nothing
  // of what is within may not.
  bool compress = true;

  std::string_view text() const noexcept { return as_text(payload); }
};

inline Message text_message(std::string_view text) noexcept {
  return {.opcode = Opcode::text, .payload = as_bytes(text)};
}
inline Message binary_message(Bytes payload) noexcept {
  return {.opcode = Opcode::binary, .payload = payload};
}

// An open WebSocket. A reference is valid until the handler returns; to keep more, keep id().
// Thread: the loop's. Every call is allowed in every handler; after the connection has closed they
// do nothing and say `refused`.
class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  ConnectionId id() const noexcept;
  bool is_open() const noexcept;  // no Close frame sent or received yet

  // Sends one message. While more than ProtocolOptions::send_high_water bytes wait, a server's
  // connection reads no further, so that answers to a peer that takes none are bounded; a client's
  // reads on, for its server may do the same: who answers what it receives pauses by itself when
  // this says `congested`, and resumes in on_drain. The bytes may be changed when the call returns,
  // except that a message that is echoed from its own handler must stay as it is until the handler
  // returns (it is not copied). A client's connection throws std::system_error, here and below, and
  // sends nothing when the system has no random bytes to mask with (RFC 6455 section 10.3).
  SendStatus send(Message message);
  SendStatus send_text(std::string_view text);
  SendStatus send_binary(Bytes payload);
  // A message piece by piece, sent as it is: text or binary on the first piece, continuation on
  // the others, `fin` on the last (section 5.4). Anything else is refused.
  SendStatus send_fragment(Opcode opcode, Bytes payload, bool fin);
  SendStatus ping(Bytes payload = {});        // at most 125 bytes
  SendStatus pong(Bytes payload = {});        // one that no ping asked for, section 5.5.3; the same
  std::size_t queued_bytes() const noexcept;  // not yet handed to the kernel

  // Starts the closing handshake (section 7.1.2); on_close follows. Messages that the peer sends
  // before its Close frame are still delivered; for that a paused connection reads on.
  void close(CloseCode code = CloseCode::normal_closure, std::string_view reason = {});
  // Drops the connection without one (RST); on_close says 1006.
  void abort();

  // Reading stops, and with it the peer once the kernel's buffers are full. Nothing is lost.
  void pause_reading();
  void resume_reading();

  // Topics of the server this connection belongs to (clients: false). True when something changed.
  bool subscribe(std::string_view topic);
  bool unsubscribe(std::string_view topic);

  std::string_view subprotocol() const noexcept;  // agreed in the opening handshake, or empty
  // The client's: what a listed proxy says (ServerOptions::trusted_proxies), or the other end's.
  net::Address peer_address() const;
  // What TCP says of it now: one system call. Nothing where there is no TCP.
  std::optional<net::TcpInfo> tcp_info() const;

  // Yours. Destroyed with the connection, after on_close.
  std::any& user_data() noexcept;

 protected:
  Connection() = default;
  ~Connection() = default;
};

// Why on_close was called. `code` is the peer's Close frame, or 1006 with `error` or `violation`.
struct CloseEvent {
  CloseCode code = CloseCode::abnormal_closure;
  std::string_view reason = {};         // UTF-8, valid until the handler returns
  std::error_code error = {};           // the system's reason, if that was it
  websocket::Violation violation = {};  // the rule the peer broke, if that was it
};

// Every handler may be empty. Order per connection: on_open, then messages, then on_close once.
// An exception from a handler closes the connection with 1011; the loop goes on.
struct WebSocketHandlers {
  std::function<void(Connection&, const http::Request&)> on_open = {};
  std::function<void(Connection&, Message)> on_message = {};
  std::function<void(Connection&, Bytes payload)> on_ping = {};  // it has been answered already
  std::function<void(Connection&, Bytes payload)> on_pong = {};
  std::function<void(Connection&)> on_drain = {};  // the queue is empty again after `congested`
  std::function<void(Connection&, const CloseEvent&)> on_close = {};
};

}  // namespace duplex::endpoint
