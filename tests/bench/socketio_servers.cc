// The servers of Socket.IO that are measured: as tests/bench/socketio_server.js.
#include <chrono>
#include <string>

#include "duplex/duplex.h"
#include "servers.h"

namespace duplex::bench {
namespace {

using socketio::Ack;
using socketio::Socket;

constexpr int unused_handlers = 8;

// Clients here answer no pings: none are sent.
socketio::ServerOptions options() {
  socketio::ServerOptions options;
  options.engine.session.ping_interval = std::chrono::hours(1);
  return options;
}

void run(EventLoop& loop, Server& server, Shared& shared) {
  shared.port = server.port();
  loop.run();
}

void add_handlers(Socket& socket, socketio::Server& io) {
  const auto answer = [](const socketio::Json& text, const Ack& ack) { ack(text); };
  socket.on("echo", answer);
  socket.on("spread", [&io](const socketio::Json& text) { io.emit("spread", text); });
  for (int i = 0; i < unused_handlers; ++i) socket.on("unused" + std::to_string(i), answer);
}

void add_handlers(socketio::Namespace& nsp) {
  const auto answer = [](Socket&, const socketio::Json& text, const Ack& ack) { ack(text); };
  nsp.on("echo", answer);
  nsp.on("spread", [&nsp](Socket&, const socketio::Json& text) { nsp.emit("spread", text); });
  for (int i = 0; i < unused_handlers; ++i) nsp.on("unused" + std::to_string(i), answer);
}

}  // namespace

void serve_duplex_socketio(Shared& shared) {
  EventLoop loop;
  Server server(loop);
  socketio::Server io(server, options());
  io.on_connection([&io](Socket& socket) { add_handlers(socket, io); });
  run(loop, server, shared);
}

void serve_duplex_socketio_of_namespace(Shared& shared) {
  EventLoop loop;
  Server server(loop);
  socketio::Server io(server, options());
  add_handlers(io.of("/"));
  run(loop, server, shared);
}

}  // namespace duplex::bench
