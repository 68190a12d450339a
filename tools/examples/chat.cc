// A chat with rooms: a room is a topic, and a message to it is encoded once for all who listen.
//   ./chat                 then, several times: duplex connect ws://127.0.0.1:9002/rooms/lobby
#include <duplex/duplex.h>

#include <any>
#include <cstdio>
#include <string>

int main() {
  duplex::EventLoop loop;
  duplex::Server server(loop, {.port = 9002});

  const auto room_of = [](duplex::Connection& peer) -> std::string& {
    return std::any_cast<std::string&>(peer.user_data());
  };
  server.websocket("/rooms/{room}",
                   {.on_open =
                        [&](duplex::Connection& peer, const duplex::http::Request& request) {
                          peer.user_data() = std::string(request.path);
                          peer.subscribe(request.path);
                          server.publish(request.path, duplex::text_message("someone came in"),
                                         peer.id());
                        },
                    .on_message =
                        [&](duplex::Connection& peer, duplex::Message message) {
                          server.publish(room_of(peer), message, peer.id());
                        },
                    .on_close =
                        [&](duplex::Connection& peer, const duplex::CloseEvent&) {
                          server.publish(room_of(peer), duplex::text_message("someone left"));
                        }});

  std::puts("ws://127.0.0.1:9002/rooms/{room}");
  loop.run();
}
