// A simulated server of what lasts: a stream of events at /events and a long poll at /poll.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "../support/simulated.h"
#include "duplex/endpoint/exchange.h"

namespace duplex {

inline bool open_events(Exchange& exchange) {
  return exchange.start_stream(200, "text/event-stream", {{"Cache-Control", "no-store"}});
}

class StreamingServer : public testing::Test {
 protected:
  StreamingServer() {
    world_.server->get("/events", [this](Exchange& exchange) {
      started_ = open_events(exchange);
      stream_ = exchange.id();
      exchange.on_gone([this] { ++gone_; });
      exchange.on_drain([this] { ++drained_; });
    });
    world_.server->get("/poll", [this](Exchange& exchange) {
      poll_ = exchange.id();
      exchange.on_gone([this] { ++gone_; });
    });
  }

  SendStatus write(std::string_view text) {
    Exchange* exchange = world_.server->find(stream_);
    return exchange == nullptr ? SendStatus::refused : exchange->write(text);
  }

  support::SimulatedServer world_;
  ExchangeId stream_;
  ExchangeId poll_;
  bool started_ = false;
  int gone_ = 0;
  int drained_ = 0;
};

}  // namespace duplex
