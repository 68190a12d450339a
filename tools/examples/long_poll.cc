// Long polling: an answer that waits. The exchange is named by its id and answered when there is
// news.
//   ./long_poll            then: curl http://127.0.0.1:9003/news
//                          and:  curl --data 'it rains' http://127.0.0.1:9003/news
#include <duplex/duplex.h>

#include <cstdio>
#include <utility>
#include <vector>

int main() {
  duplex::EventLoop loop;
  duplex::Server server(loop, {.port = 9003});
  std::vector<duplex::ExchangeId> waiting;

  server.get("/news", [&](duplex::Exchange& exchange) { waiting.push_back(exchange.id()); });
  server.post("/news", [&](duplex::Exchange& exchange) {
    for (const auto id : std::exchange(waiting, {})) {
      duplex::Exchange* parked = server.find(id);  // null when its peer has gone meanwhile
      if (parked) parked->respond(200, "text/plain", duplex::as_text(exchange.body()));
    }
    exchange.respond(204, "text/plain", "");
  });

  std::puts("http://127.0.0.1:9003/news");
  loop.run();
}
