// The server that hostile requests reach through proxies: any path answers with what it understood,
// and /events sends one event for each POST to it. With --openings, /ws is a WebSocket and nothing
// else is there but /smuggled. Prints its port, ends with stdin. Other arguments: the proxies it
// trusts, and --proxy-protocol.
#include <duplex/duplex.h>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "duplex/http/event_stream.h"

namespace {

void echo(duplex::Exchange& exchange) {
  const duplex::http::Request& request = exchange.request();
  exchange.respond(200, "text/plain",
                   std::string(request.method) + ' ' + std::string(request.path) + ' ' +
                       std::string(duplex::as_text(exchange.body())));
}

class Events {
 public:
  explicit Events(duplex::Server& server) : server_(server) {
    server.get("/events", [this](duplex::Exchange& exchange) {
      exchange.start_stream(200, "text/event-stream", {{"Cache-Control", "no-store"}});
      readers_.push_back(exchange.id());
    });
    server.post("/events", [this](duplex::Exchange& exchange) {
      send(duplex::as_text(exchange.body()));
      exchange.respond(200, "text/plain", "sent");
    });
  }

 private:
  void send(std::string_view data) {
    std::string text;
    if (!duplex::http::append_event(text, {.data = data})) return;
    for (const duplex::ExchangeId id : readers_) {
      if (duplex::Exchange* const reader = server_.find(id)) reader->write(text);
    }
  }

  duplex::Server& server_;
  std::vector<duplex::ExchangeId> readers_;
};

bool take(std::vector<std::string>& words, const char* word) {
  return std::erase(words, word) != 0;
}

void serve_openings(duplex::Server& server) {
  server.websocket(
      "/ws",
      {.on_message = [](duplex::Connection& peer, duplex::Message message) { peer.send(message); }},
      {.subprotocols = {"chat"}, .allowed_origins = {"https://good.example"}});
  server.get("/smuggled", echo);
}

void serve_everything(duplex::Server& server) {
  for (const char* method : {"GET", "POST", "OPTIONS"}) server.route(method, "/{rest...}", echo);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool openings = take(words, "--openings");
  duplex::ServerOptions options;
  options.proxy_protocol = take(words, "--proxy-protocol");
  options.trusted_proxies = words;
  duplex::EventLoop loop;
  duplex::Server server(loop, options);
  openings ? serve_openings(server) : serve_everything(server);
  const Events events(server);

  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  const std::jthread watch([&] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
}
