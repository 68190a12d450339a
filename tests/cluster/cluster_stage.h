// Two Socket.IO servers joined by a Redis, in virtual time.
#pragma once

#include <string>

#include "../support/small_redis.h"
#include "../support/two_servers.h"
#include "duplex/cluster/redis.h"
#include "duplex/redis/subscriber.h"

namespace duplex::cluster {

using events::AdapterFactory;
using events::FetchedSockets;
using events::Socket;
using events::SocketServer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Texts;

class ClusterStage : public support::TwoServers {
 protected:
  using Make = AdapterFactory (*)(net::EventLoop& loop, std::string_view url, RedisOptions options);

  void serve_both(Make make, Recovery recovery = {}) {
    make_ = make;
    TwoServers::serve_both(recovery);
  }

  AdapterFactory adapter() override {
    const auto complain = [this](std::string_view what) {
      complaints_ += std::string(what) + "\n";
      if (on_error_) on_error_();
    };
    RedisOptions options = {.client = client_options_, .on_error = complain};
    return make_(world_.server_side.loop, "redis://127.0.0.1", std::move(options));
  }

  // Redis does something every millisecond.
  void pass(milliseconds time) override {
    for (; time.count() > 0; time -= milliseconds(1)) {
      run_for(milliseconds(1));
      redis_.serve();
    }
  }

  support::SmallRedis redis_{world_.world};
  Make make_ = nullptr;
  redis::ClientOptions client_options_;
  std::function<void()> on_error_;  // of both
  std::string complaints_;
};

}  // namespace duplex::cluster
