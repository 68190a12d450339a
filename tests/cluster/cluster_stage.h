// Two Socket.IO servers with a client each, joined by a Redis, in virtual time.
#pragma once

#include <memory>
#include <string>

#include "../support/small_redis.h"
#include "../support/socket_world.h"
#include "duplex/cluster/redis.h"
#include "duplex/redis/subscriber.h"

namespace duplex::cluster {

using events::AdapterFactory;
using events::FetchedSockets;
using events::Socket;
using events::SocketServer;
using events::SocketServerOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Peer;
using support::Texts;

// The server of "/a/" and the one of "/b/"; the client of the first is in room "x".
class ClusterStage : public support::SocketWorld {
 protected:
  using Make = AdapterFactory (*)(net::EventLoop& loop, std::string_view url, RedisOptions options);

  void serve_both(Make make, std::optional<socketio::RecoveryOptions> recovery = {}) {
    make_ = make;
    recovery_ = recovery;
    a_ = server("/a/");
    b_ = server("/b/");
    run_for(milliseconds(20));
    at_a_ = peer("/a/");
    at_b_ = peer("/b/");
    id_a_ = at_a_->join();
    id_b_ = at_b_->join();
    in_a().join("x");
    run_for(milliseconds(20));
  }

  std::unique_ptr<SocketServer> server(const std::string& path) {
    SocketServerOptions options = {.path = path, .recovery = recovery_};
    options.adapter = make_(
        world_.server_side.loop, "redis://127.0.0.1",
        {.on_error = [this](std::string_view what) { complaints_ += std::string(what) + "\n"; }});
    options.request_timeout = seconds(1);
    return std::make_unique<SocketServer>(*world_.server, std::move(options));
  }

  // Redis does something every millisecond.
  void run_for(milliseconds time) {
    for (; time.count() > 0; time -= milliseconds(1)) {
      SocketWorld::run_for(milliseconds(1));
      redis_.serve();
    }
  }

  Socket& in_a() { return *a_->of("/").find(id_a_); }
  Socket& in_b() { return *b_->of("/").find(id_b_); }
  // What both have heard.
  std::string heard() {
    run_for(milliseconds(30));
    std::string all;
    for (const std::string& packet : at_a_->take()) all += "a:" + packet + " ";
    for (const std::string& packet : at_b_->take()) all += "b:" + packet + " ";
    return all;
  }

  support::SmallRedis redis_{world_.world};
  Make make_ = nullptr;
  std::optional<socketio::RecoveryOptions> recovery_;
  std::string complaints_;
  std::unique_ptr<SocketServer> a_;
  std::unique_ptr<SocketServer> b_;
  std::unique_ptr<Peer> at_a_;
  std::unique_ptr<Peer> at_b_;
  std::string id_a_;
  std::string id_b_;
};

}  // namespace duplex::cluster
