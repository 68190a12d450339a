// A chat by Socket.IO, for the clients that browsers and phones have already:
//   ./socketio_chat        then, in a page: const socket = io("http://127.0.0.1:9003");
#include <duplex/duplex.h>

#include <cstdio>
#include <string>

using duplex::socketio::Ack;
using duplex::socketio::Socket;

int main() {
  duplex::EventLoop loop;
  duplex::Server server(loop, {.port = 9003});
  duplex::socketio::ServerOptions options;
  options.engine.cors = {{.origins = {"*"}}};  // pages of any origin may come
  duplex::socketio::Server io(server, options);

  io.use([](Socket& socket, const duplex::socketio::Next& next) {
    const auto* const name = socket.handshake().auth.find("name");
    if (name == nullptr || name->text() == nullptr) return next({{"tell us your name"}});
    socket.data() = *name->text();
    next(std::nullopt);
  });

  io.on_connection([](Socket& socket) {
    const std::string name = std::any_cast<std::string>(socket.data());
    socket.join("lobby");
    socket.to("lobby").emit("joined", name);
    socket.on("chat", [&socket, name](const std::string& text, const Ack& ack) {
      socket.to("lobby").emit("chat", name, text);
      ack("delivered");
    });
    socket.on_disconnect([name](Socket& leaving, duplex::socketio::DisconnectReason reason) {
      leaving.to("lobby").emit("left", name, duplex::socketio::describe(reason));
    });
  });

  std::puts("http://127.0.0.1:9003/socket.io/");
  loop.run();
}
