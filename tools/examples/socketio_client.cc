// A member of the chat of socketio_chat: says something, and prints what the others say.
//   ./socketio_client Ada "hello, all"
#include <duplex/duplex.h>

#include <chrono>
#include <cstdio>
#include <string>

using duplex::socketio::AckReply;
using duplex::socketio::AckStatus;
using duplex::socketio::ClientSocket;
using duplex::socketio::JsonObject;

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "somebody";
  const std::string text = argc > 2 ? argv[2] : "hello, all";
  duplex::EventLoop loop;
  duplex::socketio::Client client(loop, "http://127.0.0.1:9003");
  ClientSocket& socket = client.of("/", {.auth = JsonObject{{"name", name}}});

  socket.on("chat", [](const std::string& who, const std::string& what) {
    std::printf("%s: %s\n", who.c_str(), what.c_str());
  });
  socket.on("joined", [](const std::string& who) { std::printf("%s is here\n", who.c_str()); });
  socket.on("left", [](const std::string& who) { std::printf("%s has left\n", who.c_str()); });

  socket.on_connect_error([&](ClientSocket& refused, const auto& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    if (!refused.active()) loop.stop();
  });
  socket.on_connect([&](ClientSocket& there) {
    there.timeout(std::chrono::seconds(5)).emit("chat", text, [](AckReply& reply) {
      std::puts(reply.status == AckStatus::answered ? "delivered" : "no answer");
    });
  });

  loop.run();
}
