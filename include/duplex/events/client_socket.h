// One namespace of a Socket.IO server, as a client sees it. Source: the Socket.IO protocol 5; the
// names are those of Socket.IO's own client where C++ allows them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "duplex/socketio/event.h"

namespace duplex::events {

using socketio::Ack;
using socketio::AckHandler;
using socketio::AckReply;
using socketio::AckStatus;
using socketio::AnyHandler;
using socketio::Event;
using socketio::EventHandler;
using socketio::Json;
using socketio::JsonArray;
using socketio::Values;

enum class ClientDisconnectReason : std::uint8_t {
  io_server_disconnect,  // the server said so; only connect() brings it back
  io_client_disconnect,  // disconnect() here; the same
  ping_timeout,          // and from here on: the connection was lost, and is opened again
  transport_close,
  transport_error,
  parse_error
};
// "io server disconnect": the names that Socket.IO's users know.
std::string_view describe(ClientDisconnectReason reason) noexcept;

struct ClientDisconnect {
  ClientDisconnectReason reason = ClientDisconnectReason::transport_close;
  std::string detail = {};  // for people
};

// Why it did not connect. If the server refused it, ClientSocket::active() is false, and only
// connect() tries again; otherwise there was no connection, or it was lost before the server said
// anything, and the next attempt is under way.
struct ConnectError {
  std::string message = {};
  std::optional<Json> data = {};
};

struct ClientSocketOptions {
  Json auth = {};  // what the server is told at each connect: an object, or null
  std::function<Json()> make_auth = {};  // asked at each connect, and said instead
  bool auto_connect = true;              // false: connect() begins
  // Until an acknowledgement counts as timed out, unless timeout() says otherwise. 0: it may take
  // for ever.
  std::chrono::milliseconds ack_timeout = {};
  // When there is a number, events leave one after the other, each when the one before has been
  // acknowledged, and is sent again so often if that takes longer than ack_timeout or the
  // connection is lost. The server may hear an event more than once.
  std::optional<std::size_t> retries = {};
  // Events that wait for a connection, either way; a further one is an error.
  std::size_t max_waiting = 100'000;
  // Bytes in memory of the server's events that come before it has let the socket in; more are a
  // fault of the server's: "parse error".
  std::size_t max_early_bytes = std::size_t{16} << 20;
};

// What happens to an event on its way.
struct ClientEmitFlags {
  // Dropped where it cannot leave at once: no connection, or bytes before it. "volatile".
  bool droppable = false;
  std::optional<std::chrono::milliseconds> timeout = {};
  // May be compressed, where EngineClientOptions::deflate was agreed on.
  bool compress = true;
};

class ClientSocketCore;

// socket.timeout(2s).emit("question", ...). A value; does nothing once its client has gone.
class ClientEmitter {
 public:
  ClientEmitter droppable() const;
  ClientEmitter compress(bool allowed) const;
  ClientEmitter timeout(std::chrono::milliseconds time) const;

  template <class... T>
  void emit(std::string_view event, T&&... arguments) const {
    send(socketio::make_event(event, std::forward<T>(arguments)...));
  }
  void send(Event event) const;

 private:
  friend class ClientSocket;

  std::weak_ptr<ClientSocketCore> socket_ = {};
  ClientEmitFlags flags_ = {};
};

// Owner: the SocketClient; a reference is valid as long as that. Thread: the loop's. Every call is
// allowed in every handler, and so is destroying the client. What a handler throws goes to the
// loop, and nothing else changes.
class ClientSocket {
 public:
  using ErrorHandler = std::function<void(std::string_view event, std::string_view why)>;

  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  const std::string& nsp() const noexcept;
  const std::string& id() const noexcept;  // what the server calls it; empty unless connected
  bool connected() const noexcept;
  bool active() const noexcept;  // it is connected, or will be without further ado
  // The server has kept for it what it missed (connection state recovery).
  bool recovered() const noexcept;

  void connect();
  // on_disconnect is called before this returns, if it was connected.
  void disconnect();
  void set_auth(Json auth);  // of the next connect

  // --- Events from the server --------------------------------------------------------------------
  // on("move", [](int steps, std::string_view way, Ack ack) { ... }): see socketio::make_handler().
  template <class F>
  ClientSocket& on(std::string_view event, F handler) {
    return add(event, socketio::make_handler(std::move(handler)), false);
  }
  template <class F>
  ClientSocket& once(std::string_view event, F handler) {
    return add(event, socketio::make_handler(std::move(handler)), true);
  }
  ClientSocket& off(std::string_view event);
  ClientSocket& on_any(AnyHandler handler);                // every event, before its own handlers
  ClientSocket& prepend_any(AnyHandler handler);           // the same, before those that are there
  ClientSocket& off_any();                                 // all of them
  ClientSocket& on_any_outgoing(AnyHandler handler);       // every event when it leaves
  ClientSocket& prepend_any_outgoing(AnyHandler handler);  // and as above
  ClientSocket& off_any_outgoing();
  // Arguments of another shape than a handler's, and events that could not be sent.
  ClientSocket& on_error(ErrorHandler handler);
  // What was emitted meanwhile has left; what the server said meanwhile comes next.
  ClientSocket& on_connect(std::function<void(ClientSocket&)> handler);
  ClientSocket& on_connect_error(std::function<void(ClientSocket&, const ConnectError&)> handler);
  ClientSocket& on_disconnect(std::function<void(ClientSocket&, const ClientDisconnect&)> handler);

  // --- Events to the server ----------------------------------------------------------------------
  // Without a connection they wait for one, in order. A last argument that takes AckReply& gets the
  // answer: emit("sum", 1, 2, [](AckReply& reply) { ... }); if the connection is lost before, it
  // hears AckStatus::disconnected.
  template <class... T>
  void emit(std::string_view event, T&&... arguments) {
    send(socketio::make_event(event, std::forward<T>(arguments)...));
  }
  // Names that are the protocol's own ("connect", "disconnect"...) throw std::invalid_argument.
  void send(Event event);
  ClientEmitter droppable();
  // False: sent as it is. What somebody else has put beside a secret tells by the size how much
  // they have in common.
  ClientEmitter compress(bool allowed);
  ClientEmitter timeout(std::chrono::milliseconds time);

 protected:
  ClientSocket() = default;
  ~ClientSocket() = default;

 private:
  ClientEmitter emitter();
  ClientSocket& add(std::string_view event, EventHandler handler, bool once);
};

}  // namespace duplex::events
