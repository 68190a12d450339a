// A Socket.IO client: one connection, with any number of namespaces on it. Source: the Socket.IO
// protocol 5.
//
//   duplex::socketio::Client client(loop, "http://127.0.0.1:3000");
//   auto& socket = client.of("/");
//   socket.on("news", [](const std::string& text) { ... });
//   socket.emit("sum", 1, 2, [](duplex::socketio::AckReply& reply) { ... });
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/client_socket.h"
#include "duplex/events/engine_client.h"
#include "duplex/socketio/backoff.h"
#include "duplex/socketio/msgpack_packet.h"
#include "duplex/socketio/packet.h"

namespace duplex::events {

struct SocketClientOptions {
  std::string path = "/socket.io/";
  EngineClientOptions engine = {};  // its path is not used
  // Once WebSocket has been spoken, the next connection begins with it, if it is among the
  // transports; one that fails, or ends with a transport error, makes it forgotten.
  bool remember_upgrade = false;
  // After a connection was lost, or could not be opened.
  bool reconnect = true;
  std::optional<std::size_t> max_attempts = {};  // in a row; then on_reconnect_failed
  socketio::BackoffOptions backoff = {};
  // From joining a namespace until the connection counts as one that lasts: when it is lost, delays
  // and attempts begin anew. Socket.IO's own client lets them begin anew with each connection that
  // opens, so that a server that takes everybody and drops everybody at once is asked again by
  // everybody, every second, for as long as it does.
  std::chrono::milliseconds stable_time = std::chrono::seconds(5);
  socketio::Parser parser = socketio::Parser::text;  // the server must have the same
  // Both ways: Socket.IO's own servers take no more attachments than this either.
  socketio::PacketLimits packets = {};
  // For each attachment of a packet, from the message before it. Later: "parse error".
  std::chrono::milliseconds attachment_timeout = std::chrono::seconds(45);
};

// Thread: the loop's.
class SocketClient {
 public:
  // Nothing happens before the first of(). Throws std::invalid_argument as EngineClient does.
  SocketClient(net::EventLoop& loop, std::string_view url, SocketClientOptions options = {});
  ~SocketClient();  // drops everything at once; no handler is called
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  // The socket of that namespace, made if there is none: then its options count, and it connects.
  // Without '/' it is put in front. No handler is called from inside this call.
  ClientSocket& of(std::string_view nsp, ClientSocketOptions options = {});

  bool is_open() const noexcept;  // there is a connection, whoever is connected on it
  // One that has been let go is still there, to send what was emitted before.
  bool is_leaving() const noexcept;
  std::size_t queued_bytes() const noexcept;  // of all connections, not yet handed to the kernel
  Transport transport() const noexcept;
  void disconnect();  // all of its sockets

  // Of the connections that are opened from now on, instead of what the options say: whatever runs
  // out is renewed here, in on_reconnect_attempt() at the latest. The present one keeps its own.
  void set_query(std::string query);
  void set_fields(std::vector<endpoint::HeaderField> fields);

  SocketClient& on_reconnect_attempt(std::function<void(std::size_t attempt)> handler);  // from 1
  SocketClient& on_reconnect(std::function<void(std::size_t attempts)> handler);
  SocketClient& on_reconnect_failed(std::function<void()> handler);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace duplex::events
