// Socket.IO of `duplex serve`; see socket_rooms.h.
#include "socket_rooms.h"

#include <string>

namespace duplex::tools {
namespace {

using socketio::Ack;
using socketio::Event;
using socketio::Socket;
using socketio::Values;

void add_echo(Socket& socket) {
  socket.on("echo", [&socket](Values values, const Ack& ack) {
    if (ack) return ack.answer({values.begin(), values.end()});
    Event event = socketio::make_event("echo");
    event.values.insert(event.values.end(), values.begin(), values.end());
    socket.send(std::move(event));
  });
}

void add_chat(Socket& socket) {
  socket.on("join", [&socket](const std::string& room, const Ack& ack) {
    socket.join(room);
    ack(socket.nsp().room_size(room));
  });
  socket.on("leave", [&socket](const std::string& room, const Ack& ack) {
    socket.leave(room);
    ack();
  });
  socket.on("chat", [&socket](const std::string& room, const std::string& text, const Ack& ack) {
    socket.to(room).emit("chat", room, socket.id(), text);
    ack();
  });
}

void add_handlers(Socket& socket) {
  add_echo(socket);
  add_chat(socket);
  socket.on_error([&socket](std::string_view event, std::string_view why) {
    socket.emit("refused", event, why);
  });
}

socketio::ServerOptions options() {
  socketio::ServerOptions options;
  options.engine.cors = {{.origins = {"*"}}};  // it tells nobody's secrets
  options.recovery.emplace();
  return options;
}

}  // namespace

SocketRooms::SocketRooms(Server& server) : io_(server, options()) {
  io_.on_connection(add_handlers);
  io_.of("/chat").on_connection(add_handlers);
}

}  // namespace duplex::tools
