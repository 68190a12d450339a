// What the servers of one Socket.IO application tell each other, whatever carries it: values. Pure.
// Source: the messages of Socket.IO's cluster adapter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "duplex/socketio/event.h"

namespace duplex::socketio {

// What happens to an event on its way.
struct EmitFlags {
  // May be dropped where the transport cannot take it now: no poll that waits, or bytes before it
  // in the queue. JavaScript's "volatile".
  bool droppable = false;
  bool local = false;    // to clients of this server alone
  bool compress = true;  // may be compressed on its way, as EngineOptions says
  // Until an acknowledgement counts as timed out. 0: it may take for ever.
  std::chrono::milliseconds timeout = {};
};

// Whom an event goes to: everybody in one of `rooms`, or everybody if there is none, who is in none
// of `except`. Each one gets it once. A socket's id is the name of a room of its own.
struct Target {
  std::vector<std::string> rooms = {};
  std::vector<std::string> except = {};
};

// A socket that may be here or on another server.
struct RemoteSocket {
  std::string id = {};
  std::vector<std::string> rooms = {};  // its own first
  // An object as Socket.IO's users know it: headers, time, address, xdomain, secure, issued
  // (milliseconds since 1970), url, query, auth.
  Json handshake = {};
  Json data = {};  // what Socket::data() holds, if that is a Json
};

// Who answered when all servers were asked for their sockets.
struct FetchedSockets {
  std::vector<RemoteSocket> sockets = {};
  std::size_t silent_servers = 0;  // that have not answered in time
};

// One message between the servers of one namespace. What its type has no use for is empty.
struct ClusterMessage {
  enum class Type : std::uint8_t {
    broadcast,           // `values` to the sockets of `target`; with a request: wants their answers
    client_count,        // answers that: so many sockets have got it
    broadcast_ack,       // and that: one of them has answered `value`
    sockets_join,        // those of `target` join `rooms`
    sockets_leave,       // or leave them
    disconnect_sockets,  // or go, with their whole session if `close`
    fetch_sockets,       // who are they?
    fetched_sockets,     // answers that
    server_side_emit,    // `values` to the servers themselves; with a request: wants an answer
    server_side_ack,     // answers that with `value`
    list_sockets,        // the ids of those in the rooms of `target`?
    list_rooms,          // the names of all rooms?
    listed_sockets,      // answers the one: `rooms`
    listed_rooms         // answers the other: `rooms`
  };

  Type type = Type::broadcast;
  std::string uid = {};      // of the server that it comes from
  std::string request = {};  // of a request and its answers: the same
  Target target = {};
  EmitFlags flags = {};
  JsonArray values = {};  // an event: its name is the first
  Json value = {};
  std::vector<std::string> rooms = {};
  bool close = false;
  std::size_t count = 0;
  std::vector<RemoteSocket> sockets = {};
  std::string offset = {};  // by which an adapter that keeps it knows it; empty: it does not
};

}  // namespace duplex::socketio
