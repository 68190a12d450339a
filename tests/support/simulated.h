// A server and clients in one simulated world, in one thread and in virtual time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "duplex/duplex.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"

namespace duplex::support {

// A process of the world: its kernel and its loop.
struct SimulatedProcess {
  explicit SimulatedProcess(simulation::World& world, const std::string& name)
      : kernel(world, {.name = name}), loop(kernel, {.receive_buffer_size = 64 * 1024}) {}

  simulation::Kernel kernel;
  net::EventLoop loop;
};

// The server listens on 127.0.0.1:80. Members are destroyed in the right order: endpoints first.
class SimulatedServer {
 public:
  explicit SimulatedServer(std::uint64_t seed = 1, ServerOptions options = {},
                           simulation::LinkOptions link = {.delay = std::chrono::milliseconds(1)})
      : world({.seed = seed, .link = link}),
        server_side(world, "server"),
        client_side(world, "client"),
        runner(world) {
    options.port = 80;
    server.emplace(server_side.loop, std::move(options));
    runner.add(server_side.loop);
    runner.add(client_side.loop);
  }

  // Buried endpoints die in a last turn of their loops, of which the test hears no more: its
  // variables may be gone.
  ~SimulatedServer() {
    runner.on_round({});
    server.reset();
    runner.settle();
  }

  simulation::World world;
  SimulatedProcess server_side;
  SimulatedProcess client_side;
  simulation::Runner runner;
  std::optional<Server> server;
};

// Another server of the same process, on a loop of its own. Goes before the world does.
class SecondServer {
 public:
  SecondServer(SimulatedServer& world, std::uint16_t port);
  ~SecondServer();
  SecondServer(const SecondServer&) = delete;
  SecondServer& operator=(const SecondServer&) = delete;

  // In place of the present one.
  void restart(ServerOptions options) { server.emplace(loop, std::move(options)); }

 private:
  SimulatedServer& world_;

 public:
  net::EventLoop loop;
  std::optional<Server> server;
};

// A client of bare bytes: what a hostile peer is. Speaks to a simulated server through a kernel of
// its own process.
class RawPeer {
 public:
  explicit RawPeer(SimulatedServer& world, std::uint16_t port = 80);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  // Sends all of it (the world runs until it has left), or as much as the server takes before it
  // closes. `cut` > 0: in pieces of that size, each given time to arrive before the next.
  void send(std::string_view bytes, std::size_t cut = 0);
  // Sends what the kernel takes now, without letting time pass or reading; says how much that was.
  std::size_t offer(std::string_view bytes);
  void end();    // FIN
  void reset();  // RST
  // Gone without a word, as a process whose host forgets its connections.
  void vanish();
  // Lets the world run for `time`, and gathers what arrives meanwhile.
  void run_for(net::Clock::duration time);
  // The same, but reading all the while.
  void read_for(net::Clock::duration time);
  // What has arrived so far, and whether the server has ended the connection.
  const std::string& received() const noexcept { return received_; }
  bool ended() const noexcept { return ended_; }
  bool was_reset() const noexcept { return reset_; }

 private:
  void gather();

  SimulatedServer& world_;
  simulation::Kernel kernel_;
  int fd_ = -1;
  std::string received_;
  bool ended_ = false;
  bool reset_ = false;
};

}  // namespace duplex::support
