// The server that peers nobody here wrote talk to: echo, bodies, files, events. Ends with its
// stdin.
#include <duplex/duplex.h>

#include <cstdio>
#include <string>
#include <thread>

#include "duplex/http/event_stream.h"

namespace {

void stream_events(duplex::Exchange& exchange) {
  exchange.start_stream(200, "text/event-stream", {{"Cache-Control", "no-store"}});
  for (int i = 1; i <= 3; ++i) {
    std::string text;
    const std::string id = std::to_string(i);
    const bool sendable =
        duplex::http::append_event(text, {.event = "tick", .data = "event " + id, .id = id});
    if (sendable) exchange.write(text);
  }
  exchange.finish();
}

}  // namespace

int main(int argc, char** argv) {
  duplex::EventLoop loop;
  duplex::Server server(loop);
  server.websocket(
      "/echo",
      {.on_message = [](duplex::Connection& peer, duplex::Message message) { peer.send(message); }},
      {.subprotocols = {"chat"}});
  server.websocket("/close", {.on_message = [](duplex::Connection& peer, duplex::Message) {
                     peer.close(duplex::CloseCode{4321}, "as you wish");
                   }});
  server.post("/body", [](duplex::Exchange& exchange) {
    exchange.respond(200, "application/octet-stream", duplex::as_text(exchange.body()));
  });
  server.get("/chunked", [](duplex::Exchange& exchange) {
    exchange.start_stream(200, "text/plain");
    for (const char* piece : {"one ", "two ", "three"}) exchange.write(piece);
    exchange.finish();
  });
  server.get("/events", stream_events);
  if (argc > 1) server.files("/files/", argv[1]);

  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  const std::jthread watch([&] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
}
