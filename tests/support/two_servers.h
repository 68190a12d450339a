// Two Socket.IO servers of one application with a client each, in virtual time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "socket_world.h"

namespace duplex::support {

// The server of "/a/" and the one of "/b/"; the client of the first is in room "x". What joins them
// is the test's.
class TwoServers : public SocketWorld {
 protected:
  using Recovery = std::optional<socketio::RecoveryOptions>;
  using milliseconds = std::chrono::milliseconds;

  void serve_both(Recovery recovery = {}) {
    a_ = server("/a/", recovery);
    b_ = server("/b/", recovery);
    pass(milliseconds(20));
    at_a_ = peer("/a/");
    at_b_ = peer("/b/");
    id_a_ = at_a_->join();
    id_b_ = at_b_->join();
    in_a().join("x");
    pass(milliseconds(20));
  }

  // Servers that do not answer are given up after a second.
  std::unique_ptr<SocketServer> server(const std::string& path, Recovery recovery) {
    SocketServerOptions options = {.path = path, .recovery = recovery};
    options.adapter = adapter();
    options.request_timeout = std::chrono::seconds(1);
    return std::make_unique<SocketServer>(*world_.server, std::move(options));
  }

  virtual AdapterFactory adapter() = 0;
  virtual void pass(milliseconds time) { run_for(time); }

  Socket& in_a() { return *a_->of("/").find(id_a_); }
  Socket& in_b() { return *b_->of("/").find(id_b_); }
  // What both have heard.
  std::string heard() {
    pass(milliseconds(30));
    std::string all;
    for (const std::string& packet : at_a_->take()) all += "a:" + packet + " ";
    for (const std::string& packet : at_b_->take()) all += "b:" + packet + " ";
    return all;
  }
  // What the second one learns when it asks for everybody; nothing: it is still waiting.
  std::optional<FetchedSockets> fetched_by_b(milliseconds time) {
    const auto fetched = std::make_shared<std::optional<FetchedSockets>>();
    b_->everybody().fetch_sockets([fetched](FetchedSockets all) { *fetched = std::move(all); });
    pass(time);
    return *fetched;
  }

  std::unique_ptr<SocketServer> a_;
  std::unique_ptr<SocketServer> b_;
  std::unique_ptr<Peer> at_a_;
  std::unique_ptr<Peer> at_b_;
  std::string id_a_;
  std::string id_b_;
};

}  // namespace duplex::support
