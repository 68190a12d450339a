// A Socket.IO server that peers nobody here wrote talk to. Prints its port; ends with its stdin.
// Usage: interop_socketio_server [PORT [text|msgpack [CLIENT_FOLDER PAGE_FOLDER]]]
// The folders: that of Socket.IO's client for browsers, and of a page that uses it.
#include <duplex/duplex.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

namespace {

using duplex::socketio::Ack;
using duplex::socketio::Event;
using duplex::socketio::Json;
using duplex::socketio::JsonObject;
using duplex::socketio::Socket;
using duplex::socketio::Values;

void echo(Socket& socket) {
  socket.emit("auth", socket.handshake().auth);
  socket.on("message", [&socket](Values values) {
    Event event = duplex::socketio::make_event("message-back");
    event.values.insert(event.values.end(), values.begin(), values.end());
    socket.send(std::move(event));
  });
  socket.on("who am I", [&socket](const Ack& ack) { ack(socket.id()); });
  socket.on("message-with-ack", [](Values values, const Ack& ack) {
    ack.answer(duplex::socketio::JsonArray(values.begin(), values.end()));
  });
}

void rooms(Socket& socket) {
  socket.on("join", [&socket](const std::string& room, const Ack& ack) {
    socket.join(room);
    ack("joined");
  });
  socket.on("say", [&socket](const std::string& room, const Json& text) {
    socket.to(room).emit("said", text);
  });
  socket.on("count", [&socket](const Ack& ack) { ack(socket.nsp().socket_count()); });
}

void questions(Socket& socket) {
  socket.on("ask me", [&socket](int count) {
    for (int i = 0; i < count; ++i) {
      socket.timeout(std::chrono::seconds(2))
          .emit("question", i, [&socket](duplex::socketio::AckReply& reply) {
            socket.emit("answered", static_cast<int>(reply.status), reply.values);
          });
    }
  });
  socket.on("ask all", [&socket](const Ack& ack) {
    socket.nsp()
        .timeout(std::chrono::seconds(1))
        .emit("question", 7, [ack](duplex::socketio::AckReply& reply) {
          ack(static_cast<int>(reply.status), reply.values);
        });
  });
  socket.on("bytes please", [&socket] {
    const std::string seven(100'000, '\7');
    const JsonObject deep = {
        {"deep", duplex::socketio::to_json(std::vector{duplex::as_bytes(seven)})}};
    socket.emit("bytes", duplex::as_bytes("\1\2\3"), deep, duplex::Bytes());
  });
  socket.on("count up", [&socket](int count) {
    for (int i = 0; i < count; ++i) socket.emit("number", i);
  });
}

// Who asks for the second time is answered.
void slowness(Socket& socket) {
  static std::map<std::string, int> seen;
  socket.on("again", [](const std::string& key, const Ack& ack) {
    if (const int times = ++seen[key]; times > 1) ack(times);
  });
}

void endings(Socket& socket) {
  socket.on("kick me", [&socket](bool close) { socket.disconnect(close); });
  socket.on("die", [] { std::raise(SIGKILL); });
}

void lateness(Socket& socket, duplex::EventLoop& loop) {
  socket.on("late", [&loop](int time, const Ack& ack) {
    loop.run_after(std::chrono::milliseconds(time), [ack] { ack("late"); });
  });
}

void guard(duplex::socketio::Namespace& nsp) {
  nsp.use([](Socket& socket, const duplex::socketio::Next& next) {
    const Json* const token = socket.handshake().auth.find("token");
    const bool known = token != nullptr && token->text() != nullptr && *token->text() == "open";
    if (known) return next(std::nullopt);
    next(duplex::socketio::Refusal{"not authorized",
                                   JsonObject{{"why", "who are you?"}, {"code", 7}}});
  });
}

// The options of the command line. Clients of Socket.IO 2 may come, too.
duplex::socketio::ServerOptions options_of(int argc, char** argv) {
  duplex::socketio::ServerOptions options;
  options.engine.allow_eio3 = true;
  options.engine.session.ping_interval = std::chrono::seconds(1);
  options.engine.session.ping_timeout = std::chrono::milliseconds(1500);
  if (argc > 2 && std::string_view(argv[2]) == "msgpack") {
    options.parser = duplex::socketio::Parser::msgpack;
  }
  if (argc > 4) options.client_files = argv[3];
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  duplex::EventLoop loop;
  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  duplex::Server server(loop, {.port = static_cast<std::uint16_t>(port)});
  duplex::socketio::ServerOptions options = options_of(argc, argv);
  if (argc > 4) server.files("/page/", argv[4]);
  duplex::socketio::Server io(server, options);
  io.on_connection(echo).on_connection(rooms).on_connection(questions);
  io.on_connection(slowness).on_connection(endings).on_connection(
      [&loop](Socket& socket) { lateness(socket, loop); });
  io.of("/custom").on_connection(echo);
  guard(io.of("/guarded"));

  options.client_files.clear();
  options.path = "/quick/";
  options.engine.session.ping_interval = std::chrono::milliseconds(300);
  options.engine.session.ping_timeout = std::chrono::milliseconds(300);
  const duplex::socketio::Server quick(server, options);

  options.path = "/recovering/";
  options.engine.session = {};
  options.recovery.emplace();
  duplex::socketio::Server recovering(server, options);
  recovering.on_connection([](Socket& socket) {
    socket.emit("welcome", socket.recovered());
    socket.on("all later", [&nsp = socket.nsp()](int n) { nsp.emit("to all", n); });
  });

  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  const std::jthread watch([&] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
}
