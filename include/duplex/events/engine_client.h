// One session of Engine.IO 4 with a server: long polling first and then WebSocket, or either alone.
// It is what Socket.IO's client stands on. Source: the Engine.IO protocol.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/endpoint/client.h"
#include "duplex/engineio/client_session.h"
#include "duplex/engineio/packet.h"
#include "duplex/events/engine_close.h"
#include "duplex/net/event_loop.h"

namespace duplex::events {

using engineio::Transport;

struct EngineClientOptions {
  std::string path = "/engine.io/";
  // The first one opens the session; from polling it changes to WebSocket where that is listed,
  // too.
  std::vector<Transport> transports = {Transport::polling, Transport::websocket};
  // When a session cannot be opened over the first, the next one is tried.
  bool try_all_transports = false;
  std::string query = {};                          // of every request: "token=a&room=b", encoded
  std::vector<endpoint::HeaderField> fields = {};  // of every request
  engineio::ClientSessionOptions session = {};     // its may_upgrade may forbid the change
  engineio::PayloadLimits payload = {};
  std::size_t max_message_size = std::size_t{16} << 20;  // bytes of one message, or of one answer
  // Bytes of the names and values of cookies that the server sets: the requests that follow carry
  // them, as load balancers want it that send each client to one server. More are not kept.
  std::size_t max_cookie_size = 4096;
  // permessage-deflate is offered for WebSockets. Nothing: it is not.
  std::optional<websocket::DeflateOptions> deflate = {};
};

class EngineClient;

// Every handler may be empty, and may destroy the client. Order: on_open, then messages in the
// order in which they were sent, over whatever transport, then on_close, which also comes without
// on_open, once. What a handler throws closes the session with "transport error" and goes to the
// loop.
struct EngineClientHandlers {
  std::function<void(EngineClient&)> on_open = {};
  // A text, or bytes if the packet has any.
  std::function<void(EngineClient&, const engineio::Packet&)> on_message = {};
  std::function<void(EngineClient&)> on_upgrade = {};  // WebSocket is its transport now
  std::function<void(EngineClient&, const EngineClose&)> on_close = {};
};

// Thread: the loop's.
class EngineClient {
 public:
  // Begins at once. `url`: http://host[:port] or ws://host[:port] (the transports say which is
  // spoken), or http+unix:/path/of/socket:/; a query in it goes with every request, a path is
  // refused. Throws std::invalid_argument. No handler is called from inside any of these calls.
  EngineClient(net::EventLoop& loop, std::string_view url, EngineClientHandlers handlers,
               EngineClientOptions options = {});
  ~EngineClient();  // drops everything at once; no handler is called
  EngineClient(const EngineClient&) = delete;
  EngineClient& operator=(const EngineClient&) = delete;

  bool is_open() const noexcept;  // and close() has not been called
  Transport transport() const noexcept;
  std::string_view sid() const noexcept;  // a secret; empty until it is open

  // Nothing unless it is open. Text must be UTF-8, without U+001E, which ends a packet of polling.
  void send_text(std::string_view text);
  void send_bytes(Bytes bytes);
  // Either. One whose `compress` is false goes over a WebSocket as it is; POSTs always do.
  void send(engineio::OutMessage message);
  std::size_t queued_bytes() const noexcept;  // not yet handed to the kernel
  // What is sent now leaves at once.
  bool is_writable() const noexcept;

  // What was sent before leaves first, within ClientSessionOptions::close_timeout. on_close follows
  // with "forced close"; other handlers are not called any more.
  void close();

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace duplex::events
