// A Socket.IO server: namespaces with rooms, on Engine.IO sessions of a Server. Source: the
// Socket.IO protocol 5.
//
//   duplex::socketio::Server io(server);
//   io.on_connection([](duplex::socketio::Socket& socket) {
//     socket.join("lobby");
//     socket.on("chat", [&](const Json& text, Ack ack) { ... });
//   });
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/adapter.h"
#include "duplex/events/engine_server.h"
#include "duplex/events/socket.h"
#include "duplex/socketio/msgpack_packet.h"
#include "duplex/socketio/packet.h"
#include "duplex/socketio/recovery.h"

namespace duplex::events {

struct SocketServerOptions {
  std::string path = "/socket.io/";
  // A folder with Socket.IO's client for browsers, npm's socket.io-client/dist: its socket.io.js,
  // .min.js, .esm.min.js and .msgpack.min.js, each with its .map, are answered below the path, and
  // nothing else of it. Empty: none. Without the folder: std::system_error.
  std::string client_files = {};
  EngineOptions engine = {};  // its path is not used
  // From the opening of a session until it has joined a namespace.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(45);
  // For each attachment of a packet, from the message before it. Later: "parse error".
  std::chrono::milliseconds attachment_timeout = std::chrono::seconds(45);
  // How packets are written; clients must have the same. In MessagePack each one is a message of
  // bytes, whatever is within: smaller, but Base64 over polling.
  socketio::Parser parser = socketio::Parser::text;
  // Both ways: Socket.IO's own clients take no more attachments than this either, and close. An
  // event or an answer of the server's that has more throws std::length_error. In MessagePack bytes
  // are no attachments.
  socketio::PacketLimits packets = {};
  // Clients whose connection was lost may take up where they left off. Events without
  // acknowledgement that may not be dropped are kept for that, and carry one more argument, by
  // which a client says what it has. Nothing: every client that comes again is a new one.
  std::optional<socketio::RecoveryOptions> recovery = {};
  // What joins this server to others; by default it is alone. With one that keeps events, recovery
  // is the adapter's, and clients may come again on any server. With others there is none: what was
  // sent elsewhere meanwhile would be missed without a word.
  // What is kept reaches this server's own clients when the adapter gives it back. What goes
  // straight to a client may come before, as with Socket.IO's own adapters: an event with an
  // acknowledgement, droppable or local ones, an answer, a disconnect().
  AdapterFactory adapter = {};
  // Until a server that has been asked counts as silent.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);
  std::size_t max_rooms_per_socket = 1000;      // join() beyond throws std::length_error
  std::size_t max_room_size = 1024;             // bytes of a name; the same
  std::size_t max_namespaces_per_client = 100;  // more: the session is closed
  // In memory, of the auth that a client has said in all its namespaces, which is kept for as long
  // as it is there: more, and the session is closed.
  std::size_t max_auth_bytes = std::size_t{64} << 10;
  std::size_t max_namespaces = 10'000;  // that dynamic ones may become; more: refused
};

// Why a client may not join a namespace: the error that it sees.
struct Refusal {
  std::string message = {};
  std::optional<Json> data = {};
};
// Goes on, or ends. May be kept and called later; the first call counts.
using Next = std::function<void(std::optional<Refusal>)>;
// Looks at a client that wants to join. The socket is not connected yet: it has id(), handshake()
// and data().
using Middleware = std::function<void(Socket&, Next)>;
using ConnectionHandler = std::function<void(Socket&)>;

// What happens to a room: it comes into being with the first socket that joins, and goes with the
// last that leaves. Socket.IO's "create-room", "join-room" and so on.
enum class RoomEvent : std::uint8_t { create, join, leave, remove };
// `id`: of the socket that joins or leaves, else empty.
using RoomHandler =
    std::function<void(Namespace&, RoomEvent, std::string_view room, std::string_view id)>;

// Owner: the SocketServer; a reference is valid as long as that.
class Namespace {
 public:
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  const std::string& name() const noexcept;  // begins with '/'
  std::size_t socket_count() const noexcept;
  Socket* find(std::string_view id) noexcept;  // connected ones, or null
  std::size_t room_size(std::string_view room) const noexcept;

