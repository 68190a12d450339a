// `serve` over real sockets and two threads that share a port: wherever a connection lands.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "../../tools/duplex/serve/serve_loop.h"

namespace duplex::tools {

class TwoServeLoops : public testing::Test {
 protected:
  explicit TwoServeLoops(ServeOptions options = {}) {
    options.port = 0;
    options.threads = 2;
    options.feed.start = net::Clock::now();
    loops_.reserve(2);
    for (EventLoop& loop : event_loops_) {
      loops_.push_back(std::make_unique<ServeLoop>(loop, options, loops_));
      options.port = loops_.front()->server().port();
    }
    base_ = "127.0.0.1:" + std::to_string(options.port);
    for (std::size_t i = 0; i < 2; ++i)
      threads_[i] = std::thread([&, i] { event_loops_[i].run(); });
  }
  ~TwoServeLoops() override {
    for (std::size_t i = 0; i < 2; ++i) {
      event_loops_[i].stop();
      threads_[i].join();
    }
  }

  // Turns until that is so; a watchdog of the whole program ends what never is.
  template <class Condition>
  void until(Condition condition) {
    while (!condition()) loop_.turn(std::chrono::milliseconds(10));
  }

  std::array<EventLoop, 2> event_loops_;
  ServeLoops loops_;
  std::array<std::thread, 2> threads_;
  std::string base_;  // host and port
  EventLoop loop_;    // of the clients
};

}  // namespace duplex::tools
