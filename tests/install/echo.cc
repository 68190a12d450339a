// A program outside the project, built against what `make install` has installed: a server and a
// client in one loop, one message there and back. Its argument is the version it should find.
#include <duplex/duplex.h>

#include <cstdio>
#include <string>
#include <string_view>

int main(int argument_count, char** arguments) {
  if (argument_count != 2 || std::string_view(arguments[1]) != DUPLEX_VERSION) {
    std::fprintf(stderr, "the headers are of version %s\n", DUPLEX_VERSION);
    return 1;
  }
  duplex::EventLoop loop;
  duplex::Server server(loop);
  server.websocket("/echo", {.on_message = [](duplex::Connection& peer, duplex::Message message) {
                     peer.send(message);
                   }});
  duplex::Client client(loop);
  std::string answer;
  client.connect("ws://127.0.0.1:" + std::to_string(server.port()) + "/echo",
                 {.websocket = {.on_open = [](duplex::Connection& peer,
                                              const auto&) { peer.send_text("over and back"); },
                                .on_message =
                                    [&](duplex::Connection& peer, duplex::Message message) {
                                      answer = message.text();
                                      peer.close();
                                    },
                                .on_close = [&](duplex::Connection&,
                                                const duplex::CloseEvent&) { loop.stop(); }},
                  .on_failure = [&](const duplex::OpeningFailure& failure) {
                    std::fprintf(stderr, "%s\n", failure.message.c_str());
                    loop.stop();
                  }});
  loop.run();
  return answer == "over and back" ? 0 : 1;
}
