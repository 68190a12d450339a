// What a peer sent before it went is handled, however it went.
#include <gtest/gtest.h>

#include <string>
#include <vector>

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

// A server at a Unix-domain socket, where close() is seen at once: as a hang-up, with the bytes
// still unread.
class UnreadOfAClosedUnixSocket : public testing::Test {
 protected:
  UnreadOfAClosedUnixSocket() {
    world_.server->websocket("/ws", {.on_message =
                                         [this](Connection& peer, Message) {
                                           ++messages_;
                                           id_ = peer.id();
                                           if (pauses_) peer.pause_reading();
                                         },
                                     .on_close = [this](Connection&, const auto&) { ++closed_; }});
  }

  void send_and_close(const std::string& frames) {
    simulation::Kernel kernel(world_.world, {.name = "unix peer"});
    const int fd = kernel.socket(net::AddressFamily::unix_domain);
    ASSERT_EQ(kernel.connect(fd, *net::Address::unix_path(path)), 0);
    for (const std::string& bytes : {support::opening_request(), frames}) {
      world_.runner.run_for(milliseconds(50));
      const Bytes piece = as_bytes(bytes);
      ASSERT_EQ(kernel.writev(fd, {&piece, 1}), static_cast<std::ptrdiff_t>(bytes.size()));
    }
    world_.runner.run_for(milliseconds(pauses_ ? 50 : 0));
    std::vector<std::byte> answer(1000);
    kernel.recv(fd, answer);  // else closing would be a reset
    kernel.close(fd);
    world_.runner.run_for(milliseconds(50));
  }

  SimulatedServer world_{1, {.unix_path = std::string(path)}};
  ConnectionId id_;
  bool pauses_ = false;
  int messages_ = 0;
  int closed_ = 0;
};

TEST_F(UnreadOfAClosedUnixSocket, TakesSeveralTurns) {
  send_and_close(burst());
  EXPECT_EQ(messages_, count);
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

// What is read in one turn and what the kernel still has, of whoever pauses after each message.
TEST_F(UnreadOfAClosedUnixSocket, WaitsForWhoPauses) {
  pauses_ = true;
  send_and_close(client_frame(0x81, "one") + client_frame(0x82, std::string(90'000, 'x')) +
                 client_frame(0x81, "three"));
  const std::uint64_t turns = world_.server_side.kernel.counts().of(net::Call::epoll_wait);
  world_.runner.run_for(std::chrono::seconds(1));
  EXPECT_LE(world_.server_side.kernel.counts().of(net::Call::epoll_wait), turns + 3) << "spins";
  for (int taken = 1; taken <= 3; ++taken) {
    EXPECT_EQ(messages_, taken);
    ASSERT_EQ(closed_, 0);
    world_.server->find(id_)->resume_reading();
    world_.runner.run_for(milliseconds(50));
  }
  EXPECT_EQ(closed_, 1);
}

// The end was seen while an earlier request of the three was being answered.
TEST(Unread, RequestsHearOfTheEndThatWasSeenBefore) {
  SimulatedServer world;
  std::vector<ExchangeId> asked;
  int ended = 0;
  world.server->get("/", [&](Exchange& exchange) {
    asked.push_back(exchange.id());
    exchange.on_end([&] { ++ended; });
  });
  support::RawPeer peer(world);
  for (int i = 0; i < 3; ++i) peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.end();
  for (std::size_t i = 0; i < 3; ++i) {
    peer.run_for(milliseconds(50));
    ASSERT_EQ(asked.size(), i + 1);
    EXPECT_EQ(ended, static_cast<int>(i) + 1);
    world.server->find(asked[i])->respond(200, "text/plain", "yes");
  }
}

// It has seen the end, but nobody of whom it knows is there any more.
TEST(Unread, NobodyHearsOfTheEndAfterTheServer) {
  SimulatedServer world;
  int asked = 0;
  int ended = 0;
  ExchangeId first;
  world.server->get("/", [&](Exchange& exchange) {
    if (++asked == 1) {
      first = exchange.id();
      return;
    }
    exchange.on_end([&] { ++ended; });
    world.server.reset();
  });
  support::RawPeer peer(world);
  for (int i = 0; i < 2; ++i) peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.end();
  peer.run_for(milliseconds(50));
  world.server->find(first)->respond(200, "text/plain", "yes");
  peer.run_for(milliseconds(50));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(ended, 0);
}

// What waits for its turn is offered again, and was read once.
TEST(Unread, BytesAreCountedAsTheyAreRead) {
  SimulatedServer world(1, {.max_events_per_turn = 3});
  int taken = 0;
  world.server->websocket("/", {.on_message = [&](Connection&, Message) { ++taken; }});
  support::RawPeer peer(world);
  const std::string opening = support::opening_request("/");
  peer.send(opening);
  peer.run_for(milliseconds(5));
  std::string burst;
  for (int i = 0; i < 500; ++i) burst += client_frame(0x82, "some bytes");
  peer.send(burst);
  peer.run_for(milliseconds(50));
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(world.server->stats().bytes_received, opening.size() + burst.size());
}

}  // namespace
}  // namespace duplex
