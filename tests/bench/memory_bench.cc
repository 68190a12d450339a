// User-space memory of an idle WebSocket connection, before and after a large message through each.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "child.h"
#include "heading.h"
#include "servers.h"
#include "sockets.h"

namespace duplex::bench {
namespace {

constexpr double allowed = 384;  // bytes per idle connection

double per_connection(std::uint64_t before, std::uint64_t after, std::size_t count) {
  return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(count);
}

void settle() { usleep(300'000); }

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  const std::size_t count = is_quick(argc, argv) ? 2'000 : 10'000;
  print_heading("Memory of idle WebSocket connections, user space");
  const Child server(serve_duplex_echo);
  pin_to_core(1);
  {
    // What the first connection and the first large message cost once is not counted.
    const int fd = connect_to_loopback(server.port());
    open_websocket(fd, "/");
    send_all(fd, masked_frame(false, std::string(65536, 'x')));
    receive_exactly(fd, unmasked_size(65536));
    close(fd);
  }
  settle();
  const std::uint64_t before = server.private_memory();
  std::vector<int> connections;
  for (std::size_t i = 0; i < count; ++i) {
    connections.push_back(connect_to_loopback(server.port()));
    open_websocket(connections.back(), "/");
  }
  settle();
  const double idle = per_connection(before, server.private_memory(), count);
  const std::string message = masked_frame(false, std::string(65536, 'x'));
  for (const int fd : connections) {
    send_all(fd, message);
    receive_exactly(fd, unmasked_size(65536));
  }
  settle();
  const double after = per_connection(before, server.private_memory(), count);
  std::printf("%zu connections: %.0f B each; after 64 KiB through each: %.0f B (at most %.0f)\n",
              count, idle, after, allowed);
  for (const int fd : connections) close(fd);
  const bool small_enough = idle <= allowed && after <= allowed;
  return small_enough || count < 10'000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
