// What a peer sent before it went is handled, however it went.
#include <gtest/gtest.h>

#include <string>

#include "../support/simulated.h"
#include "../support/wire.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using support::client_frame;
using support::SimulatedServer;

constexpr std::string_view path = "/run/test.sock";
constexpr int count = 1000;  // messages: many times the work of one turn

std::string burst() {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += client_frame(0x81, "hi");
  return bytes;
}

// Over a Unix-domain socket, close() is seen at once: as a hang-up, with the bytes still unread.
TEST(Unread, OfAClosedUnixSocketTakesSeveralTurns) {
  SimulatedServer world(1, {.unix_path = std::string(path)});
  int messages = 0;
  int closed = 0;
  world.server->websocket("/ws", {.on_message = [&](Connection&, Message) { ++messages; },
                                  .on_close = [&](Connection&, const auto&) { ++closed; }});
  simulation::Kernel kernel(world.world, {.name = "unix peer"});
  const int fd = kernel.socket(net::AddressFamily::unix_domain);
  ASSERT_EQ(kernel.connect(fd, *net::Address::unix_path(path)), 0);
  for (const std::string& bytes : {support::opening_request(), burst()}) {
    world.runner.run_for(milliseconds(50));
    const Bytes piece = as_bytes(bytes);
    ASSERT_EQ(kernel.writev(fd, {&piece, 1}), static_cast<std::ptrdiff_t>(bytes.size()));
  }
  kernel.close(fd);
  world.runner.run_for(milliseconds(50));
  EXPECT_EQ(messages, count);
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(world.server->stats().connections, 0U);
}

}  // namespace
}  // namespace duplex
