// A thousand clients go from long polling to WebSocket while events flow both ways.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include "../support/sanitized.h"
#include "../support/simulated.h"
#include "duplex/events/socket_client.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using Numbers = std::vector<int>;

// Each client answers every number that it hears by the same.
struct Listener {
  std::unique_ptr<SocketClient> client = {};
  Numbers heard = {};
};

// Where they run: in virtual time, over a line that is worse with each seed ...
class Simulated {
 public:
  explicit Simulated(std::uint64_t seed)
      : world_(seed, {},
               {.delay = milliseconds(2),
                .jitter = milliseconds(seed),
                .split_rate = 0.1 * static_cast<double>(seed),
                .loss_rate = 0.005 * static_cast<double>(seed)}) {}
  Server& server() { return *world_.server; }
  net::EventLoop& client_loop() { return world_.client_side.loop; }
  void run_for(milliseconds time) { world_.runner.run_for(time); }

 private:
  support::SimulatedServer world_;
};

// ... or on real sockets, all in one loop. A client has two at once while it changes.
class Real {
 public:
  explicit Real(std::size_t clients) {
    rlimit limit = {};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    has_room_ = limit.rlim_max > 6 * clients;
  }
  bool has_room() const { return has_room_; }
  Server& server() { return server_; }
  net::EventLoop& client_loop() { return loop_; }
  void run_for(milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) loop_.turn(milliseconds(1));
  }

 private:
  net::EventLoop loop_;
  Server server_{loop_, {}};
  bool has_room_ = false;
};

template <class World>
class ManyUpgrades {
 public:
  ManyUpgrades(World& world, std::size_t count)
      : world_(world), io_(world.server()), listeners_(count) {
    io_.on_connection([this](Socket& socket) {
      socket.on("back", [this, id = socket.id()](int number) { back_[id].push_back(number); });
    });
  }

  // A number each 10 ms from the first client on until all have changed, and some more.
  void run() {
    for (Listener& listener : listeners_) {
      connect(listener);
      if (++connected_ % 50 == 0) emit_next();
    }
    for (int more = 0; more < 20; more += all_have_changed() ? 1 : 0) emit_next();
    for (int i = 0; i < 500 && !all_is_back(); ++i) world_.run_for(milliseconds(10));
  }

  void check() const {
    for (const Listener& listener : listeners_) {
      ASSERT_FALSE(listener.heard.empty());
      Numbers whole(static_cast<std::size_t>(next_ - listener.heard.front()));
      std::iota(whole.begin(), whole.end(), listener.heard.front());
      ASSERT_EQ(listener.heard, whole);
      ASSERT_EQ(back_.at(listener.client->of("/").id()), whole);
    }
  }

 private:
  void connect(Listener& listener) {
    listener.client = std::make_unique<SocketClient>(
        world_.client_loop(), "http://127.0.0.1:" + std::to_string(world_.server().port()));
    ClientSocket& socket = listener.client->of("/");
    socket.on("number", [&listener, &socket](int number) {
      listener.heard.push_back(number);
      socket.emit("back", number);
    });
  }
  void emit_next() {
    io_.emit("number", next_++);
    world_.run_for(milliseconds(10));
  }
  bool all_have_changed() const {
    return std::ranges::all_of(listeners_, [](const Listener& listener) {
      return listener.client->transport() == Transport::websocket;
    });
  }

  bool all_is_back() const {
    return std::ranges::all_of(listeners_, [this](const Listener& listener) {
      const auto back = back_.find(listener.client->of("/").id());
      return back != back_.end() && back->second.back() == next_ - 1;
    });
  }

  World& world_;
  SocketServer io_;
  std::vector<Listener> listeners_;
  std::map<std::string, Numbers> back_;
  std::size_t connected_ = 0;
  int next_ = 0;
};

class ManyUpgradesSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ManyUpgradesSeeds, LoseNothingAndKeepTheOrder) {
  const bool fewer = support::sanitized && GetParam() != 0;
  Simulated world(GetParam());
  ManyUpgrades upgrades(world, fewer ? 200 : 1000);
  upgrades.run();
  upgrades.check();
}

INSTANTIATE_TEST_SUITE_P(Some, ManyUpgradesSeeds, testing::Range<std::uint64_t>(0, 4));

TEST(ManyUpgradesTest, LoseNothingOnRealSockets) {
  constexpr std::size_t count = 1000;
  Real world(count);
  if (!world.has_room()) GTEST_SKIP() << "RLIMIT_NOFILE is too low";
  ManyUpgrades upgrades(world, count);
  upgrades.run();
  upgrades.check();
}

}  // namespace
}  // namespace duplex::events