  Namespace& on_connection(ConnectionHandler handler);
  Namespace& use(Middleware middleware);  // in the order in which they were added
  // Called after the fact, when sockets disconnect too. Not of the rooms that sockets are by their
  // ids.
  Namespace& on_room(RoomHandler handler);

  // --- Events from its sockets -------------------------------------------------------------------
  // on("move", [](Socket& socket, int steps, Ack ack) { ... }): as Socket::on(), for whoever is in
  // the namespace now or later, and without memory for each of them. These are called before a
  // socket's own. A dynamic namespace shares them with those that it becomes.
  template <class F>
  Namespace& on(std::string_view event, F handler) {
    return add(event, socketio::make_handler_of<Socket>(std::move(handler)));
  }
  Namespace& off(std::string_view event);
  Namespace& on_error(
      std::function<void(Socket&, std::string_view event, std::string_view why)> handler);
  Namespace& on_disconnect(std::function<void(Socket&, const Disconnect&)> handler);

  // --- Events to its sockets ---------------------------------------------------------------------
  Emitter to(std::string_view room) const;
  Emitter in(std::string_view room) const { return to(room); }
  Emitter except(std::string_view room) const;
  Emitter droppable() const;
  Emitter local() const;
  Emitter compress(bool allowed) const;
  Emitter timeout(std::chrono::milliseconds time) const;
  template <class... T>
  void emit(std::string_view event, T&&... arguments) const {
    everybody().emit(event, std::forward<T>(arguments)...);
  }
  Emitter everybody() const;

  // --- Between servers ---------------------------------------------------------------------------
  // To this namespace of all other servers, not to clients. A last argument that takes AckReply&
  // gets what the first Ack of each answers, or after `request_timeout` what has come by then.
  template <class... T>
  void server_side_emit(std::string_view event, T&&... arguments) {
    send_server_side(socketio::make_event(event, std::forward<T>(arguments)...));
  }
  // What another server emits so; handlers as those of Socket::on().
  template <class F>
  Namespace& on_server_side(std::string_view event, F handler) {
    return add_server_side(event, socketio::make_handler(std::move(handler)));
  }

 protected:
  Namespace() = default;
  ~Namespace() = default;

 private:
  void send_server_side(Event event);
  Namespace& add_server_side(std::string_view event, EventHandler handler);
  Namespace& add(std::string_view event, socketio::EventHandlerOf<Socket> handler);
};

class SocketServer {
 public:
  // Adds its routes as EngineServer does. `server` must outlive it.
  explicit SocketServer(Server& server, SocketServerOptions options = {});
  ~SocketServer();  // closes every session; no handler is called

  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  // The namespace of that name, made if there is none. Without '/' it is put in front.
  Namespace& of(std::string_view name);
  // Namespaces whose names `matches` says yes to come into being when a client first asks for them,
  // with the middleware and handlers of the one that is returned, and go when the last has left.
  // What is emitted to that one is emitted to each of those that there are on this server; with an
  // acknowledgement it reaches nobody, and none of the other orders of an Emitter does.
  Namespace& of_matching(std::function<bool(std::string_view name, const Json& auth)> matches);

  // Those of the namespace "/".
  SocketServer& on_connection(ConnectionHandler handler);
  SocketServer& use(Middleware middleware);
  Emitter everybody();
  Emitter to(std::string_view room) { return everybody().to(room); }
  template <class... T>
  void emit(std::string_view event, T&&... arguments) {
    everybody().emit(event, std::forward<T>(arguments)...);
  }

  // Disconnects everybody, sessions and all: on_disconnect says "server shutting down", and who
  // waits for answers hears that the client is gone. Clients may come again afterwards. To end a
  // program: close(), then Server::stop().
  void close();
  std::size_t session_count() const noexcept;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace duplex::events
