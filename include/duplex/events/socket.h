// One client in one namespace of a Socket.IO server, and whom events go to. Source: the Socket.IO
// protocol 5; the names are those of Socket.IO's own server where C++ allows them.
#pragma once

#include <any>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/engineio/session.h"
#include "duplex/http/message.h"
#include "duplex/net/address.h"
#include "duplex/socketio/cluster.h"
#include "duplex/socketio/event.h"

namespace duplex::events {

using socketio::Ack;
using socketio::AckHandler;
using socketio::AckReply;
using socketio::AckStatus;
using socketio::AnyHandler;
using socketio::EmitFlags;
using socketio::Event;
using socketio::EventHandler;
using socketio::FetchedSockets;
using socketio::Json;
using socketio::JsonArray;
using socketio::RemoteSocket;
using socketio::Target;
using socketio::Values;

// Why a socket has left its namespace.
enum class DisconnectReason : std::uint8_t {
  client_namespace_disconnect,  // the client said so
  server_namespace_disconnect,  // disconnect() here, also with the whole session
  server_shutting_down,         // the SocketServer has gone
  ping_timeout,
  transport_close,     // the connection was lost
  transport_error,     // the client broke Engine.IO's rules, or a limit
  parse_error,         // what it sent was no packet
  forced_close,        // the session was closed here, by EngineSession::close()
  forced_server_close  // it broke the rules of Socket.IO, or joined no namespace in time
};
// "client namespace disconnect": the names that Socket.IO's users know.
std::string_view describe(DisconnectReason reason) noexcept;

// How a socket has left. Handlers may take the reason alone.
struct Disconnect {
  DisconnectReason reason = DisconnectReason::transport_close;
  // For people: "12 attachments, above the limit of 10". May be empty.
  std::string detail = {};

  operator DisconnectReason() const noexcept { return reason; }
};

// What the client said when it came.
struct Handshake {
  Json auth = {};  // of this namespace: an object, without members if it said nothing
  // The request that opened its session: the target with its query, the fields.
  std::shared_ptr<const http::OwnedRequest> request = {};
  net::Address address = {};  // as Exchange::peer_address()
  std::chrono::system_clock::time_point issued = {};
};

class NamespaceCore;
class SocketCore;

// An event's receivers and flags, put together step by step: socket.to("a").except("b").emit(...).
// A value, cheap to make; does nothing once its server has gone. Thread: the loop's.
class Emitter {
 public:
  Emitter broadcast() const;  // to all but the socket that it came from
  Emitter to(std::string_view room) const;
  Emitter in(std::string_view room) const { return to(room); }
  Emitter except(std::string_view room) const;
  Emitter droppable() const;
  Emitter local() const;
  Emitter compress(bool allowed) const;
  Emitter timeout(std::chrono::milliseconds time) const;

  // emit("move", 3, "left"): arguments as socketio::make_event() takes them. A last one that takes
  // AckReply& gets the answers of all receivers; those of other servers are awaited for a minute
  // if timeout() has not been called.
  template <class... T>
  void emit(std::string_view event, T&&... arguments) const {
    send(socketio::make_event(event, std::forward<T>(arguments)...));
  }
  // Names that are the protocol's own ("connect", "disconnect"...) throw std::invalid_argument,
  // more attachments than SocketServerOptions::packets allows std::length_error. Nothing has been
  // sent then.
  void send(Event event) const;

  // All of them join, leave, or are disconnected (`close`: with their whole session). Those on
  // other servers when these hear of it.
  void sockets_join(std::string_view room) const;
  void sockets_leave(std::string_view room) const;
  void disconnect_sockets(bool close = false) const;
  // Who they are. Called once, from inside the call if nobody else has to be asked; else when all
  // servers have answered, or after SocketServerOptions::request_timeout with what has come. Costs
  // a copy of each one's handshake: Namespace::room_size() counts without.
  void fetch_sockets(std::function<void(FetchedSockets)> handler) const;

 private:
  friend class SocketCore;
  friend class NamespaceCore;
  friend class Socket;
  friend class Namespace;

  void order(socketio::ClusterMessage message) const;

