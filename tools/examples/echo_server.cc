// An echo server on every core: each thread runs a loop and a server of its own, and shares
// nothing.
//   ./echo_server          then: duplex connect ws://127.0.0.1:9001/echo
#include <duplex/duplex.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

void serve() {
  duplex::EventLoop loop;
  duplex::Server server(loop, {.port = 9001, .reuse_port = true});
  server.websocket("/echo", {.on_message = [](duplex::Connection& peer, duplex::Message message) {
                     peer.send(message);  // not copied: straight from the receive buffer
                   }});
  loop.run();
}

}  // namespace

int main() {
  std::vector<std::jthread> threads(std::max(1U, std::thread::hardware_concurrency()));
  for (auto& thread : threads) thread = std::jthread(serve);
  std::printf("ws://127.0.0.1:9001/echo on %zu threads\n", threads.size());
}
