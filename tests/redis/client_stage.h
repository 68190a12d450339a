// A client of a scripted Redis, and a log of what it says.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duplex/redis/client.h"
#include "scripted_redis.h"

namespace duplex::redis {

using support::resp_text;

class ClientStage : public testing::Test {
 protected:
  Client& connect(std::string_view url = "redis://127.0.0.1", ClientOptions options = {}) {
    client_.emplace(world_.loop, url,
                    ConnectionHandlers{.on_connect = [this] { log_ += "connect\n"; },
                                       .on_disconnect =
                                           [this](const Error& error) {
                                             log_ += "disconnect: " + error.message + "\n";
                                             last_error_ = error;
                                           }},
                    options);
    return *client_;
  }
  ReplyHandler note() {
    return [this](const Reply& reply) {
      log_ += reply
                  ? resp_text(*reply) + "\n"
                  : (reply.error().refused ? "refused: " : "lost: ") + reply.error().message + "\n";
    };
  }
  void run_for(net::Clock::duration time) { world_.run_for(time); }
  // What has happened since the last call.
  std::string log() { return std::exchange(log_, {}); }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& each : lines) text += each + "\n";
    return text;
  }
  std::string commands() { return joined(world_.redis.commands()); }

  RedisWorld world_;
  std::string log_;
  Error last_error_;
  std::optional<Client> client_;
};

inline const std::string lost = "lost: 127.0.0.1:6379 closed the connection\n";
inline const std::string closed = "disconnect: 127.0.0.1:6379 closed the connection\n";

}  // namespace duplex::redis
