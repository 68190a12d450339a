// A thousand clients go from long polling to WebSocket while events flow both ways.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

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

class ManyUpgrades {
 public:
  ManyUpgrades(std::uint64_t seed, std::size_t count)
      : world_(seed, {}, {.delay = milliseconds(2), .jitter = milliseconds(seed % 4)}),
        io_(*world_.server),
        listeners_(count) {
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
    world_.runner.run_for(milliseconds(200));
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
    listener.client = std::make_unique<SocketClient>(world_.client_side.loop, "http://127.0.0.1");
    ClientSocket& socket = listener.client->of("/");
    socket.on("number", [&listener, &socket](int number) {
      listener.heard.push_back(number);
      socket.emit("back", number);
    });
  }
  void emit_next() {
    io_.emit("number", next_++);
    world_.runner.run_for(milliseconds(10));
  }
  bool all_have_changed() const {
    return std::ranges::all_of(listeners_, [](const Listener& listener) {
      return listener.client->transport() == Transport::websocket;
    });
  }

  support::SimulatedServer world_;
  SocketServer io_;
  std::vector<Listener> listeners_;
  std::map<std::string, Numbers> back_;
  std::size_t connected_ = 0;
  int next_ = 0;
};

TEST(ManyUpgrades, LoseNothingAndKeepTheOrder) {
  ManyUpgrades upgrades(1, 1000);
  upgrades.run();
  upgrades.check();
}

}  // namespace
}  // namespace duplex::events