  std::weak_ptr<NamespaceCore> nsp_ = {};
  std::weak_ptr<SocketCore> only_ = {};  // straight to this one, whatever its rooms
  bool is_direct_ = false;
  Target target_ = {};
  EmitFlags flags_ = {};
  std::string sender_ = {};  // a socket that does not get what it sends to others
};

class Namespace;

// Called with each event before its listeners; what it returns is why they do not hear of it.
using EventFilter =
    std::function<std::optional<std::string>(std::string_view event, Values values)>;

// A reference is valid until the handler returns, and in the socket's own handlers, which are not
// called once it has gone; elsewhere keep id(), and ask Namespace::find(). Handlers of answers may
// come later than that. What a handler throws ends the client's session, "forced close", and goes
// to EventLoop::on_exception. Thread: the loop's.
class Socket {
 public:
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Public: the name of its own room. 20 characters, another one than the session's, which is
  // secret. Of a client of Socket.IO 2, which believes so, it is the session's, in namespaces other
  // than "/" behind the name and '#': then keep it from other clients.
  const std::string& id() const noexcept;
  Namespace& nsp() noexcept;
  const Handshake& handshake() const noexcept;
  bool connected() const noexcept;
  // It has taken up where a lost connection left off: id, rooms and data are those of before.
  bool recovered() const noexcept;
  engineio::Transport transport() const noexcept;
  // Of its session: not yet handed to the kernel, or to a poll. Above
  // EngineOptions::droppable_limit events that may be dropped are, above high_water it is time to
  // wait for on_drain(), and above send_limit the session is closed.
  std::size_t queued_bytes() const noexcept;
  // Yours. Destroyed with the socket, after on_disconnect.
  // A Json in it is what other servers see of it, and what recovery keeps where clients may come
  // again on another server.
  std::any& data() noexcept;

  // --- Rooms -------------------------------------------------------------------------------------
  void join(std::string_view room);
  void leave(std::string_view room);
  bool is_in(std::string_view room) const noexcept;
  std::vector<std::string> rooms() const;  // its own first

  // --- Events from the client --------------------------------------------------------------------
  // on("move", [](int steps, std::string_view way, Ack ack) { ... }): see socketio::make_handler().
  template <class F>
  Socket& on(std::string_view event, F handler) {
    return add(event, socketio::make_handler(std::move(handler)), false);
  }
  template <class F>
  Socket& once(std::string_view event, F handler) {
    return add(event, socketio::make_handler(std::move(handler)), true);
  }
  Socket& off(std::string_view event);
  Socket& on_any(AnyHandler handler);                // every event, before its own handlers
  Socket& prepend_any(AnyHandler handler);           // the same, before those that are there
  Socket& off_any();                                 // all of them
  Socket& on_any_outgoing(AnyHandler handler);       // every event that is sent to it
  Socket& prepend_any_outgoing(AnyHandler handler);  // and as above
  Socket& off_any_outgoing();
  Socket& use(EventFilter filter);
  // What a filter has refused, and arguments of another shape than a handler's: nobody else hears
  // of it.
  Socket& on_error(std::function<void(std::string_view event, std::string_view why)> handler);
  // No more than high_water waits for its client, after it was more.
  Socket& on_drain(std::function<void(Socket&)> handler);
  // Called once; rooms() still says where it was.
  Socket& on_disconnect(std::function<void(Socket&, const Disconnect&)> handler);

  // --- Events to the client ----------------------------------------------------------------------
  template <class... T>
  void emit(std::string_view event, T&&... arguments) {
    send(socketio::make_event(event, std::forward<T>(arguments)...));
  }
  void send(Event event);  // as Emitter::send()
  Emitter droppable();
  Emitter compress(bool allowed);
  Emitter timeout(std::chrono::milliseconds time);
  // To others: whoever is meant, this one is not.
  Emitter to(std::string_view room);
  Emitter in(std::string_view room) { return to(room); }
  Emitter except(std::string_view room);
  Emitter broadcast();
  Emitter local();

  // It leaves its namespace, or the client all of them (`close`). on_disconnect is called before
  // this returns.
  // From middleware: the client is refused, with "disconnected".
  void disconnect(bool close = false);

 protected:
  Socket() = default;
  ~Socket() = default;

 private:
  Socket& add(std::string_view event, EventHandler handler, bool once);
};

}  // namespace duplex::events
